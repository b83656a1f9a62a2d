/**
 * Watches a thread that runs inputs: restarts it when it hangs or dies, and keeps the inputs that did it.
 *
 * A hang is believed when the same input hangs twice: the machine may have been busy with something else.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Failure, Tally } from './input-loop.ts';
import { corpusOf, Inputs } from './inputs.ts';
import { targetOf } from './targets.ts';
import type { WorkerOrder, WorkerWord } from './worker.ts';

export interface WatchOptions {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  readonly inputMsMax: number;
  readonly noiseBytes: number;
  readonly outDirectory: string;
  readonly onProgress: (done: number) => void;
}

export interface Finding extends Failure {
  /** Where the input was kept. */
  readonly file: string;
}

export interface WatchResult {
  readonly tally: Tally;
  readonly findings: readonly Finding[];
  /** False when so much was found that the rest was not run. */
  readonly complete: boolean;
  readonly heapBytes?: readonly [number, number];
  readonly falseFrames?: number;
}

/** One fault met a thousand times is one finding. */
const FINDINGS_MAX = 10;
/** Each costs a new thread and twice the time an input may take; the run then ends. */
const STALLS_MAX = 3;
/** In place of an input's number while the thread loads its modules. */
const NOT_STARTED = -1;
const LOOK_MS = 100;
const PROGRESS_MS = 3_000;
/** A reader that needs more is not bounded. */
const HEAP_MB_MAX = 512;

type Ending =
  | { readonly is: 'finished'; readonly word: Extract<WorkerWord, { type: 'finished' }> }
  | { readonly is: 'enough' }
  | { readonly is: 'hung' | 'died'; readonly text: string };

class Watch {
  readonly #options: WatchOptions;
  readonly #shared = new Int32Array(new SharedArrayBuffer(4));
  readonly #findings = new Map<string, Finding>();
  #tally: Tally = {};

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  async run(): Promise<WatchResult> {
    let from = 0;
    let stalls = 0;
    let suspect: number | undefined;
    const before: Tally[] = [];
    for (;;) {
      this.#tally = {};
      const ending = await this.#runFrom(from);
      before.push(this.#tally);
      if (ending.is === 'finished') return this.#result(before, ending.word);
      if (ending.is === 'enough') return this.#result(before);
      const index = Atomics.load(this.#shared, 0);
      if (index === NOT_STARTED) throw new Error(`the thread did not start: ${ending.text}`);
      const believed = ending.is === 'died' || suspect === index;
      if (believed) {
        this.#keep({ index, text: ending.text });
        stalls += 1;
        if (stalls === STALLS_MAX) return this.#result(before);
      }
      suspect = index;
      from = believed ? index + 1 : index;
    }
  }

  async #runFrom(from: number): Promise<Ending> {
    const { target, seed, inputs, inputMsMax, noiseBytes } = this.#options;
    const order: WorkerOrder = {
      target,
      seed,
      from,
      until: inputs,
      inputMsMax,
      noiseBytes,
      shared: this.#shared,
    };
    Atomics.store(this.#shared, 0, NOT_STARTED);
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const { promise, resolve } = Promise.withResolvers<Ending>();
    worker.on('message', (word: WorkerWord) => this.#hear(word, resolve));
    worker.on('error', (error: Error) =>
      resolve({ is: 'died', text: error.stack ?? error.message }),
    );
    const stopLooking = this.#lookAfter(resolve);
    const ending = await promise;
    stopLooking();
    await worker.terminate();
    return ending;
  }

  #hear(word: WorkerWord, resolve: (ending: Ending) => void): void {
    if (word.type === 'failed') {
      this.#keep(word.failure);
      if (this.#findings.size >= FINDINGS_MAX) resolve({ is: 'enough' });
      return;
    }
    this.#tally = word.tally;
    if (word.type === 'finished') resolve({ is: 'finished', word });
  }

  /** The thread counts as hung when one input keeps it for longer than an input may take. */
  #lookAfter(resolve: (ending: Ending) => void): () => void {
    const { inputMsMax, inputs, onProgress } = this.#options;
    let index = NOT_STARTED;
    let sinceMs = performance.now();
    let toldMs = sinceMs;
    const timer = setInterval(() => {
      const nowMs = performance.now();
      const current = Atomics.load(this.#shared, 0);
      if (nowMs - toldMs >= PROGRESS_MS) {
        toldMs = nowMs;
        onProgress(Math.max(current, 0));
      }
      if (current !== index) {
        index = current;
        sinceMs = nowMs;
      } else if (current !== NOT_STARTED && current < inputs && nowMs - sinceMs > inputMsMax) {
        resolve({ is: 'hung', text: `Hung: no answer within ${inputMsMax} ms` });
      }
    }, LOOK_MS);
    return () => clearInterval(timer);
  }

  #keep(failure: Failure): void {
    const { target, seed, outDirectory } = this.#options;
    const kind = kindOf(failure.text);
    if (this.#findings.has(kind) || this.#findings.size >= FINDINGS_MAX) return;
    const input = new Inputs(targetOf(target), corpusOf(target), seed).at(failure.index);
    const hash = createHash('sha256').update(input).digest('hex').slice(0, 12);
    const file = join(outDirectory, `${target}-${hash}.bin`);
    mkdirSync(outDirectory, { recursive: true });
    writeFileSync(file, input);
    this.#findings.set(kind, { ...failure, file });
  }

  #result(
    tallies: readonly Tally[],
    word?: Extract<WorkerWord, { type: 'finished' }>,
  ): WatchResult {
    const tally: Tally = {};
    for (const each of tallies) {
      for (const [name, count] of Object.entries(each)) tally[name] = (tally[name] ?? 0) + count;
    }
    return {
      tally,
      findings: [...this.#findings.values()],
      complete: word !== undefined,
      ...(word?.heapBytes && { heapBytes: word.heapBytes }),
      ...(word?.falseFrames !== undefined && { falseFrames: word.falseFrames }),
    };
  }
}

/** Failures of one place in the code are one kind, whatever values they name. */
function kindOf(text: string): string {
  const [first = '', ...frames] = text.split('\n');
  const place = frames.find((frame) => !frame.includes('/fuzz/target.ts')) ?? '';
  return `${first.slice(0, 40)}${place}`;
}

export async function watch(options: WatchOptions): Promise<WatchResult> {
  return new Watch(options).run();
}
