/**
 * Starts the fast-path thread and speaks to it: orders down, facts up.
 *
 * A thread that dies or hangs takes the process along, because restarting it is the same work as restarting everything
 * and the tunnels and routes stay meanwhile.
 */
import { Worker } from 'node:worker_threads';
import { type FastPathFact, type FastPathOrder, HEARTBEAT } from '../../model/fast-path.ts';
import type { FastPathEvent } from '../../wiring/fast-path-contract.ts';
import { BEAT_MS, BeatBook } from '../../wiring/thread-heartbeat.ts';
import { countFlows } from '../host/flow-counter.ts';

export interface FastPathThreadOptions {
  /** Where tunnels and routes live; absent means the namespace of this process. */
  readonly netnsPath?: string;
  /** Ask for SCHED_RR; what came of it is in `fastPathReady`. Asked for unless false. */
  readonly realtime?: boolean;
}

export interface FastPathOptions extends FastPathThreadOptions {
  readonly onFact: (fact: FastPathFact) => void;
}

export interface FastPathThread {
  order(order: FastPathOrder): void;
  /** The far ends hear a farewell; tunnels and routes stay (fail static). Idempotent. */
  stop(): Promise<void>;
}

/** What the fast path asks of this thread besides, and what it is answered. */
export const COUNT_FLOWS = 'count flows';
export type FlowsCounted = Extract<FastPathEvent, { readonly type: 'flowsCounted' }>;

/** The fast path answers nothing any more. */
class FastPathSilent extends Error {
  override readonly name = 'FastPathSilent';
  readonly code = 'EFAST_PATH_SILENT';
}

function ask(worker: Worker, book: BeatBook): void {
  if (!book.asked()) throw new FastPathSilent('the fast-path thread answers nothing any more');
  worker.postMessage(HEARTBEAT);
}

/** A thread that has not ended by then is ended. */
const STOP_MS_MAX = 1_000;

export function startFastPath(options: FastPathOptions): FastPathThread {
  const { netnsPath, realtime = true, onFact } = options;
  const workerData: FastPathThreadOptions = {
    realtime,
    ...(netnsPath === undefined ? {} : { netnsPath }),
  };
  const worker = new Worker(new URL('./fast-path-thread.ts', import.meta.url), { workerData });
  let beat: NodeJS.Timeout | undefined;
  const book = new BeatBook();
  const count = async (): Promise<void> => {
    const flows = await countFlows(netnsPath);
    worker.postMessage({ type: 'flowsCounted', flows } satisfies FlowsCounted);
  };
  worker.on('message', (fact: FastPathFact | typeof HEARTBEAT | typeof COUNT_FLOWS) => {
    if (fact === HEARTBEAT) return book.answered();
    if (fact === COUNT_FLOWS) return void count();
    // Before that it may be loading for long on a slow disk.
    if (fact.type === 'fastPathReady') beat = setInterval(() => ask(worker, book), BEAT_MS);
    onFact(fact);
  });
  worker.on('error', (error) => {
    throw error;
  });
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      clearInterval(beat);
      resolve();
    });
  });
  let stopping = false;
  return {
    order: (order) => worker.postMessage(order),
    stop: async () => {
      if (!stopping) worker.postMessage({ type: 'stopRequested' } satisfies FastPathOrder);
      stopping = true;
      const timeout = setTimeout(() => void worker.terminate(), STOP_MS_MAX);
      await ended;
      clearTimeout(timeout);
    },
  };
}
