/**
 * Looks at the host through files of /proc and /sys that stay open, into one buffer.
 *
 * One look costs a few dozen microseconds and no process. What fails or makes no sense is absent from the
 * sample and counted by source.
 */
import { statfsSync } from 'node:fs';
import type { DiskState, HostSample, HostSource, Temperature } from '../host/host-sample.ts';
import { parseCpuTimes } from '../host/parse-cpu-times.ts';
import { type DeviceCounters, parseDeviceCounters } from '../host/parse-device-counters.ts';
import { parseMemory } from '../host/parse-memory.ts';
import { parseTemperature } from '../host/parse-temperature.ts';
import { parseUptime } from '../host/parse-uptime.ts';
import { KeptFile } from './proc-files-kept.ts';
import { sensorFiles } from './proc-files-sensors.ts';

export interface ProcFilesOptions {
  /** A path on the file system whose fill level is wanted. */
  readonly diskPath: string;
  readonly procRoot?: string;
  readonly sysRoot?: string;
}

/** A thousand devices at 120 bytes a line. The line of `/proc/stat` that counts interrupts also fits. */
const BUFFER_BYTES = 128 * 1024;
/** The first line of /proc/stat and the first lines of /proc/meminfo are all that is read of them. */
const HEAD_BYTES = 1024;
const SMALL_BYTES = 128;

export class ProcFiles {
  readonly #diskPath: string;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #cpu: KeptFile;
  readonly #memory: KeptFile;
  readonly #uptime: KeptFile;
  readonly #devices: KeptFile;
  readonly #sensors: readonly { readonly sensor: string; readonly file: KeptFile }[];
  readonly #problems: Record<HostSource, number> = {
    cpu: 0,
    memory: 0,
    disk: 0,
    uptime: 0,
    devices: 0,
    temperature: 0,
  };
  #closed = false;

  constructor({ diskPath, procRoot = '/proc', sysRoot = '/sys' }: ProcFilesOptions) {
    this.#diskPath = diskPath;
    this.#cpu = new KeptFile(`${procRoot}/stat`);
    this.#memory = new KeptFile(`${procRoot}/meminfo`);
    this.#uptime = new KeptFile(`${procRoot}/uptime`);
    this.#devices = new KeptFile(`${procRoot}/net/dev`);
    this.#sensors = sensorFiles(sysRoot).map(({ sensor, path }) => ({
      sensor,
      file: new KeptFile(path),
    }));
  }

  get problems(): Readonly<Record<HostSource, number>> {
    return this.#problems;
  }

  sample(atMs: number): HostSample {
    const cpu = this.#parsed('cpu', this.#cpu, HEAD_BYTES, parseCpuTimes);
    const memory = this.#parsed('memory', this.#memory, HEAD_BYTES, parseMemory);
    const uptimeS = this.#parsed('uptime', this.#uptime, SMALL_BYTES, parseUptime);
    const devices = this.#deviceCounters();
    const disk = this.#diskState();
    return {
      atMs,
      ...(cpu !== undefined && { cpu }),
      ...(memory !== undefined && { memory }),
      ...(uptimeS !== undefined && { uptimeS }),
      ...(devices !== undefined && { devices }),
      ...(disk !== undefined && { disk }),
      temperatures: this.#temperatures(),
    };
  }

  close(): void {
    this.#closed = true;
    for (const file of [this.#cpu, this.#memory, this.#uptime, this.#devices]) file.close();
    for (const { file } of this.#sensors) file.close();
  }

  /** Reads up to `bytesMax` bytes of a file; more than that may stand behind and is not wanted. */
  #parsed<Parsed>(
    source: HostSource,
    file: KeptFile,
    bytesMax: number,
    parse: (bytes: Uint8Array) => Parsed | undefined,
  ): Parsed | undefined {
    const read = file.read(this.#buffer.subarray(0, bytesMax));
    if (read.is === 'resting') return undefined;
    const parsed = read.is === 'failed' ? undefined : parse(read.bytes);
    if (parsed === undefined) this.#problems[source] += 1;
    return parsed;
  }

  #deviceCounters(): ReadonlyMap<string, DeviceCounters> | undefined {
    const table = this.#parsed('devices', this.#devices, BUFFER_BYTES, parseDeviceCounters);
    this.#problems.devices += table?.badLines ?? 0;
    return table?.devices;
  }

  #diskState(): DiskState | undefined {
    if (this.#closed) return undefined;
    try {
      const { blocks, bfree, bavail } = statfsSync(this.#diskPath);
      return { total: blocks, free: bfree, available: bavail };
    } catch {
      this.#problems.disk += 1;
      return undefined;
    }
  }

  #temperatures(): readonly Temperature[] {
    const readings: Temperature[] = [];
    for (const { sensor, file } of this.#sensors) {
      const milliCelsius = this.#parsed('temperature', file, SMALL_BYTES, parseTemperature);
      if (milliCelsius !== undefined) readings.push({ sensor, milliCelsius });
    }
    return readings;
  }
}
