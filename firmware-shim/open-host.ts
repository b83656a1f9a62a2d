/**
 * The door to the host's own figures: loads, temperatures and the traffic of its devices.
 *
 * Opening never fails. A sample takes well under a millisecond, starts no process and never throws; what
 * could not be known is absent and counted. Rates span the time since the sample before. The devices are
 * those of the network namespace the host was opened in.
 */
import { ProcFiles, type ProcFilesOptions } from './adapters/proc-files.ts';
import { type HostMetrics, type HostUplinks, hostMetrics } from './host/host-metrics.ts';
import type { HostSample } from './host/host-sample.ts';

export interface HostOptions extends ProcFilesOptions {
  readonly uplinks: HostUplinks;
}

export interface Host {
  /** `nowMs` is monotonic. */
  sample(nowMs: number): HostMetrics;
  /** Gives the descriptors back; later samples are empty. */
  close(): void;
}

export function openHost({ uplinks, ...files }: HostOptions): Host {
  const procFiles = new ProcFiles(files);
  let before: HostSample | undefined;
  return {
    sample: (nowMs) => {
      const after = procFiles.sample(nowMs);
      const metrics = hostMetrics(before, after, uplinks, procFiles.problems);
      before = after;
      return metrics;
    },
    close: () => procFiles.close(),
  };
}
