/**
 * Runs of `sag-sim` whose every process can be found again by a mark in its environment.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'vitest';
import { findEnclosure } from '../../../sim/lab/enclosure.ts';

const MAIN = new URL('../../../sim/main.ts', import.meta.url).pathname;
const MARK = 'SAG_LAB_TEST_RUN';

export interface MarkedRun {
  readonly child: ChildProcess;
  readonly mark: string;
  output(): string;
}

/** Starts `sag-sim` so that every process it brings carries a mark in its environment. */
export function startMarked(argv: readonly string[], temporary = tmpdir()): MarkedRun {
  const mark = `${MARK}=${randomUUID()}`;
  const env = { ...process.env, [MARK]: mark.slice(MARK.length + 1), TMPDIR: temporary };
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  return { child, mark, output: () => output };
}

export async function processesWith(mark: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const marked: number[] = [];
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(mark)) marked.push(pid);
  }
  return marked;
}

export async function untilTrue(
  what: string,
  look: () => Promise<boolean> | boolean,
  withinMs = 10_000,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (performance.now() < untilMs) {
    if (await look()) return;
    await sleep(25);
  }
  throw new Error(`did not happen: ${what}`);
}

/** Skips where no lab can stand; where CI promised one, its absence fails the test. */
export async function needLab(ctx: TestContext): Promise<void> {
  const enclosure = await findEnclosure();
  if (enclosure.possible) return;
  const why = `no network lab here: ${enclosure.why}`;
  if (process.env['CI'] !== undefined) throw new Error(why);
  ctx.skip(why);
}
