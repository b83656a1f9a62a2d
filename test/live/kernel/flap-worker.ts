/** A thread that takes a device down and up again at a steady pace, and ends. */
import { workerData } from 'node:worker_threads';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';

const { netnsPath, index, flaps, gapMs } = workerData as {
  netnsPath: string;
  index: number;
  flaps: number;
  gapMs: number;
};

const kernel = openKernel({ netnsPath });
const startMs = performance.now();

/** The pace is kept on average: a flap that came late is followed sooner. */
function flap(done: number): void {
  if (done === flaps) return kernel.close();
  kernel.perform({ op: 'linkSet', index, adminUp: done % 2 === 1 }, () => {
    const waitMs = startMs + (done + 1) * gapMs - performance.now();
    setTimeout(() => flap(done + 1), Math.max(0, waitMs));
  });
}

flap(0);
