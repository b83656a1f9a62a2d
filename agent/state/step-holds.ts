/**
 * Steps that wait, and until when: one that failed for its backoff, one that was done until the kernel has said so.
 */
import { Backoff } from '../../firmware-shim/base/backoff.ts';
import type { Random } from '../../firmware-shim/base/random.ts';

/** A step that fails is tried again after this, growing: an engine may just be starting. */
const RETRY = { floorMs: 500, baseMs: 1_000, ceilingMs: 30_000 };

interface Hold {
  readonly untilMs: number;
  readonly backoff: Backoff | undefined;
}

export class StepHolds {
  readonly #random: Random;
  readonly #holds = new Map<string, Hold>();

  constructor(random: Random) {
    this.#random = random;
  }

  has(key: string): boolean {
    return this.#holds.has(key);
  }

  /** It waits because it failed, and not for the kernel to say that it is done. */
  hasFailed(key: string): boolean {
    return this.#holds.get(key)?.backoff !== undefined;
  }

  /** 0: it does not wait. */
  untilMs(key: string): number {
    return this.#holds.get(key)?.untilMs ?? 0;
  }

  holdUntil(key: string, untilMs: number): void {
    this.#holds.set(key, { untilMs, backoff: undefined });
  }

  /** When it is tried again, and whether it had failed before. */
  failed(key: string, nowMs: number): { readonly retryInMs: number; readonly isAgain: boolean } {
    const former = this.#holds.get(key)?.backoff;
    const backoff = former ?? new Backoff(RETRY, this.#random);
    const retryInMs = backoff.nextDelayMs();
    this.#holds.set(key, { untilMs: nowMs + retryInMs, backoff });
    return { retryInMs, isAgain: former !== undefined };
  }

  release(key: string): void {
    this.#holds.delete(key);
  }

  /** What has waited long enough and is no step any more is over. */
  forgetBut(isWanted: (key: string) => boolean, nowMs: number): void {
    for (const [key, hold] of this.#holds) {
      if (hold.untilMs <= nowMs && !isWanted(key)) this.#holds.delete(key);
    }
  }

  clear(): void {
    this.#holds.clear();
  }
}
