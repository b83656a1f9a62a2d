/**
 * How often each asker may try: some tries at once, then one whenever a rest is over. Askers do not slow each other down.
 */
interface Bucket {
  readonly tries: number;
  readonly atMs: number;
}

export interface PaceRule {
  readonly triesAtOnce: number;
  /** After which one further try is allowed. */
  readonly restMs: number;
}

/** Ten tries a minute; 10^5 guesses of one asker take a week. */
export const LOGON_PACE: PaceRule = { triesAtOnce: 10, restMs: 6_000 };
/** Far more than a hand can do. */
export const MESSAGE_PACE: PaceRule = { triesAtOnce: 30, restMs: 1_000 };

/** Askers remembered; the one that was seen least recently is forgotten. */
const ASKERS_MAX = 1_024;

export class Pace {
  readonly #rule: PaceRule;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rule: PaceRule) {
    this.#rule = rule;
  }

  /** 0 when this try is allowed, otherwise the time until the next one is. */
  waitMs(asker: string, nowMs: number): number {
    const { triesAtOnce, restMs } = this.#rule;
    const { tries, atMs } = this.#buckets.get(asker) ?? { tries: triesAtOnce, atMs: nowMs };
    const filled = Math.min(triesAtOnce, tries + Math.max(0, nowMs - atMs) / restMs);
    const allowed = filled >= 1;
    this.#buckets.delete(asker);
    this.#buckets.set(asker, { tries: allowed ? filled - 1 : filled, atMs: nowMs });
    if (this.#buckets.size > ASKERS_MAX) {
      const oldest = this.#buckets.keys().next();
      if (oldest.done !== true) this.#buckets.delete(oldest.value);
    }
    return allowed ? 0 : Math.ceil((1 - filled) * restMs);
  }

  /** The asker has shown who he is, or is gone. */
  forgive(asker: string): void {
    this.#buckets.delete(asker);
  }
}
