/**
 * What can be fuzzed: a reader of foreign bytes with the property that must hold for every input.
 *
 * The property of all of them: nothing is thrown, and what comes out is either a typed value that survives
 * writing and reading again, or a typed refusal.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../../firmware-shim/base/random.ts';

export interface FuzzTarget {
  /** Longest input that is made; above the bounds of the reader, so that they are tested too. */
  readonly bytesMax: number;
  /** Words of the format, thrown in by the mutator. */
  readonly dictionary?: readonly string[];
  /** Further inputs to start from, such as hand-written vectors. */
  readonly seeds?: () => readonly Uint8Array[];
  /** Changes an input within its grammar, where byte damage alone would not get past the first parser. */
  readonly reshape?: (input: Uint8Array, random: Random) => Uint8Array;
  /** Mends the outer form of a damaged input (a checksum, a length), so that the damage reaches deeper. */
  readonly mend?: (input: Uint8Array, random: Random) => Uint8Array;
  /**
   * Throws when the property is broken. Answers with what became of the input in a word or two, of which
   * there are few: `accepted`, or the code of the refusal.
   */
  readonly check: (input: Uint8Array) => string;
}

/** The reader did not throw, but what it answered is wrong. */
export class PropertyBroken extends Error {
  override readonly name = 'PropertyBroken';
}

export function hold(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new PropertyBroken(sentence);
}

/** As much of a wrong value as a finding shows. */
const SHOWN_CHARACTERS_MAX = 500;

export function holdEqual(actual: unknown, expected: unknown, sentence: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const [got, wanted] = [actual, expected].map(
    (value) => JSON.stringify(value)?.slice(0, SHOWN_CHARACTERS_MAX) ?? String(value),
  );
  throw new PropertyBroken(`${sentence}: ${got} instead of ${wanted}`);
}

/** A refusal is a stable code, a JSON pointer and one bounded sentence. */
export function holdRefusal(refusal: {
  readonly code: string;
  readonly pointer: string;
  readonly sentence: string;
}): string {
  const { code, pointer, sentence } = refusal;
  hold(/^E[A-Z][A-Z0-9_]*$/.test(code), `a refusal has the code ${JSON.stringify(code)}`);
  hold(pointer === '' || pointer.startsWith('/'), `a refusal points at ${JSON.stringify(pointer)}`);
  hold(
    sentence !== '' && sentence.length <= SHOWN_CHARACTERS_MAX,
    `a refusal of ${code} says too little or too much`,
  );
  return code;
}
