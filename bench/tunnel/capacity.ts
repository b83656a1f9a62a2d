/**
 * Rows of suite `tunnel`: how many sessions one fast-path thread carries without a lie.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchRow, boundRow } from '../harness.ts';
import { GATEWAY_FLAGS } from './end-process.ts';
import { watched, withOwnPair } from './own-pair.ts';

const SESSIONS = 2_000;
const INTERVAL_MS = 50;
const WATCH_MS = 10_000;
/** One core is 100; the control thread beside it only receives facts. */
const CORE_PERCENT = 100;

export async function capacityRows(): Promise<readonly BenchRow[]> {
  const { falseDowns, cpuPercent } = await withOwnPair(
    SESSIONS,
    INTERVAL_MS,
    async (pair) => watched(pair, async () => sleep(WATCH_MS)),
    GATEWAY_FLAGS,
  );
  const what = `${SESSIONS} sessions at ${INTERVAL_MS} ms for ${WATCH_MS / 1_000} s`;
  return [
    boundRow({
      id: `capacity-downs-${SESSIONS}x${INTERVAL_MS}`,
      what: `false Downs at both ends, ${what}`,
      unit: 'Downs',
      samples: [falseDowns],
      figure: 'max',
      most: 0,
    }),
    boundRow({
      id: `capacity-cpu-${SESSIONS}x${INTERVAL_MS}`,
      what: `CPU of one end, ${what}`,
      unit: '% of a core',
      samples: [cpuPercent],
      figure: 'max',
      most: CORE_PERCENT,
    }),
  ];
}
