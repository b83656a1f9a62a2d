/**
 * A kernel with promises instead of callbacks, and its events at hand, for live tests.
 */
import type {
  KernelDump,
  KernelOperation,
  KernelResult,
} from '../../firmware-shim/kernel/operations.ts';
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import type { Kernel } from '../../firmware-shim/ports.ts';

export interface AwaitedKernel {
  /** `ok`, or the errno and the kernel's sentence. */
  perform(operation: KernelOperation): Promise<string>;
  dump(what: KernelDump): Promise<readonly KernelEvent[]>;
  /** Every batch since `listen`. */
  readonly batches: readonly (readonly KernelEvent[])[];
  listen(): void;
  /** Resolves with the first event, heard or to come, that fits. */
  heard(fits: (event: KernelEvent) => boolean): Promise<KernelEvent>;
  indexOf(name: string): Promise<number>;
}

export function awaitedKernel(kernel: Omit<Kernel, 'mirror'>): AwaitedKernel {
  const batches: (readonly KernelEvent[])[] = [];
  const waiting = new Set<(events: readonly KernelEvent[]) => void>();
  const dump = (what: KernelDump): Promise<readonly KernelEvent[]> =>
    new Promise((resolve, reject) => {
      kernel.dump(what, (result) => {
        if (result.ok) resolve(result.objects);
        else reject(new Error(`dump of ${what.dump}: ${result.refusal.code}`));
      });
    });
  return {
    batches,
    dump,
    perform: (operation) =>
      new Promise((resolve) => {
        kernel.perform(operation, (result) => resolve(verdict(result)));
      }),
    listen: () =>
      kernel.listen((events) => {
        batches.push(events);
        for (const look of waiting) look(events);
      }),
    heard: (fits) =>
      new Promise((resolve) => {
        const look = (events: readonly KernelEvent[]): void => {
          const found = events.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look(batches.flat());
      }),
    indexOf: async (name) => {
      const links = await dump({ dump: 'links' });
      const found = links.find((one) => one.type === 'linkChanged' && one.link.name === name);
      if (found?.type !== 'linkChanged') throw new Error(`no device ${name}`);
      return found.link.index;
    },
  };
}

function verdict(result: KernelResult): string {
  return result.ok ? 'ok' : `${result.refusal.code} ${result.refusal.text}`.trim();
}
