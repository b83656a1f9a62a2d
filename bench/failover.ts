/**
 * Suite `failover`: how long the traffic of the branch stands still, ours against a tuned ping tracker, in
 * turn over the same tunnels of one network lab.
 *
 * The rounds themselves run inside the lab's enclosure (`failover-rounds.ts`).
 */
import { mkdir } from 'node:fs/promises';
import { runEnclosed } from '../sim/lab/enclosed-run.ts';
import { findEnclosure } from '../sim/lab/enclosure.ts';

/** Rounds of each side and each fault: enough for a median, short enough for CI. */
const ROUNDS = 5;

export async function runFailoverSuite(outDirectory: string): Promise<number> {
  const enclosure = await findEnclosure();
  if (!enclosure.possible) {
    console.error(`bench failover: ENOLAB: it needs the network lab: ${enclosure.why}`);
    return 1;
  }
  await mkdir(outDirectory, { recursive: true });
  return runEnclosed(enclosure, {
    job: 'bench-failover',
    withPage: false,
    outDirectory,
    rounds: ROUNDS,
  });
}
