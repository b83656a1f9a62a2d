/** The store on a real file: durable, in order, and never a reason not to start. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteStore } from '../../../agent/adapters/store/sqlite-store.ts';

const run = promisify(execFile);
const STORE = new URL('../../../agent/adapters/store/sqlite-store.ts', import.meta.url).href;

/** Arguments of Node before a program and its own. */
const EVALUATE = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e'];

let directory: string;
let quarantined: string[];
let volatile: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sag-store-'));
  quarantined = [];
  volatile = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(): SqliteStore {
  return new SqliteStore({
    directory,
    onQuarantine: (path) => quarantined.push(path),
    onVolatile: (path) => volatile.push(path),
  });
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
    // To the process under this limit, a file that may not grow is a full disk.
    const writer = `
      import { execFileSync } from 'node:child_process';
      import { SqliteStore } from '${STORE}';
      const store = new SqliteStore({ directory: process.argv[1], onQuarantine() {}, onVolatile() {} });
      const told = async (key, size) =>
        store.put('outbox', key, 'x'.repeat(size)).then(() => 'kept', (error) => error.code);
      const first = await told('a', 1);
      const second = await told('b', 400_000);
      execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
      const third = await told('c', 400_000);
      const keys = store.loadNow('outbox').map(({ key }) => key);
      process.stdout.write(JSON.stringify([first, second, third, keys]));`;
    const argv = ['--fsize=100000:unlimited', process.execPath, ...EVALUATE, writer, directory];
    const { stdout } = await run('prlimit', argv);
    expect(JSON.parse(stdout)).toEqual(['kept', 'ESTORAGE', 'kept', ['a', 'c']]);
  });

  it('moves no sound file because the disk is full, and reads it', async () => {
    const store = open();
    await store.put('desired', 'document', '1');
    await store.close();
    const opener = `
      import { SqliteStore } from '${STORE}';
      const told = [];
      const onQuarantine = () => told.push('quarantine');
      const onVolatile = () => told.push('volatile');
      const store = new SqliteStore({ directory: process.argv[1], onQuarantine, onVolatile });
      const kept = await store.put('outbox', 'a', '2').then(() => 'kept', (error) => error.code);
      process.stdout.write(JSON.stringify([told, kept, store.loadNow('desired')]));`;
    const argv = ['--fsize=0:unlimited', process.execPath, ...EVALUATE, opener, directory];
    const { stdout } = await run('prlimit', argv);
    const document = { key: 'document', value: '1' };
    expect(JSON.parse(stdout)).toEqual([[], 'ESTORAGE', [document]]);
    const after = open();
    expect(after.loadNow('desired')).toEqual([document]);
    expect([quarantined, volatile]).toEqual([[], []]);
    await after.close();
  });

  it('goes on in memory where there can be no file, and says so', async () => {
    writeFileSync(join(directory, 'plain'), '');
    directory = join(directory, 'plain');
    const store = open();
    expect(volatile).toEqual([join(directory, 'state.db')]);
    await store.put('outbox', 'a', '1');
    expect(store.loadNow('outbox')).toHaveLength(1);
    await store.close();
    directory = join(directory, '..');
  });

  it('belongs to one process: a second is refused and changes nothing', async () => {
    const store = open();
    await store.put('outbox', 'a', '1');
    expect(open).toThrow(expect.objectContaining({ code: 'ESTORAGE_IN_USE' }));
    expect([quarantined, volatile]).toEqual([[], []]);
    await store.put('outbox', 'b', '2');
    await store.close();
    const next = open();
    expect(next.loadNow('outbox')).toHaveLength(2);
    await next.close();
  });

  it('loses nothing that it said was kept when the process is killed', async () => {
    const writer = `
      import { SqliteStore } from '${STORE}';
      const store = new SqliteStore({ directory: process.argv[1], onQuarantine() {}, onVolatile() {} });
      for (let at = 0; ; at += 1) {
        await store.put('outbox', String(at).padStart(8, '0'), 'x'.repeat(400));
        process.stdout.write(at + '\\n');
        if (at === 200) process.kill(process.pid, 'SIGKILL');
      }`;
    const killed = await run(process.execPath, [...EVALUATE, writer, directory]).catch(
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
