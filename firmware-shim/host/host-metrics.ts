/**
 * What two looks at the host say together: loads in percent and traffic as rates.
 *
 * Everything here is either known or absent; a 0 is a measured 0.
 */
import type { HostSample, HostSource, Temperature } from './host-sample.ts';
import type { CpuTimes } from './parse-cpu-times.ts';
import type { DeviceCounters } from './parse-device-counters.ts';
import { ratesByDevice, summedRates, type TrafficRates } from './traffic-rates.ts';

/** Kernel devices of the branch's uplinks; names of devices that do not exist do no harm. */
export interface HostUplinks {
  readonly lte?: readonly string[];
  readonly wan: readonly string[];
}

export interface HostMetrics {
  /** Monotonic milliseconds of the later look. */
  readonly atMs: number;
  /** How far the earlier look lies back; absent for the first one, which therefore has no rates. */
  readonly elapsedMs?: number;
  readonly cpuPercent?: number;
  readonly memoryPercent?: number;
  readonly diskPercent?: number;
  readonly uptimeS?: number;
  readonly temperatures: readonly Temperature[];
  readonly lte?: TrafficRates;
  readonly wan?: TrafficRates;
  /** LTE and WAN together; absent when a part of it is unknown. */
  readonly uplinks?: TrafficRates;
  readonly devices: readonly DeviceMetrics[];
  /** Reads that failed or made no sense, since the host was opened. */
  readonly problems: Readonly<Record<HostSource, number>>;
}

export interface DeviceMetrics {
  readonly name: string;
  readonly counters: DeviceCounters;
  readonly rates?: TrafficRates;
}

const NO_DEVICES: ReadonlyMap<string, DeviceCounters> = new Map();
const PERCENT = 100;

export function hostMetrics(
  before: HostSample | undefined,
  after: HostSample,
  uplinks: HostUplinks,
  problems: HostMetrics['problems'],
): HostMetrics {
  const elapsedMs = before === undefined ? undefined : after.atMs - before.atMs;
  const devices = after.devices ?? NO_DEVICES;
  const rates = ratesByDevice(before?.devices ?? NO_DEVICES, devices, elapsedMs ?? 0);
  const cpuPercent = before?.cpu && after.cpu && cpuLoad(before.cpu, after.cpu);
  const { lte: lteNames = [], wan: wanNames } = uplinks;
  const lte = summedRates(lteNames, devices, rates);
  const wan = summedRates(wanNames, devices, rates);
  const both = summedRates([...lteNames, ...wanNames], devices, rates);
  return {
    atMs: after.atMs,
    ...(elapsedMs !== undefined && { elapsedMs }),
    ...(cpuPercent !== undefined && { cpuPercent }),
    ...states(after),
    temperatures: after.temperatures,
    ...(lte !== undefined && { lte }),
    ...(wan !== undefined && { wan }),
    ...(both !== undefined && { uplinks: both }),
    devices: Array.from(devices, ([name, counters]) => {
      const rate = rates.get(name);
      return { name, counters, ...(rate !== undefined && { rates: rate }) };
    }),
    problems: { ...problems },
  };
}

/** Undefined when no tick passed, or when the counters went back, as iowait sometimes does. */
function cpuLoad(before: CpuTimes, after: CpuTimes): number | undefined {
  const busy = after.busyTicks - before.busyTicks;
  const idle = after.idleTicks - before.idleTicks;
  if (busy < 0 || idle < 0 || busy + idle === 0) return undefined;
  return (PERCENT * busy) / (busy + idle);
}

function states(
  sample: HostSample,
): Pick<HostMetrics, 'memoryPercent' | 'diskPercent' | 'uptimeS'> {
  const { memory, disk, uptimeS } = sample;
  const used = disk && disk.total - disk.free;
  // As df(1) counts: what root alone may still fill is not available, so it is not part of the whole.
  const whole = disk && disk.total - disk.free + disk.available;
  return {
    ...(memory !== undefined && {
      memoryPercent: (PERCENT * (memory.totalKib - memory.availableKib)) / memory.totalKib,
    }),
    ...(used !== undefined &&
      whole !== undefined &&
      used >= 0 &&
      whole > 0 && { diskPercent: (PERCENT * used) / whole }),
    ...(uptimeS !== undefined && { uptimeS }),
  };
}
