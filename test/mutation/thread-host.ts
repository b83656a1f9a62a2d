/**
 * Holds one test thread and tells a thread that works from one that will never end.
 *
 * By the processor time it takes and not by the clock: on a machine with much to do, a slow test is no endless one.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Order, Outcome, Report, ThreadSetup } from './orders.ts';

const LOOK_EVERY_MS = 250;
/** A thread that sleeps so long waits for something that does not come. */
const IDLE_MS_MAX = 5_000;
/** A mutant that eats more is one whose loop does not end. */
const HEAP_MIB_MAX = 768;
const END_CPU_MS_MAX = 5_000;
const THREAD = new URL('test-thread.ts', import.meta.url);

export type Answer =
  | { readonly is: 'outcome'; readonly outcome: Outcome }
  | { readonly is: 'unloadable'; readonly failure: string }
  | { readonly is: 'endless'; readonly why: string };

export class ThreadHost {
  readonly #worker: Worker;
  /** How many tests of the order have begun. */
  readonly #begun = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #heard: ((report: Report | Error) => void) | undefined;
  #isOver = false;

  constructor(setup: Omit<ThreadSetup, 'begun'>) {
    this.#worker = new Worker(THREAD, {
      workerData: { ...setup, begun: this.#begun } satisfies ThreadSetup,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
    });
    this.#worker.on('message', (report: Report) => this.#heard?.(report));
    this.#worker.on('error', (error: Error) => {
      this.#isOver = true;
      this.#heard?.(error);
    });
  }

  /** False once it was stopped or died; a new one is needed then. */
  get usable(): boolean {
    return !this.#isOver;
  }

  /** Undefined: loaded. */
  async loaded(cpuMsMax: number): Promise<Answer | undefined> {
    const heard = await this.#next(() => cpuMsMax);
    if ('is' in heard) return heard;
    return heard.report === 'unloadable' ? { is: 'unloadable', failure: heard.failure } : undefined;
  }

  /** `cpuMsMax` says how long the test with this index may take. */
  async ask(order: Order, cpuMsMax: (index: number) => number): Promise<Answer> {
    this.#begun[0] = 0;
    const heard = this.#next(cpuMsMax);
    this.#worker.postMessage(order);
    const report = await heard;
    if ('is' in report) return report;
    if (report.report !== 'outcome')
      return { is: 'unloadable', failure: 'failure' in report ? report.failure : report.report };
    return { is: 'outcome', outcome: report.outcome };
  }

  /** Lets the tests clear away what they left on the machine, and ends the thread. */
  async stop(): Promise<void> {
    if (this.usable) await this.ask({ order: 'end' }, () => END_CPU_MS_MAX);
    await this.#terminate();
  }

  async #terminate(): Promise<void> {
    this.#isOver = true;
    await this.#worker.terminate();
  }

  async #next(cpuMsMax: (index: number) => number): Promise<Report | Answer> {
    const over = new AbortController();
    const heard = new Promise<Report | Error>((resolve) => {
      this.#heard = resolve;
    });
    const first = await Promise.race([heard, this.#endless(cpuMsMax, over.signal)]);
    over.abort();
    if (typeof first === 'string') {
      await this.#terminate();
      return { is: 'endless', why: first };
    }
    if (!(first instanceof Error)) return first;
    const isMemory = 'code' in first && first.code === 'ERR_WORKER_OUT_OF_MEMORY';
    return isMemory
      ? { is: 'endless', why: `it takes more than ${HEAP_MIB_MAX} MiB` }
      : { is: 'unloadable', failure: first.message };
  }

  async #endless(cpuMsMax: (index: number) => number, signal: AbortSignal): Promise<string> {
    let from = process.cpuUsage();
    let begun = 0;
    let idleMs = 0;
    let before = this.#worker.performance.eventLoopUtilization();
    for (;;) {
      await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return 'answered';
      const { user, system } = process.cpuUsage(from);
      if (Atomics.load(this.#begun, 0) !== begun) {
        begun = Atomics.load(this.#begun, 0);
        from = process.cpuUsage();
      } else if ((user + system) / 1_000 > cpuMsMax(Math.max(0, begun - 1)))
        return 'it takes far too long';
      const now = this.#worker.performance.eventLoopUtilization();
      const { idle, active } = this.#worker.performance.eventLoopUtilization(now, before);
      idleMs = active > 1 ? 0 : idleMs + idle;
      before = now;
      if (idleMs > IDLE_MS_MAX) return `it waits for more than ${IDLE_MS_MAX} ms`;
    }
  }
}
