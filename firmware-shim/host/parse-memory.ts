/**
 * /proc/meminfo: how much memory there is and how much of it a new program could have.
 */
import { AsciiLine, lineEnd } from './ascii-line.ts';

export interface MemoryState {
  readonly totalKib: number;
  /** The kernel's own estimate: free memory and what it would give back without swapping. */
  readonly availableKib: number;
}

/** Both stand among the first three lines; a file without them further down is something else. */
const LINES_MAX = 64;

export function parseMemory(bytes: Uint8Array): MemoryState | undefined {
  let totalKib: number | undefined;
  let availableKib: number | undefined;
  let start = 0;
  for (let count = 0; count < LINES_MAX; count += 1) {
    const end = lineEnd(bytes, start);
    if (end === undefined) break;
    totalKib ??= kibOf(bytes, start, end, 'MemTotal:');
    availableKib ??= kibOf(bytes, start, end, 'MemAvailable:');
    if (totalKib !== undefined && availableKib !== undefined) break;
    start = end + 1;
  }
  if (totalKib === undefined || availableKib === undefined) return undefined;
  return totalKib > 0 && availableKib <= totalKib ? { totalKib, availableKib } : undefined;
}

function kibOf(bytes: Uint8Array, start: number, end: number, key: string): number | undefined {
  const line = new AsciiLine(bytes, start, end);
  if (!line.takes(key)) return undefined;
  const kib = line.counter();
  return line.broken || !line.takes(' kB') || !line.atEnd ? undefined : kib;
}
