/**
 * Rows of suite `shim`: what one sample of the host's figures costs, ours against `systeminformation`, against
 * the same files opened each time, and against the budget.
 *
 * The peer is asked for the same figures and for nothing else; its first call is not counted, as it caches.
 */
import { readFileSync, statfsSync } from 'node:fs';
import { currentLoad, fsSize, mem, networkStats } from 'systeminformation';
import { openHost } from '../../firmware-shim/open-host.ts';
import { type BenchRow, pairedRow } from '../harness.ts';

const ROUNDS = 15;
/** A sample of ours is shorter than a clock can be trusted for. */
const SAMPLES_PER_ROUND = 200;
const BUDGET_MS = 0.2;
const FILES = ['/proc/stat', '/proc/meminfo', '/proc/uptime', '/proc/net/dev'];

export async function metricsRows(): Promise<readonly BenchRow[]> {
  const host = openHost({ uplinks: { wan: ['lo'] }, diskPath: '/' });
  const ours: number[] = [];
  const opened: number[] = [];
  const peer: number[] = [];
  try {
    await askPeer();
    sampleMs(() => host.sample(performance.now()));
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(sampleMs(() => host.sample(performance.now())));
      opened.push(sampleMs(readEachTime));
      const startMs = performance.now();
      await askPeer();
      peer.push(performance.now() - startMs);
    }
  } finally {
    host.close();
  }
  const row = { unit: 'ms', ours };
  return [
    pairedRow({
      ...row,
      id: 'metrics-sample',
      what: 'one sample of load, memory, disk, uptime and traffic',
      peerName: 'systeminformation',
      peer,
      ratioMax: 0.1,
    }),
    pairedRow({
      ...row,
      id: 'metrics-sample-kept',
      what: 'the same, parsed from kept descriptors, against opening and reading the files only',
      peerName: 'readFileSync',
      peer: opened,
      ratioMax: 1,
    }),
    pairedRow({
      ...row,
      id: 'metrics-sample-budget',
      what: 'the same, against its budget',
      peerName: 'budget',
      peer: ours.map(() => BUDGET_MS),
      ratioMax: 1,
    }),
  ];
}

/** Mean of one round. */
function sampleMs(once: () => void): number {
  const startMs = performance.now();
  for (let count = 0; count < SAMPLES_PER_ROUND; count += 1) once();
  return (performance.now() - startMs) / SAMPLES_PER_ROUND;
}

function readEachTime(): void {
  for (const file of FILES) readFileSync(file);
  statfsSync('/');
}

async function askPeer(): Promise<void> {
  await Promise.all([currentLoad(), mem(), networkStats('*'), fsSize()]);
}
