/**
 * Growing, fully jittered delays between attempts.
 *
 * Full jitter (uniform between nothing and the ceiling) spreads a fleet that lost its gateway at one moment;
 * the floor keeps one unlucky draw from hammering. The attempt count resets only when the caller says the
 * thing has been stable, never on mere success.
 */
import { type Random, uniformMs } from './random.ts';

export interface BackoffLimits {
  readonly floorMs: number;
  readonly baseMs: number;
  readonly ceilingMs: number;
}

/** Doubling stops here so that the power cannot overflow; the ceiling is long reached. */
const DOUBLINGS_MAX = 30;

export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #random: Random;
  #attempts = 0;

  constructor(limits: BackoffLimits, random: Random) {
    this.#limits = limits;
    this.#random = random;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** The delay before the next attempt, in milliseconds. */
  nextDelayMs(): number {
    const doublings = Math.min(this.#attempts, DOUBLINGS_MAX);
    this.#attempts += 1;
    const ceilingMs = Math.min(this.#limits.ceilingMs, this.#limits.baseMs * 2 ** doublings);
    return Math.max(this.#limits.floorMs, uniformMs(this.#random, 0, ceilingMs));
  }

  /** The thing has proved stable: start small again. */
  reset(): void {
    this.#attempts = 0;
  }
}
