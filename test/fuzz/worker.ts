/**
 * The thread that runs the inputs. It may hang or die: the watcher sees the number of the input in shared memory.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import { collectedHeapBytes } from './collected-heap.ts';
import { type Failure, InputLoop, type Tally } from './input-loop.ts';
import { corpusOf, Inputs } from './inputs.ts';
import { falseFrames } from './targets/framer.ts';
import { targetOf } from './targets.ts';

export interface WorkerOrder {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly until: number;
  readonly inputMsMax: number;
  /** Random bytes in which the frame decoder must find nothing; 0 for none. */
  readonly noiseBytes: number;
  /** Element 0: number of the input being run. */
  readonly shared: Int32Array;
}

export type WorkerWord =
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'counted'; readonly tally: Tally }
  | {
      readonly type: 'finished';
      readonly tally: Tally;
      /** After a tenth of the inputs and at the end; absent for runs too short to tell. */
      readonly heapBytes?: readonly [number, number];
      readonly falseFrames?: number;
    };

/** Fewer inputs than this are still warming up. */
const HEAP_INPUTS_MIN = 20_000;
const COUNT_EVERY = 5_000;

function tell(word: WorkerWord): void {
  parentPort?.postMessage(word);
}

function work(order: WorkerOrder): void {
  const { seed, from, until, shared, noiseBytes } = order;
  const target = targetOf(order.target);
  const inputs = new Inputs(target, corpusOf(order.target), seed);
  const loop = new InputLoop({
    target,
    input: (index) => inputs.at(index),
    inputMsMax: order.inputMsMax,
    onFailure: (failure) => tell({ type: 'failed', failure }),
  });
  const measureAt = from + Math.max(Math.floor((until - from) / 10), HEAP_INPUTS_MIN / 2);
  let early: number | undefined;
  for (let index = from; index < until; index += 1) {
    Atomics.store(shared, 0, index);
    loop.run(index);
    if (index === measureAt && until - from >= HEAP_INPUTS_MIN) early = collectedHeapBytes();
    if (index % COUNT_EVERY === 0) tell({ type: 'counted', tally: loop.tally });
  }
  Atomics.store(shared, 0, until);
  tell({
    type: 'finished',
    tally: loop.tally,
    ...(early !== undefined && { heapBytes: [early, collectedHeapBytes()] }),
    ...(noiseBytes > 0 && { falseFrames: falseFrames(new SeededRandom(seed), noiseBytes) }),
  });
}

work(workerData as WorkerOrder);
