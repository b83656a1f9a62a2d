/**
 * Tells a start whether the run before it ended without a word: killed by the kernel for memory, by a watchdog, by a
 * signal, by a fault of native code. Such an end counts as a crash like any other, or what kills us from outside again
 * and again would never lead to safe mode (F-30).
 *
 * The mark lies in the run directory, which is empty after a start of the machine: a power cut, however often it comes,
 * says nothing about us and is no crash. It carries the machine's start and the process besides, for a run directory that
 * is on a disk and for a second agent that is started by mistake.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const OWNER_ONLY = 0o600;

export class RunMark {
  readonly #file: string;
  readonly #machineBoot: string;

  constructor(controlSocket: string, machineBoot: string) {
    this.#file = `${controlSocket}.run`;
    this.#machineBoot = machineBoot;
  }

  /** From now on this run goes on; answers whether the one before it ended without a word. */
  begin(): boolean {
    const left = this.#read();
    if (left !== undefined && isRunning(left.pid)) return false;
    try {
      const text = `${this.#machineBoot} ${process.pid}\n`;
      writeFileSync(this.#file, text, { mode: OWNER_ONLY });
    } catch {
      // Where no mark can be made no end is ever counted as one without a word.
    }
    return left !== undefined && left.machineBoot === this.#machineBoot;
  }

  /** The run ends in good order, or its end has been counted already. */
  end(): void {
    if (this.#read()?.pid !== process.pid) return;
    try {
      rmSync(this.#file, { force: true });
    } catch {
      // Then the next start counts a crash too many, which a run that lasts makes good.
    }
  }

  #read(): { readonly machineBoot: string; readonly pid: number } | undefined {
    try {
      const [machineBoot = '', pid] = readFileSync(this.#file, 'utf8').trim().split(' ');
      return { machineBoot, pid: Number(pid) };
    } catch {
      return undefined;
    }
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
