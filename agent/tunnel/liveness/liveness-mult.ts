/**
 * Which detection multiplier keeps a session honest at the loss that is measured.
 *
 * Raised at once, because every hour with too small a multiplier risks a false failover; lowered one by one after a
 * quiet time and only when it would hold at twice the loss, so that it does not swing.
 */
import { falseDownOdds } from './false-down-odds.ts';

/** Three times the month that is promised, so that a month with two false Downs is rare. */
const HONEST_MS = 90 * 86_400_000;
/** More patience than this is no liveness: such a path is the business of its loss figures. */
const DETECT_MS_MAX = 6_000;
const MULT_MAX = 20;
/** Between two steps down. */
export const LOWER_AFTER_MS = 600_000;
/** A run of losses seen once may come again a little longer. */
const RUN_MARGIN = 2;

export interface MultQuestion {
  /** The profile's own; never less. */
  readonly base: number;
  readonly current: number;
  readonly intervalMs: number;
  /** Of our packets on their way to the far end, which judges us by them. */
  readonly lossRatio: number;
  /** The most packets known to have been lost in a row. */
  readonly longestRun: number;
  readonly unchangedForMs: number;
}

export function nextMult(question: MultQuestion): number {
  const { base, current, intervalMs, lossRatio, longestRun, unchangedForMs } = question;
  const needed = multFor(base, intervalMs, lossRatio, longestRun);
  if (needed > current) return needed;
  const restful = multFor(base, intervalMs, lossRatio * 2, longestRun);
  return restful < current && unchangedForMs >= LOWER_AFTER_MS ? current - 1 : current;
}

function multFor(base: number, intervalMs: number, lossRatio: number, longestRun: number): number {
  const most = Math.max(base, Math.min(MULT_MAX, Math.floor(DETECT_MS_MAX / intervalMs)));
  let mult = base;
  // One lost alone is every path's; two in a row show that losses come in company.
  if (longestRun >= 2) mult = Math.max(mult, Math.min(most, longestRun + RUN_MARGIN));
  while (mult < most && isDishonest(intervalMs, mult, lossRatio)) mult += 1;
  return mult;
}

function isDishonest(intervalMs: number, detectMult: number, lossRatio: number): boolean {
  const odds = falseDownOdds({ intervalMs, detectMult, lossRatio });
  return odds.meanMsBetween < HONEST_MS;
}
