/**
 * One core's share of many seeds: a worker thread that runs each seed it is given and answers with its outcome.
 */
import { parentPort } from 'node:worker_threads';
import { assert } from '../../firmware-shim/base/assert.ts';
import { runSeed } from './seed-run.ts';

assert(parentPort !== null, 'seeds run in a worker thread');
const pool = parentPort;

pool.on('message', (seed: number) => {
  void run(seed);
});

async function run(seed: number): Promise<void> {
  const { transcript: _, faults: __, ...outcome } = await runSeed(seed);
  pool.postMessage(outcome);
}
