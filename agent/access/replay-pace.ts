/**
 * Lets what waited go at most so many a second, evenly (a token bucket): a fleet that comes back from a week offline
 * shall not drown its gateway, nor its own uplink (F-18).
 */
const EVENTS_PER_S = 200;
/** As many as may go at once after a rest: one window. */
const BURST = 8;
const MS_PER_EVENT = 1_000 / EVENTS_PER_S;

export class ReplayPace {
  /** When the bucket is full again. */
  #fullAtMs = Number.NEGATIVE_INFINITY;

  /** Takes one event's worth, if there is one. */
  take(nowMs: number): boolean {
    if (nowMs < this.nextAtMs(nowMs)) return false;
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + MS_PER_EVENT;
    return true;
  }

  /** When the next one may go; now, or later. */
  nextAtMs(nowMs: number): number {
    return Math.max(nowMs, this.#fullAtMs - (BURST - 1) * MS_PER_EVENT);
  }
}
