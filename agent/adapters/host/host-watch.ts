/**
 * Looks at the host at start and then once a period, and tells what it saw.
 *
 * A look takes well under a millisecond and starts no process; what could not be known is absent and counted. The first
 * look has no rates and no CPU load, which need two.
 */
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import type { HostMetrics } from '../../../firmware-shim/host/host-metrics.ts';
import { openHost } from '../../../firmware-shim/open-host.ts';
import type { Uplink } from '../../model/uplink.ts';

/** The period of the metrics of `acs_smartag`. */
const PERIOD_MS = 60_000;

export interface HostWatchOptions {
  readonly uplinks: readonly Pick<Uplink, 'kind' | 'deviceName'>[];
  /** On the file system whose fill level is told. */
  readonly diskPath: string;
  readonly onSample: (metrics: HostMetrics) => void;
}

export interface HostWatch {
  close(): void;
}

export function watchHost({ uplinks, diskPath, onSample }: HostWatchOptions): HostWatch {
  const named = (isLte: boolean): readonly string[] =>
    uplinks.filter(({ kind }) => (kind === 'lte') === isLte).map(({ deviceName }) => deviceName);
  const lte = named(true);
  const host = openHost({
    uplinks: { wan: named(false), ...(lte.length > 0 && { lte }) },
    diskPath,
  });
  const look = (): void => onSample(host.sample(liveClock.nowMs()));
  look();
  const timer = setInterval(look, PERIOD_MS).unref();
  return {
    close: () => {
      clearInterval(timer);
      host.close();
    },
  };
}
