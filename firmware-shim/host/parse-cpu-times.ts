/**
 * The first line of /proc/stat: what all processors together have done since boot, in ticks.
 */
import { AsciiLine, lineEnd } from './ascii-line.ts';

export interface CpuTimes {
  readonly busyTicks: number;
  /** Idle, also while waiting for a disk. */
  readonly idleTicks: number;
}

/** The columns of proc_pid_stat(5): user nice system idle iowait irq softirq steal. */
const COLUMNS = 8;
/** Kernels before 2.5 print no more; the later columns are then 0. */
const COLUMNS_MIN = 4;
const IDLE = 3;
const IOWAIT = 4;

/** Guest time stands in `user` already and is not counted again. */
export function parseCpuTimes(bytes: Uint8Array): CpuTimes | undefined {
  const end = lineEnd(bytes, 0);
  if (end === undefined) return undefined;
  const line = new AsciiLine(bytes, 0, end);
  if (!line.takes('cpu ')) return undefined;
  let busyTicks = 0;
  let idleTicks = 0;
  let column = 0;
  for (; column < COLUMNS && !line.atEnd; column += 1) {
    const ticks = line.counter();
    if (column === IDLE || column === IOWAIT) idleTicks += ticks;
    else busyTicks += ticks;
  }
  return line.broken || column < COLUMNS_MIN ? undefined : { busyTicks, idleTicks };
}
