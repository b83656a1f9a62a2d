/**
 * Input number `index` of a target under a seed: the same on every machine, and independent of all others.
 *
 * Because an input is a number, a watcher on another thread can name the one that hung.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import { below, type Material, mutated, noise } from './mutation.ts';
import type { FuzzTarget } from './target.ts';

/** Pure noise rarely gets past the first byte of a format; it is there for the readers of streams. */
const NOISE_SHARE = 0.05;
const NOISE_BYTES_MAX = 300;
const MEND_SHARE = 0.6;
const RESHAPE_SHARE = 0.5;

export interface CorpusEntry {
  /** What the input is, in words. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export class Inputs {
  readonly #target: FuzzTarget;
  readonly #seed: number;
  readonly #material: Material;

  constructor(target: FuzzTarget, corpus: readonly CorpusEntry[], seed: number) {
    const encoder = new TextEncoder();
    this.#target = target;
    this.#seed = seed;
    this.#material = {
      bytesMax: target.bytesMax,
      corpus: [...corpus.map(({ bytes }) => bytes), ...(target.seeds?.() ?? [])],
      words: (target.dictionary ?? []).map((word) => encoder.encode(word)),
    };
  }

  at(index: number): Uint8Array {
    const random = new SeededRandom(
      Math.imul(this.#seed, 0x9e37_79b1) ^ Math.imul(index, 0x85eb_ca6b),
    );
    if (random.next() < NOISE_SHARE) {
      return noise(random, below(random, Math.min(NOISE_BYTES_MAX, this.#target.bytesMax)));
    }
    const { corpus } = this.#material;
    const start = corpus[below(random, corpus.length)] ?? new Uint8Array(0);
    const { reshape } = this.#target;
    if (reshape !== undefined && random.next() < RESHAPE_SHARE) {
      return reshape(start, random).subarray(0, 2 * this.#target.bytesMax);
    }
    const input = mutated(start, random, this.#material);
    const mends = this.#target.mend !== undefined && random.next() < MEND_SHARE;
    return mends ? (this.#target.mend?.(input, random) ?? input) : input;
  }
}

/** The committed inputs of a target, in the order of their names. */
export function corpusOf(name: string): readonly CorpusEntry[] {
  const folder = new URL(`corpus/${name}/`, import.meta.url);
  // A reader with planted faults has none.
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((file) => ({ name: file, bytes: new Uint8Array(readFileSync(new URL(file, folder))) }));
}
