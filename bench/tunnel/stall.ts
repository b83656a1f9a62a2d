/**
 * Rows of suite `tunnel`: the control thread is held up for seconds and four processes spin, and no session falls.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type BenchRow, boundRow } from '../harness.ts';
import { watched, withOwnPair } from './own-pair.ts';

const SESSIONS = 50;
const INTERVAL_MS = 50;
const BLOCK_MS = 2_000;
const ROUNDS = 3;
const SPINNERS = 4;

export async function stallRows(): Promise<readonly BenchRow[]> {
  const samples = await withOwnPair(SESSIONS, INTERVAL_MS, async (pair) => {
    const spinners = Array.from({ length: SPINNERS }, spin);
    const downs: number[] = [];
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const { falseDowns, near } = await watched(pair, async () =>
          pair.near.ask({ do: 'block', forMs: BLOCK_MS }),
        );
        downs.push(falseDowns);
        console.log(
          `stall round ${round + 1}: ${falseDowns} false Downs, ${near.scheduling}, late at most ${near.lateMsMax.toFixed(0)} ms`,
        );
      }
    } finally {
      await Promise.all(spinners.map(ended));
    }
    return downs;
  });
  return [
    boundRow({
      id: `stall-${SESSIONS}x${INTERVAL_MS}`,
      what: `false Downs of ${SESSIONS} sessions at ${INTERVAL_MS} ms while the control thread stands for ${BLOCK_MS} ms and ${SPINNERS} processes spin`,
      unit: 'Downs',
      samples,
      figure: 'max',
      most: 0,
    }),
  ];
}

function spin(): ChildProcess {
  return spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
