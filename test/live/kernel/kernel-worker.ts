/** A thread with an open kernel, to be ended at any moment. */
import { parentPort, workerData } from 'node:worker_threads';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';

const { netnsPath, busy, throwing } = workerData as {
  netnsPath: string;
  busy?: boolean;
  throwing?: boolean;
};

const kernel = openKernel({ netnsPath });

function dumpAgain(): void {
  kernel.dump({ dump: 'links' }, dumpAgain);
}

kernel.listen(() => {
  if (throwing === true) throw new Error('the listener failed');
  if (busy === true) for (let at = 0; at < 8; at += 1) dumpAgain();
  parentPort?.postMessage('listening');
});
