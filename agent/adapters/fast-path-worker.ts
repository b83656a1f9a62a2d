/**
 * Starts the fast-path thread and speaks to it: orders down, facts up.
 *
 * A thread that dies takes the process along, because restarting it is the same work as restarting everything
 * and the tunnels and routes stay meanwhile.
 */
import { Worker } from 'node:worker_threads';
import type { FastPathFact, FastPathOrder } from '../model/fast-path.ts';

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

/** A thread that has not ended by then is ended. */
const STOP_MS_MAX = 1_000;

export function startFastPath(options: FastPathOptions): FastPathThread {
  const { netnsPath, realtime = true, onFact } = options;
  const workerData: FastPathThreadOptions = {
    realtime,
    ...(netnsPath === undefined ? {} : { netnsPath }),
  };
  const worker = new Worker(new URL('./fast-path-thread.ts', import.meta.url), { workerData });
  worker.on('message', onFact);
  worker.on('error', (error) => {
    throw error;
  });
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
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
