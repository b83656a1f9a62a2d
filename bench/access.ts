/**
 * Suite `access`: what it costs to tell the gateway of a link event durably, against a bare MQTT publish of the same
 * payload to the same gateway in the same run; and what a device costs that has nothing to tell.
 *
 * Ours goes from the verdict of the fast path through reporter, outbox, a flush of the disk and MQTT to the PUBACK, which
 * means stored. The peer is mqtt.js from `publish` to its PUBACK, and keeps nothing. They take turns.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessBench } from './access/bench-run.ts';
import { type BenchRow, boundRow, pairedRow, writeRows } from './harness.ts';

const ROUNDS = 300;
/** Ours journals, which costs a flush, and tells link state as well. */
const RATIO_MAX = 3;
const TAIL = 0.99;
/** LTE plans are sold by the megabyte; this is a tenth of one a month. */
const IDLE_BYTES_PER_DAY_MAX = 3_000_000;

export async function runAccessSuite(outDirectory: string): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'sag-bench-access-'));
  const bench = await AccessBench.open(directory);
  try {
    const rows = [...(await latencyRows(bench)), ...(await idleRows(bench))];
    await writeRows('access', rows, outDirectory);
    return rows.every((row) => row.held) ? 0 : 1;
  } finally {
    await bench.close();
    rmSync(directory, { recursive: true });
  }
}

async function latencyRows(bench: AccessBench): Promise<readonly BenchRow[]> {
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await bench.linkEventMs());
    peer.push(await bench.barePublishMs());
  }
  const shared = { unit: 'ms', peerName: 'bare mqtt.js publish to PUBACK' };
  const row = pairedRow({
    ...shared,
    id: 'link-event-stored',
    what: 'a link event from its verdict until the gateway has stored it, p50',
    ours,
    peer,
    ratioMax: RATIO_MAX,
  });
  const [oursTail, peerTail] = [quantile(ours, TAIL), quantile(peer, TAIL)];
  const tail = pairedRow({
    ...shared,
    id: 'link-event-stored-p99',
    what: 'the same, p99 of each side',
    ours: [oursTail],
    peer: [peerTail],
    ratioMax: RATIO_MAX,
  });
  return [row, { ...tail, n: ROUNDS }];
}

async function idleRows(bench: AccessBench): Promise<readonly BenchRow[]> {
  const { bytesPerDay, flushesPerDay } = await bench.idle();
  return [
    boundRow({
      id: 'idle-bytes-per-day',
      what: 'TLS bytes of both directions that an idle device costs a day: measured pings and proofs of life, times their number',
      unit: 'bytes',
      samples: [bytesPerDay],
      figure: 'max',
      most: IDLE_BYTES_PER_DAY_MAX,
    }),
    boundRow({
      id: 'idle-flash-writes-per-day',
      what: 'commits of the store that an idle device causes a day',
      unit: 'commits',
      samples: [flushesPerDay],
      figure: 'max',
      most: 0,
    }),
  ];
}

function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
