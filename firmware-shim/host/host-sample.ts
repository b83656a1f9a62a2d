/**
 * One look at the host: counters and states as the kernel gave them, with the moment of the look.
 *
 * What could not be read or did not make sense is absent.
 */
import type { CpuTimes } from './parse-cpu-times.ts';
import type { DeviceCounters } from './parse-device-counters.ts';
import type { MemoryState } from './parse-memory.ts';

export interface HostSample {
  /** Monotonic milliseconds. */
  readonly atMs: number;
  readonly cpu?: CpuTimes;
  readonly memory?: MemoryState;
  readonly disk?: DiskState;
  readonly uptimeS?: number;
  /** By device name, of the network namespace the file was opened in. */
  readonly devices?: ReadonlyMap<string, DeviceCounters>;
  readonly temperatures: readonly Temperature[];
}

export interface DiskState {
  /** In blocks of the file system. */
  readonly total: number;
  readonly free: number;
  /** Free without the blocks kept for root. */
  readonly available: number;
}

export interface Temperature {
  /** Such as `x86_pkg_temp` or `coretemp Core 0`: what the kernel calls the sensor. */
  readonly sensor: string;
  readonly milliCelsius: number;
}

/** Where a problem was met; each is counted by itself. */
export type HostSource = 'cpu' | 'memory' | 'disk' | 'uptime' | 'devices' | 'temperature';
