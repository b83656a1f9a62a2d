/**
 * Finds a process by its whole command line, in /proc: a minimal machine has no pgrep.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** The pid of the one process that was started with exactly these words. */
export function pidOf(...argv: readonly string[]): number {
  const wanted = argv.join('\0');
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid) === wanted);
  if (pids.length !== 1) throw new Error(`${pids.length} processes run "${argv.join(' ')}"`);
  return Number(pids[0]);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '');
  } catch {
    // Gone between listing and reading.
    return '';
  }
}
