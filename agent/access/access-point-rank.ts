/**
 * The order of access points by what was measured of them.
 *
 * The round trip that counts is the shortest: whatever made the others longer was a queue and not the distance.
 */
export interface Sampled {
  sent: number;
  readonly rttsMs: number[];
  /** Once the round is over. */
  readonly lossPercent?: number;
  readonly rttMs?: number;
}

/** A point that loses this much is no neighbour, however near it is. */
const LOSS_PERCENT_MAX = 50;
/** Nearer by less than this, or by less than a tenth, is not nearer. */
const CLEARLY_MS = 2;
const CLEARLY_RATIO = 0.9;

/** The nearest first; the one in front stays unless another is clearly nearer. What was not measured keeps its place. */
export function rankOf(
  order: readonly string[],
  samples: ReadonlyMap<string, Sampled>,
): readonly string[] {
  const distance = (id: string): number => distanceOf(samples.get(id));
  const sorted = order.toSorted((a, b) => compare(distance(a), distance(b)));
  const [front] = order;
  const [best] = sorted;
  if (front === undefined || best === undefined || front === best) return sorted;
  const now = distance(front);
  const isClear = distance(best) < now * CLEARLY_RATIO && distance(best) < now - CLEARLY_MS;
  return isClear ? sorted : [front, ...sorted.filter((id) => id !== front)];
}

/** Unmeasured points come behind those that answered, and before those that do not. */
function distanceOf(sampled: Sampled | undefined): number {
  if (sampled?.lossPercent === undefined) return Number.MAX_VALUE;
  const { rttMs, lossPercent } = sampled;
  return rttMs === undefined || lossPercent > LOSS_PERCENT_MAX ? Number.POSITIVE_INFINITY : rttMs;
}

/** Infinities are equal, which their difference is not. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
