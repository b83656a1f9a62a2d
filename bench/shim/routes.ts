/**
 * Rows of suite `shim`: five thousand routes dumped and parsed against `ip -j`, and put against `ip -batch`.
 *
 * The peer's time includes the start of its process, some 3 ms, because its callers pay that.
 */
import type { KernelNetlink } from '../../firmware-shim/adapters/kernel-netlink.ts';
import type { KernelDumpResult } from '../../firmware-shim/kernel/operations.ts';
import { type KernelRoute, ROUTE_PROTOCOL } from '../../firmware-shim/kernel/types.ts';
import { openKernel } from '../../firmware-shim/open-kernel.ts';
import { type BenchRow, pairedRow } from '../harness.ts';
import type { BenchNetns } from './bench-netns.ts';

const ROUNDS = 9;
const ROUTES = 5_000;

const ROUTE_LIST: readonly KernelRoute[] = Array.from({ length: ROUTES }, (_, at) => ({
  family: 'ipv4',
  destination: `10.${100 + (at >> 8)}.${at & 255}.0/24`,
  table: 254,
  protocol: ROUTE_PROTOCOL,
  type: 'blackhole',
}));
const BATCH = ROUTE_LIST.map(
  ({ destination }) => `route add blackhole ${destination} proto ${ROUTE_PROTOCOL}\n`,
).join('');

export async function routeRows(netns: BenchNetns): Promise<readonly BenchRow[]> {
  const kernel = openKernel({ netnsPath: netns.path });
  const adds = { ours: [] as number[], peer: [] as number[] };
  const dumps = { ours: [] as number[], peer: [] as number[] };
  const flush = (): string => netns.ip(['route', 'flush', 'proto', String(ROUTE_PROTOCOL)]);
  try {
    // The first round warms up the compiler and is not counted.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const ourAdd = await taken(() => addAll(kernel));
      const ourDump = await taken(async () => expectAll(await dumpAll(kernel)));
      const peerDump = await taken(async () => {
        const words = ['-j', 'route', 'show', 'proto', String(ROUTE_PROTOCOL)];
        expectAll((JSON.parse(netns.ip(words)) as readonly unknown[]).length);
      });
      flush();
      const peerAdd = await taken(async () => void netns.ip(['-batch', '-'], BATCH));
      flush();
      if (round === 0) continue;
      adds.ours.push(ourAdd);
      adds.peer.push(peerAdd);
      dumps.ours.push(ourDump);
      dumps.peer.push(peerDump);
    }
  } finally {
    kernel.close();
  }
  const unit = 'ms';
  return [
    pairedRow({
      id: 'route-dump-5000',
      what: `${ROUTES} routes dumped and parsed`,
      unit,
      peerName: 'ip -j route',
      ...dumps,
      ratioMax: 0.8,
    }),
    pairedRow({
      id: 'route-add-5000',
      what: `${ROUTES} routes put, each acknowledged`,
      unit,
      peerName: 'ip -batch -',
      ...adds,
      ratioMax: 1.5,
    }),
  ];
}

function expectAll(count: number): void {
  if (count !== ROUTES) throw new Error(`${count} of ${ROUTES} routes`);
}

async function taken(run: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}

async function addAll(kernel: KernelNetlink): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let left = ROUTES;
    for (const route of ROUTE_LIST) {
      kernel.perform({ op: 'routeAdd', route }, (result) => {
        left -= 1;
        if (!result.ok) reject(new Error(result.refusal.code));
        else if (left === 0) resolve();
      });
    }
  });
}

async function dumpAll(kernel: KernelNetlink): Promise<number> {
  const result = await new Promise<KernelDumpResult>((resolve) => {
    kernel.dump({ dump: 'routes', family: 'ipv4', protocol: ROUTE_PROTOCOL }, resolve);
  });
  return result.ok ? result.objects.length : 0;
}
