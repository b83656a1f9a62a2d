/**
 * Chance as an argument.
 *
 * Cores take a `Random`; production seeds one from the operating system, a simulated run from its seed
 * number, so that a run is a number. The generator is mulberry32: 32 bits of state, uniform enough for jitter
 * and fault draws, and not for secrets.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform 32-bit unsigned integer. */
  u32(): number;
}

export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  next(): number {
    return this.u32() / 0x1_0000_0000;
  }

  /** An independent stream, so that one consumer's draws do not shift another's. */
  fork(label: string): SeededRandom {
    let hash = this.u32();
    for (const char of label) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    return new SeededRandom(hash);
  }
}

/** Uniform in [lowMs, highMs). */
export function uniformMs(random: Random, lowMs: number, highMs: number): number {
  return lowMs + random.next() * (highMs - lowMs);
}
