/**
 * Runs inputs one after another and keeps count of what became of them.
 */
import type { FuzzTarget } from './target.ts';

export interface Failure {
  readonly index: number;
  /** What was thrown, with its stack. */
  readonly text: string;
}

export type Tally = Record<string, number>;

/** More different answers than this are not a few words. */
const WORDS_MAX = 200;

export interface InputLoopOptions {
  readonly target: FuzzTarget;
  readonly input: (index: number) => Uint8Array;
  /** An input slower than this is run again, and is a failure when it is slow again. */
  readonly inputMsMax: number;
  readonly onFailure: (failure: Failure) => void;
}

export class InputLoop {
  readonly tally: Tally = {};
  readonly #options: InputLoopOptions;

  constructor(options: InputLoopOptions) {
    this.#options = options;
  }

  run(index: number): void {
    const { target, input, inputMsMax, onFailure } = this.#options;
    try {
      const bytes = input(index);
      const tookMs = this.#check(target, bytes);
      if (tookMs <= inputMsMax) return;
      const againMs = this.#check(target, bytes);
      if (againMs > inputMsMax) {
        onFailure({ index, text: `Slow: ${Math.round(againMs)} ms for ${bytes.length} bytes` });
      }
    } catch (error) {
      onFailure({
        index,
        text: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  }

  #check(target: FuzzTarget, bytes: Uint8Array): number {
    const startMs = performance.now();
    const word = target.check(bytes);
    const tookMs = performance.now() - startMs;
    const known = this.tally[word];
    if (known === undefined && Object.keys(this.tally).length >= WORDS_MAX) {
      throw new Error(`the target answers with too many different words, such as ${word}`);
    }
    this.tally[word] = (known ?? 0) + 1;
    return tookMs;
  }
}
