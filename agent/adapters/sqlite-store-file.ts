/**
 * Opens the file of the store: takes it for this process alone, sets a damaged one aside, and where the disk will
 * not have it goes on in memory.
 *
 * Only proof of damage moves a file: one that a full or read-only disk cannot open today is sound tomorrow. The lock
 * is the kernel's and ends with the process, also after SIGKILL.
 */
import { chmodSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { makeDirectory } from './make-directory.ts';

const FILE_NAME = 'state.db';
/** SQLite keeps these beside the file. */
const SUFFIXES: readonly string[] = ['', '-wal', '-shm'];
/** Damaged files kept for whoever looks into it; older ones go. */
const QUARANTINED_MAX = 3;
/** A former run that is just ending may hold the file a little longer. */
const LOCK_WAIT_MS = 1_000;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    shelf TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (shelf, key)
  ) STRICT`;

/** SQLite's result codes, of which the low byte is the kind. */
const KIND_MASK = 0xff;
const BUSY = 5;
const DAMAGE_KINDS: readonly number[] = [11, 26];

/** The disk would not: full, read-only or broken; or another agent has the file. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
  readonly code: 'ESTORAGE' | 'ESTORAGE_IN_USE';

  constructor(message: string, code: StoreRefused['code'] = 'ESTORAGE') {
    super(message);
    this.code = code;
  }
}

export interface StoreFileOptions {
  /** Made with mode 0700 where missing. */
  readonly directory: string;
  /** The file was damaged and is now at `path`. */
  readonly onQuarantine: (path: string, because: string) => void;
  /** Nothing outlives this run: the file at `path` cannot be used. */
  readonly onVolatile: (path: string, because: string) => void;
}

type Opening =
  | { readonly is: 'open'; readonly database: DatabaseSync }
  | { readonly is: 'damaged' | 'in-use' | 'refused'; readonly because: string };

/** Throws `ESTORAGE_IN_USE` when another process has the file, and nothing else. */
export function openStoreFile(options: StoreFileOptions): DatabaseSync {
  const { directory, onQuarantine, onVolatile } = options;
  const path = join(directory, FILE_NAME);
  let opening = tryOpen(path);
  if (opening.is === 'damaged') {
    const aside = setAside(path);
    if (aside !== undefined) {
      onQuarantine(aside, opening.because);
      opening = tryOpen(path);
    }
  }
  if (opening.is === 'open') return opening.database;
  if (opening.is === 'in-use') {
    const sentence = `${path} belongs to another process; another agent runs on this state directory`;
    throw new StoreRefused(sentence, 'ESTORAGE_IN_USE');
  }
  onVolatile(path, opening.because);
  return inMemory(path);
}

function tryOpen(path: string): Opening {
  let database: DatabaseSync | undefined;
  try {
    makeDirectory(dirname(path));
    database = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
    database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;',
    );
    const verdict = database.prepare('PRAGMA quick_check(1)').get();
    const words = String(Object.values(verdict ?? {})[0]);
    if (words !== 'ok') return refused(database, 'damaged', words);
    const tables = Object.values(
      database.prepare('SELECT count(*) FROM sqlite_schema').get() ?? {},
    )[0];
    if (tables === 0) database.exec(SCHEMA);
    if (!isOurs(database)) return refused(database, 'damaged', 'its tables are not ours');
    // Takes the lock, which is then kept.
    database.exec('BEGIN IMMEDIATE; COMMIT');
    chmodSync(path, 0o600);
    return { is: 'open', database };
  } catch (error) {
    const kind = Number((error as { readonly errcode?: unknown }).errcode ?? 0) & KIND_MASK;
    if (kind === BUSY) return refused(database, 'in-use', textOf(error));
    return refused(database, DAMAGE_KINDS.includes(kind) ? 'damaged' : 'refused', textOf(error));
  }
}

function refused(
  database: DatabaseSync | undefined,
  is: 'damaged' | 'in-use' | 'refused',
  because: string,
): Opening {
  database?.close();
  return { is, because };
}

function isOurs(database: DatabaseSync): boolean {
  const columns = database.prepare('PRAGMA table_info(records)').all();
  const names = columns.map(({ name }) => String(name));
  return ['place', 'shelf', 'key', 'value'].every((name) => names.includes(name));
}

/** Holds what could still be read of the file, so that a read-only disk does not cost the desired document. */
function inMemory(path: string): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(SCHEMA);
  const insert = database.prepare('INSERT INTO records (shelf, key, value) VALUES (?, ?, ?)');
  for (const [shelf, key, value] of readable(path)) insert.run(shelf, key, value);
  return database;
}

/** What the file in `directory` holds, read from outside and never changed; undefined when that is not possible. */
export function readStoreFile(
  directory: string,
): readonly { readonly shelf: string; readonly key: string; readonly value: string }[] | undefined {
  const path = join(directory, FILE_NAME);
  if (!existsSync(path)) return undefined;
  // The newest records may still be in the write-ahead log, which only an ordinary opening reads.
  const rows = rowsOf(path, false) ?? rowsOf(path, true);
  return rows?.map(([shelf, key, value]) => ({ shelf, key, value }));
}

function readable(path: string): readonly (readonly [string, string, string])[] {
  return existsSync(path) ? (rowsOf(path, true) ?? []) : [];
}

function rowsOf(
  path: string,
  immutable: boolean,
): readonly (readonly [string, string, string])[] | undefined {
  try {
    const url = pathToFileURL(path);
    // Without it SQLite wants to write beside the file even to read it.
    if (immutable) url.searchParams.set('immutable', '1');
    const file = new DatabaseSync(url, { readOnly: true });
    try {
      return file
        .prepare('SELECT shelf, key, value FROM records ORDER BY place')
        .all()
        .map(({ shelf, key, value }) => [String(shelf), String(key), String(value)]);
    } finally {
      file.close();
    }
  } catch {
    return undefined;
  }
}

/** Where the file is now; undefined when the disk would not let it go. */
function setAside(path: string): string | undefined {
  const directory = dirname(path);
  const prefix = `${basename(path)}.damaged-`;
  try {
    const numbers = readdirSync(directory)
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number.parseInt(name.slice(prefix.length), 10))
      .filter(Number.isSafeInteger)
      .toSorted((a, b) => a - b);
    const number = (numbers.at(-1) ?? 0) + 1;
    const moved = (of: number, suffix: string): string =>
      join(directory, `${prefix}${of}${suffix}`);
    for (const suffix of SUFFIXES) {
      if (existsSync(path + suffix)) renameSync(path + suffix, moved(number, suffix));
      for (const old of numbers) {
        if (old <= number - QUARANTINED_MAX) rmSync(moved(old, suffix), { force: true });
      }
    }
    return moved(number, '');
  } catch {
    return undefined;
  }
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
