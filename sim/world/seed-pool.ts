/**
 * Many seeds over all cores: each worker gets the next seed when it is through with one, and the first seed that
 * fails ends the run.
 *
 * Seeds are handed out in order. After a failure nothing new begins, but what runs is waited for, so that the seed
 * reported is the lowest that fails, whichever thread was faster.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { CanaryName } from '../canaries/canaries.ts';
import type { SeedOutcome } from './seed-outcome.ts';

export interface SeedsRequest {
  readonly seeds: number;
  readonly from: number;
  /** One for each core unless told. */
  readonly threads?: number | undefined;
  /** A planted bug, which the seeds must find. */
  readonly canary?: CanaryName | undefined;
  /** Each seed is lived twice, and both lives must be the same. */
  readonly twice?: boolean | undefined;
  /** Hears each outcome as it comes; not in the order of seeds. */
  readonly onOutcome?: ((outcome: SeedOutcome, done: number) => void) | undefined;
}

export interface SeedsResult {
  /** How many seeds were run to their end. */
  readonly done: number;
  /** The lowest seed that failed. */
  readonly failed: SeedOutcome | undefined;
  readonly convergedMsMax: number;
  readonly livedMs: number;
}

export async function runSeeds(request: SeedsRequest): Promise<SeedsResult> {
  const {
    seeds,
    from,
    threads = availableParallelism(),
    canary,
    twice = false,
    onOutcome,
  } = request;
  const outcomes: SeedOutcome[] = [];
  let next = from;
  let failed: SeedOutcome | undefined;
  const take = (): number | undefined => {
    if (failed !== undefined || next >= from + seeds) return undefined;
    next += 1;
    return next - 1;
  };
  const onDone = (outcome: SeedOutcome): void => {
    outcomes.push(outcome);
    onOutcome?.(outcome, outcomes.length);
    if (outcome.failure === undefined) return;
    if (failed === undefined || outcome.seed < failed.seed) failed = outcome;
  };
  const count = Math.max(1, Math.min(threads, seeds));
  await Promise.all(Array.from({ length: count }, () => work(take, onDone, { canary, twice })));
  return {
    done: outcomes.length,
    failed,
    convergedMsMax: Math.max(0, ...outcomes.map(({ convergedMs = 0 }) => convergedMs)),
    livedMs: outcomes.reduce((sum, { livedMs }) => sum + livedMs, 0),
  };
}

export interface SeedWorkerData {
  readonly canary: CanaryName | undefined;
  readonly twice: boolean;
}

/** Keeps one thread busy until there is nothing left to take. */
function work(
  take: () => number | undefined,
  onDone: (outcome: SeedOutcome) => void,
  orders: SeedWorkerData,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./seed-worker.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      workerData: orders,
    });
    let running: number | undefined;
    const goOn = (): void => {
      running = take();
      if (running === undefined) void thread.terminate();
      else thread.postMessage(running);
    };
    thread.on('message', (outcome: SeedOutcome) => {
      onDone(outcome);
      goOn();
    });
    thread.on('error', reject);
    thread.on('exit', (code) => {
      if (running === undefined) resolve();
      else reject(new Error(`the thread of seed ${running} ended with ${code}`));
    });
    goOn();
  });
}
