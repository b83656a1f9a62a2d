import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNoteLog } from '../../../../agent/adapters/note-log.ts';
import type { Note, NoteLevel } from '../../../../agent/model/note.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'note-log-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function logged(level: NoteLevel, ...notes: readonly Note[]): Record<string, unknown>[] {
  const path = join(directory, 'log');
  const fd = openSync(path, 'w');
  const log = openNoteLog(level, fd);
  for (const note of notes) log.log({ atMs: 12.5, wallMs: Date.UTC(2026, 0, 2, 3, 4, 5), note });
  log.flush();
  closeSync(fd);
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const uplinkUp: Note = { code: 'uplinkUp', level: 'notice', uplink: 'wan1', address: '10.0.0.2' };

describe('the log of notes', () => {
  it('writes one JSON line with time, code, level, sentence and the own fields of the note', () => {
    expect(logged('info', uplinkUp)).toEqual([
      {
        level: 'notice',
        time: '2026-01-02T03:04:05.000Z',
        atMs: 12.5,
        code: 'uplinkUp',
        uplink: 'wan1',
        address: '10.0.0.2',
        sentence: 'Uplink wan1 is up with address 10.0.0.2.',
      },
    ]);
  });

  it('keeps what is below the level to itself', () => {
    expect(logged('warning', uplinkUp)).toEqual([]);
    expect(logged('notice', uplinkUp)).toHaveLength(1);
  });

  it('stays one line whatever a peer put into a string, and cuts it', () => {
    const [line] = logged('info', {
      code: 'boardLost',
      level: 'warning',
      why: `\u001b[2J\n{"code":"forged"}${'x'.repeat(5_000)}`,
    });
    expect(line?.['code']).toBe('boardLost');
    expect(String(line?.['why'])).toHaveLength(513);
    expect(line?.['sentence']).toContain('\\x1b[2J\\x0a{"code":"forged"}');
  });

  it('withholds anything that looks like a private key', () => {
    const [line] = logged('info', {
      code: 'stepFailed',
      level: 'warning',
      step: 'ensure t1',
      because: '-----BEGIN PRIVATE KEY-----\nMC4CAQAw',
      retryInMs: 1000,
    });
    expect(line?.['because']).toBe('(secret withheld)');
    expect(JSON.stringify(line)).not.toContain('MC4CAQAw');
  });

  it('takes a wall clock gone mad', () => {
    const path = join(directory, 'log');
    const fd = openSync(path, 'w');
    const log = openNoteLog('info', fd);
    log.log({ atMs: 1, wallMs: Number.NaN, note: uplinkUp });
    log.flush();
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toContain('"time":"unknown"');
  });
});
