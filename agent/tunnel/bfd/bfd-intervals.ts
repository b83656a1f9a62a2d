/**
 * The intervals of one session: which it wants, which it has told the far end, which are in force, and the Poll
 * Sequence that leads from one to the next (RFC 5880 sections 6.5 and 6.8.3).
 *
 * A Poll carries no number, so a Final says only "I have heard your Poll". Values that change while a Poll
 * Sequence runs therefore wait for the next one, which begins only after a rest: otherwise a belated Final of
 * the first would vouch for values the far end has never seen, and it would time us out.
 */
import type { BfdTimers } from '../../model/tunnel.ts';
import { type IntervalsInForce, intervalsWhilePolling, slowed } from './bfd-timing.ts';

export class BfdIntervals {
  #wanted: BfdTimers;
  #told: BfdTimers;
  #inForce: IntervalsInForce;
  #isUp = false;
  #polling = false;
  #resting = false;

  constructor(timers: BfdTimers) {
    this.#wanted = timers;
    this.#told = timers;
    this.#inForce = slowed(timers);
  }

  get polling(): boolean {
    return this.#polling;
  }

  get inForce(): IntervalsInForce {
    return this.#inForce;
  }

  /** What the next packet says. The multiplier needs no Poll Sequence (section 6.8.12). */
  get told(): BfdTimers {
    const { desiredMinTxMs, requiredMinRxMs } = this.#told;
    return {
      desiredMinTxMs: this.#isUp ? desiredMinTxMs : this.#inForce.desiredMinTxMs,
      requiredMinRxMs,
      detectMult: this.#wanted.detectMult,
    };
  }

  get wanted(): BfdTimers {
    return this.#wanted;
  }

  plan(timers: BfdTimers): void {
    this.#wanted = timers;
    if (!this.#isUp) this.#settle();
    else if (!this.#polling && !this.#resting) this.#poll();
  }

  /** Section 6.8.3: slow until Up, then the wanted interval through a Poll Sequence. */
  moved(isUp: boolean): void {
    this.#isUp = isUp;
    this.#polling = isUp;
    this.#resting = false;
    this.#settle();
  }

  /** True when the Poll Sequence ended with it: a rest begins. */
  finalHeard(): boolean {
    if (!this.#polling) return false;
    this.#polling = false;
    this.#resting = true;
    this.#inForce = this.#told;
    return true;
  }

  rested(): void {
    this.#resting = false;
    if (this.#isUp && !isSame(this.#told, this.#wanted)) this.#poll();
  }

  #poll(): void {
    if (isSame(this.#told, this.#wanted)) return;
    this.#told = this.#wanted;
    this.#inForce = intervalsWhilePolling(this.#inForce, this.#told);
    this.#polling = true;
  }

  #settle(): void {
    this.#told = this.#wanted;
    this.#inForce = this.#isUp ? this.#wanted : slowed(this.#wanted);
  }
}

function isSame(a: BfdTimers, b: BfdTimers): boolean {
  return a.desiredMinTxMs === b.desiredMinTxMs && a.requiredMinRxMs === b.requiredMinRxMs;
}
