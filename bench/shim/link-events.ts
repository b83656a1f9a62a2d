/**
 * Rows of suite `shim`: from the flip of a device to the callback with the parsed event, ours against a
 * listener in C that does nothing else, in turn on the same device.
 *
 * Both hear the same multicast groups. Moments are CLOCK_MONOTONIC, the flip's taken right before its request is sent. Both listeners run as the
 * fast path does, SCHED_RR where that is granted.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type KernelNetlink, VIEW_GROUPS } from '../../firmware-shim/adapters/kernel-netlink.ts';
import { openKernel } from '../../firmware-shim/open-kernel.ts';
import { type BenchRow, pairedRow } from '../harness.ts';
import type { BenchNetns } from './bench-netns.ts';
import { nodeWords, startCounterpart } from './counterpart.ts';

const ROUNDS = 7;
const FLIPS = 300;
const GAP_MS = 8;
const REALTIME_PRIORITY = 10;
/** The groups of a kernel's view. */
const GROUPS_MASK = VIEW_GROUPS.reduce((mask, group) => (mask | (1 << (group - 1))) >>> 0, 0);
const WARM_UP_FLIPS = 50;

export async function linkEventRows(
  netns: BenchNetns,
  outDirectory: string,
): Promise<readonly BenchRow[]> {
  const listener = join(outDirectory, 'bench-listener');
  const source = new URL('listener.c', import.meta.url).pathname;
  execFileSync('cc', ['-O2', '-Wall', '-Werror', '-o', listener, source], { stdio: 'inherit' });
  const index = Number(netns.ip(['-o', 'link', 'show', 'wan1']).split(':', 1)[0]);
  const words = [netns.path, String(index), String(REALTIME_PRIORITY)];
  const kernel = openKernel({ netnsPath: netns.path });
  const ours = { p50: [] as number[], p99: [] as number[] };
  const peer = { p50: [] as number[], p99: [] as number[] };
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const sides = [
        { side: ours, program: process.execPath, all: nodeWords('listener.ts', ...words) },
        { side: peer, program: listener, all: [...words, String(GROUPS_MASK)] },
      ];
      // Who goes first changes, so that a drift of the machine does not favour one.
      if (round % 2 === 1) sides.reverse();
      for (const { side, program, all } of sides) {
        const latencies = await oneRound(kernel, index, program, all);
        side.p50.push(quantile(latencies, 0.5));
        side.p99.push(quantile(latencies, 0.99));
      }
    }
  } finally {
    kernel.close();
  }
  const peerName = 'C listener';
  const what = `link flip to callback with the parsed event, ${FLIPS} flips a round`;
  return [
    pairedRow({
      id: 'link-event-p50',
      what: `${what}, median`,
      unit: 'µs',
      peerName,
      ours: ours.p50,
      peer: peer.p50,
      ratioMax: 1.4,
    }),
    pairedRow({
      id: 'link-event-p99',
      what: `${what}, 99th percentile`,
      unit: 'µs',
      peerName,
      ours: ours.p99,
      peer: peer.p99,
      ratioMax: 1.5,
    }),
  ];
}

/** Latencies in µs of one side. */
async function oneRound(
  kernel: KernelNetlink,
  index: number,
  program: string,
  words: readonly string[],
): Promise<readonly number[]> {
  const counterpart = await startCounterpart(program, words);
  const flips: { readonly up: string; readonly ns: bigint }[] = [];
  for (let flip = 0; flip < FLIPS + WARM_UP_FLIPS; flip += 1) {
    const adminUp = flip % 2 === 1;
    const ns = process.hrtime.bigint();
    await new Promise<void>((resolve) => {
      kernel.perform({ op: 'linkSet', index, adminUp }, () => resolve());
    });
    flips.push({ up: adminUp ? '1' : '0', ns });
    await new Promise((resolve) => setTimeout(resolve, GAP_MS));
  }
  const heard = (await counterpart.finish()).map((line) => line.split(' '));
  if (heard.length !== flips.length || flips.some(({ up }, at) => heard[at]?.[0] !== up)) {
    throw new Error(`${program} heard ${heard.length} of ${flips.length} flips`);
  }
  const latencies = flips.map(({ ns }, at) => Number(BigInt(heard[at]?.[1] ?? 0) - ns) / 1000);
  return latencies.slice(WARM_UP_FLIPS);
}

function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
