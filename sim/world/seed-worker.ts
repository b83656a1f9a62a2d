/**
 * One core's share of many seeds: a worker thread that runs each seed it is given and answers with its outcome.
 *
 * With a canary it plants the bug first; the world is loaded after that.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../firmware-shim/base/assert.ts';
import { plant } from '../canaries/planting.ts';
import type { SeedWorkerData } from './seed-pool.ts';

assert(parentPort !== null, 'seeds run in a worker thread');
const pool = parentPort;
const { canary, twice } = workerData as SeedWorkerData;
if (canary !== undefined) plant(canary);
const { runSeed } = await import('./seed-run.ts');
const { liveTwice } = await import('./seed-twice.ts');

pool.on('message', (seed: number) => {
  void run(seed);
});

async function run(seed: number): Promise<void> {
  if (twice) {
    pool.postMessage(await liveTwice(seed));
    return;
  }
  const { transcript: _, faults: __, ...outcome } = await runSeed(seed);
  pool.postMessage(outcome);
}
