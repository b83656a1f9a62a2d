/**
 * A charon as a process: found by number and birth, because a number alone may belong to somebody else by now.
 */
import { readdir, readFile } from 'node:fs/promises';

/** What is kept on disk of a running charon. */
export interface ProcessMark {
  readonly pid: number;
  /** Clock ticks since boot at its start (`/proc/PID/stat`, field 22). */
  readonly startTicks: number;
}

const STOP_MS_MAX = 2_000;
const LOOK_MS = 20;

/** Undefined when there is no such process or only its corpse. */
export async function markOf(pid: number): Promise<ProcessMark | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The program's name stands in brackets and may hold anything; state is the first word behind it.
  const words = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const startTicks = Number(words[19]);
  if (words[0] === 'Z' || !Number.isInteger(startTicks) || startTicks <= 0) return undefined;
  return { pid, startTicks };
}

export async function isAlive(mark: ProcessMark): Promise<boolean> {
  return (await markOf(mark.pid))?.startTicks === mark.startTicks;
}

/** Ends it; one that does not listen, or is stopped, is killed. */
export async function endProcess(mark: ProcessMark, how: 'gently' | 'at once'): Promise<void> {
  if (how === 'gently' && (await signal(mark, 'SIGTERM'))) {
    if (await gone(mark, STOP_MS_MAX)) return;
  }
  if (await signal(mark, 'SIGKILL')) await gone(mark, STOP_MS_MAX);
}

/**
 * Every charon that runs by this configuration, also one that was started a moment before the agent died and of which
 * nothing was written down.
 */
export async function charonsOf(configPath: string): Promise<readonly ProcessMark[]> {
  const wanted = `STRONGSWAN_CONF=${configPath}`;
  const numbers = (await readdir('/proc')).filter((each) => /^\d+$/.test(each));
  const found = await Promise.all(
    numbers.map(async (each) => {
      const text = await readFile(`/proc/${each}/environ`, 'utf8').catch(() => '');
      return text.split('\0').includes(wanted) ? markOf(Number(each)) : undefined;
    }),
  );
  return found.filter((each) => each !== undefined);
}

/** Names of the TUN devices it holds open; it alone knows which of several is its own. */
export async function tunDevicesOf(pid: number): Promise<readonly string[]> {
  const directory = `/proc/${pid}/fdinfo`;
  const numbers = await readdir(directory).catch(() => []);
  const texts = await Promise.all(
    numbers.map(async (each) => readFile(`${directory}/${each}`, 'utf8').catch(() => '')),
  );
  return texts.flatMap((text) => {
    const name = /^iff:\s*(\S+)$/m.exec(text)?.[1];
    return name === undefined ? [] : [name];
  });
}

async function signal(mark: ProcessMark, name: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(mark))) return false;
  try {
    process.kill(mark.pid, name);
    return true;
  } catch {
    return false;
  }
}

async function gone(mark: ProcessMark, waitMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= waitMs; waitedMs += LOOK_MS) {
    if (!(await isAlive(mark))) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}
