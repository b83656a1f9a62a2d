/** A run that ended without a word is told apart from one that ended well, and from a power cut. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunMark } from '../../../../agent/adapters/run-mark.ts';

/** Beyond what Linux gives to processes (PID_MAX_LIMIT). */
const NOBODY = 2 ** 22 + 1;

let run: string;
let socket: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'sag-run-'));
  socket = join(run, 'control.sock');
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

const mark = (machineBoot = 'boot-1'): RunMark => new RunMark(socket, machineBoot);
/** What a process that was killed leaves. */
const leave = (machineBoot: string, pid = NOBODY): void =>
  writeFileSync(`${socket}.run`, `${machineBoot} ${pid}\n`);

describe('the mark of a run', () => {
  it('is gone after an end in good order', () => {
    const first = mark();
    expect(first.begin()).toBe(false);
    first.end();
    expect(existsSync(`${socket}.run`)).toBe(false);
    expect(mark().begin()).toBe(false);
  });

  it('of a process that was killed tells the next one', () => {
    leave('boot-1');
    expect(mark().begin()).toBe(true);
    expect(readFileSync(`${socket}.run`, 'utf8')).toBe(`boot-1 ${process.pid}\n`);
  });

  it('says nothing after a start of the machine, even where the run directory is on a disk', () => {
    leave('boot-1');
    expect(mark('boot-2').begin()).toBe(false);
  });

  it('of an agent that still runs is left alone', () => {
    leave('boot-1', process.ppid);
    const second = mark();
    expect(second.begin()).toBe(false);
    second.end();
    expect(readFileSync(`${socket}.run`, 'utf8')).toBe(`boot-1 ${process.ppid}\n`);
  });

  it('counts nothing where it cannot be made', () => {
    const nowhere = new RunMark(join(run, 'missing', 'control.sock'), 'boot-1');
    expect(nowhere.begin()).toBe(false);
    nowhere.end();
    expect(nowhere.begin()).toBe(false);
  });
});
