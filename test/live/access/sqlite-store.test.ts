/** The store on a real file: durable, in order, and never a reason not to start. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteStore } from '../../../agent/adapters/sqlite-store.ts';

const run = promisify(execFile);
const STORE = new URL('../../../agent/adapters/sqlite-store.ts', import.meta.url).href;

let directory: string;
let quarantined: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sag-store-'));
  quarantined = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(): SqliteStore {
  return new SqliteStore({ directory, onQuarantine: (path) => quarantined.push(path) });
}

describe('the store', () => {
  it('holds what was put, in the order it was first put, over a restart', async () => {
    const first = open();
    await Promise.all([
      first.put('outbox', 'b', '1'),
      first.put('outbox', 'a', '2'),
      first.put('other', 'c', '3'),
    ]);
    await first.put('outbox', 'b', '4');
    await first.close();
    const second = open();
    expect(await second.load('outbox')).toEqual([
      { key: 'b', value: '4' },
      { key: 'a', value: '2' },
    ]);
    await second.remove('outbox', ['b', 'never-there']);
    expect(second.loadNow('outbox')).toEqual([{ key: 'a', value: '2' }]);
    await second.close();
  });

  it('is readable by its owner alone', async () => {
    await open().close();
    expect(statSync(join(directory, 'state.db')).mode & 0o777).toBe(0o600);
  });

  it('sets a file aside that is no database, and starts anew', async () => {
    writeFileSync(
      join(directory, 'state.db'),
      'this is not a database, it only is called like one',
    );
    const store = open();
    expect(quarantined).toEqual([join(directory, 'state.db.damaged-1')]);
    await store.put('outbox', 'a', '1');
    expect(store.loadNow('outbox')).toHaveLength(1);
    await store.close();
  });

  it('starts, whatever happened to its file', async () => {
    for (let round = 0; round < 12; round += 1) {
      const store = open();
      await Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          store.put('outbox', `${round}-${at}`, 'x'.repeat(500)),
        ),
      );
      await store.close();
      const path = join(directory, 'state.db');
      if (round % 3 === 0) truncateSync(path, 4_096 * (1 + round));
      if (round % 3 === 1) writeFileSync(path, '');
      if (round % 3 === 2) writeFileSync(path, Buffer.alloc(20_000, round));
    }
    await open().close();
    const aside = readdirSync(directory).filter((name) => /damaged-\d+$/.test(name));
    expect(aside.length).toBeLessThanOrEqual(3);
  });

  it('rejects with ESTORAGE what the disk refuses, and works again when it does not', async () => {
    const store = open();
    await store.put('outbox', 'a', '1');
    // Another process holds the write lock: to a writer that is a disk that refuses.
    const holder = `
      import { DatabaseSync } from 'node:sqlite';
      const database = new DatabaseSync(process.argv[1]);
      database.exec('BEGIN IMMEDIATE');
      process.stdout.write('held');
      process.stdin.on('data', () => process.exit());`;
    const args = ['--input-type=module', '-e', holder, join(directory, 'state.db')];
    const child = execFile(process.execPath, args);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await expect(store.put('outbox', 'b', '2')).rejects.toMatchObject({ code: 'ESTORAGE' });
    child.stdin?.write('\n');
    await new Promise((resolve) => child.once('exit', resolve));
    await store.put('outbox', 'c', '3');
    expect(store.loadNow('outbox').map(({ key }) => key)).toEqual(['a', 'c']);
    await store.close();
  });

  it('loses nothing that it said was kept when the process is killed', async () => {
    const writer = `
      import { SqliteStore } from '${STORE}';
      const store = new SqliteStore({ directory: process.argv[1], onQuarantine: () => {} });
      for (let at = 0; ; at += 1) {
        await store.put('outbox', String(at).padStart(8, '0'), 'x'.repeat(400));
        process.stdout.write(at + '\\n');
        if (at === 200) process.kill(process.pid, 'SIGKILL');
      }`;
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', writer];
    const killed = await run(process.execPath, [...args, directory]).catch(
      (error: { readonly stdout: string; readonly signal: string }) => error,
    );
    expect(killed).toMatchObject({ signal: 'SIGKILL' });
    const told = killed.stdout.trim().split('\n').length;
    const store = open();
    expect(store.loadNow('outbox').length).toBeGreaterThanOrEqual(told);
    expect(quarantined).toEqual([]);
    await store.close();
  });
});
