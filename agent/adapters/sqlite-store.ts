/**
 * The durable store: small records in one SQLite file, WAL with `synchronous=FULL`, so that a resolved promise means
 * "on the disk".
 *
 * What is put within one turn of the event loop shares one transaction and one flush. A file that cannot be read is
 * set aside and replaced, never a reason not to start.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Store, StoredRecord } from '../ports.ts';

const FILE_NAME = 'state.db';
/** SQLite keeps these beside the file. */
const SUFFIXES: readonly string[] = ['', '-wal', '-shm'];
/** Damaged files kept for whoever looks into it; older ones go. */
const QUARANTINED_MAX = 3;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    shelf TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (shelf, key)
  ) STRICT`;

export interface SqliteStoreOptions {
  /** Made with mode 0700 where missing. */
  readonly directory: string;
  readonly onQuarantine: (path: string, because: string) => void;
}

/** The disk would not: full, read-only or broken. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
  readonly code = 'ESTORAGE';
}

interface Change {
  readonly apply: () => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  #pending: Change[] = [];
  #isScheduled = false;

  /** Throws when the directory cannot be made or written to at all. */
  constructor({ directory, onQuarantine }: SqliteStoreOptions) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, FILE_NAME);
    this.#database = openSound(path, onQuarantine);
    chmodSync(path, 0o600);
    this.#select = this.#database.prepare(
      'SELECT key, value FROM records WHERE shelf = ? ORDER BY place',
    );
    this.#upsert = this.#database.prepare(
      'INSERT INTO records (shelf, key, value) VALUES (?, ?, ?) ' +
        'ON CONFLICT (shelf, key) DO UPDATE SET value = excluded.value',
    );
    this.#delete = this.#database.prepare('DELETE FROM records WHERE shelf = ? AND key = ?');
  }

  /** The whole of one shelf, now; for the start, before anything runs. */
  loadNow(shelf: string): readonly StoredRecord[] {
    return this.#select
      .all(shelf)
      .map(({ key, value }) => ({ key: String(key), value: String(value) }));
  }

  async load(shelf: string): Promise<readonly StoredRecord[]> {
    await this.#flushed();
    return this.loadNow(shelf);
  }

  async put(shelf: string, key: string, value: string): Promise<void> {
    return this.#change(() => this.#upsert.run(shelf, key, value));
  }

  async remove(shelf: string, keys: readonly string[]): Promise<void> {
    return this.#change(() => {
      for (const key of keys) this.#delete.run(shelf, key);
    });
  }

  async close(): Promise<void> {
    await this.#flushed();
    this.#database.close();
  }

  async #flushed(): Promise<void> {
    if (this.#pending.length > 0) await this.#change(() => undefined);
  }

  async #change(apply: () => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#pending.push({ apply, resolve, reject });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const changes = this.#pending;
    this.#pending = [];
    this.#isScheduled = false;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const { apply } of changes) apply();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      const refusal = new StoreRefused(textOf(error));
      for (const { reject } of changes) reject(refusal);
      return;
    }
    for (const { resolve } of changes) resolve();
  }

  #rollBack(): void {
    // SQLite rolls back by itself on some errors; then there is nothing left to do here.
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }
}

/** Opens the file; one that is no sound database is set aside, and a new one begun. */
function openSound(path: string, onQuarantine: SqliteStoreOptions['onQuarantine']): DatabaseSync {
  const first = tryOpen(path);
  if (first.database !== undefined) return first.database;
  const aside = setAside(path);
  onQuarantine(aside, first.because);
  const second = tryOpen(path);
  if (second.database !== undefined) return second.database;
  throw new StoreRefused(second.because);
}

type Opened =
  | { readonly database: DatabaseSync; readonly because: '' }
  | { readonly database: undefined; readonly because: string };

function tryOpen(path: string): Opened {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    const verdict = database.prepare('PRAGMA quick_check(1)').get();
    const words = String(Object.values(verdict ?? {})[0]);
    if (words !== 'ok') throw new Error(words);
    database.exec(SCHEMA);
    database.prepare('SELECT place, shelf, key, value FROM records LIMIT 1').get();
    return { database, because: '' };
  } catch (error) {
    database?.close();
    return { database: undefined, because: textOf(error) };
  }
}

function setAside(path: string): string {
  const directory = dirname(path);
  const prefix = `${basename(path)}.damaged-`;
  const numbers = readdirSync(directory)
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number.parseInt(name.slice(prefix.length), 10))
    .filter(Number.isSafeInteger)
    .toSorted((a, b) => a - b);
  const number = (numbers.at(-1) ?? 0) + 1;
  const moved = (of: number, suffix: string): string => join(directory, `${prefix}${of}${suffix}`);
  for (const suffix of SUFFIXES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, moved(number, suffix));
    for (const old of numbers) {
      if (old <= number - QUARANTINED_MAX) rmSync(moved(old, suffix), { force: true });
    }
  }
  return moved(number, '');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
