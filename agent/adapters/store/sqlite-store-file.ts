/**
 * The file of the store: opened for this process alone, checked, and set aside when it is damaged.
 *
 * Only a damaged file is ever moved. A full or broken disk leaves it where it is: what it holds is read into memory,
 * and nothing outlives the run. The lock is SQLite's own and is held as long as the process lives, also after SIGKILL.
 */
import { chmodSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { flushDirectory, makeDirectory } from './directory.ts';
import { openRecords, type Records, type ShelvedRecord, salvageRecords } from './sqlite-records.ts';

const FILE_NAME = 'state.db';
/** A file that is to take the place of the other; whole as soon as the other is gone. */
const NEXT = '.next';
/** SQLite keeps these beside the file. */
const COMPANIONS: readonly string[] = ['-wal', '-shm'];
/** Damaged files kept for whoever looks into it; older ones go. */
const QUARANTINED_MAX = 3;
/** A former run that is just ending may hold the file a little longer. */
const LOCK_WAIT_MS = 1_000;

/** SQLite's result codes, of which the low byte is the kind. */
const KIND_MASK = 0xff;
const BUSY = 5;
const IO_ERROR = 10;
/** Corrupt, no database, and of a file whose header makes no sense: a generic error. A disk that refuses has others. */
const DAMAGE_KINDS: readonly number[] = [1, 11, 26];

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
  /** The file was damaged, or the disk failed under it, and is now at `path`. */
  readonly onQuarantine: (path: string, because: string) => void;
  /** Nothing outlives this run: the file at `path` cannot be used. */
  readonly onVolatile: (path: string, because: string) => void;
}

type Opening =
  | { readonly is: 'open'; readonly records: Records }
  | { readonly is: 'damaged' | 'in-use' | 'refused'; readonly because: string };

/** Throws `ESTORAGE_IN_USE` when another process has the file, and nothing else. */
export function openStoreFile(options: StoreFileOptions): Records {
  const { directory, onQuarantine, onVolatile } = options;
  const path = join(directory, FILE_NAME);
  finishRenewal(path);
  let opening = tryOpen(path);
  if (opening.is === 'damaged') {
    const { because } = opening;
    const aside = setAside(path);
    if (aside !== undefined) {
      onQuarantine(aside, because);
      opening = tryOpen(path);
      if (opening.is === 'open') putAll(opening.records, readable(aside));
    }
  }
  if (opening.is === 'open') return opening.records;
  if (opening.is === 'in-use') {
    const sentence = `${path} belongs to another process; another agent runs on this state directory`;
    throw new StoreRefused(sentence, 'ESTORAGE_IN_USE');
  }
  onVolatile(path, opening.because);
  return inMemory(readable(path));
}

/** Whether the file may hold less than it was told, so that nothing more may be entrusted to it. */
export function isDiskFailure(error: unknown): boolean {
  return kindOf(error) === IO_ERROR;
}

/**
 * A new file with these records in the place of one whose flush failed: the kernel forgets what it could not write, so
 * that another flush of the same file would succeed and mean nothing. Throws while the disk refuses this as well, and
 * `former` is then where it was.
 */
export function renewStoreFile(
  { directory, onQuarantine, onVolatile }: StoreFileOptions,
  former: Records,
  records: readonly ShelvedRecord[],
  because: string,
): Records {
  const path = join(directory, FILE_NAME);
  const next = path + NEXT;
  removeFile(next);
  const opening = tryOpen(next);
  if (opening.is !== 'open') throw new StoreRefused(opening.because);
  try {
    putAll(opening.records, records);
  } finally {
    // Everything goes from the log into the file, which is then one file.
    opening.records.close();
  }
  flushDirectory(directory);
  const aside = setAside(path);
  if (aside === undefined) throw new StoreRefused(`${path} could not be set aside`);
  onQuarantine(aside, because);
  // Under its new name it takes no companion of the new file along.
  former.close();
  finishRenewal(path);
  const renewed = tryOpen(path);
  if (renewed.is === 'open') return renewed.records;
  onVolatile(path, renewed.because);
  return inMemory(records);
}

/** After a power cut or in the course of a renewal: the next file is whole once the one before it is gone. */
function finishRenewal(path: string): void {
  const next = path + NEXT;
  try {
    if (!existsSync(next)) return;
    if (existsSync(path)) return removeFile(next);
    // Left over from the former file; SQLite would believe them.
    for (const companion of COMPANIONS) rmSync(path + companion, { force: true });
    renameSync(next, path);
    flushDirectory(dirname(path));
  } catch {
    // The disk refuses; opening will say so.
  }
}

function tryOpen(path: string): Opening {
  let database: DatabaseSync | undefined;
  try {
    makeDirectory(dirname(path));
    database = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
    database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;',
    );
    // The quick check does not compare indices with their tables: reading by an index could still fail.
    const verdict = database.prepare('PRAGMA integrity_check(1)').get();
    const words = String(Object.values(verdict ?? {})[0]);
    if (words !== 'ok') return refused(database, 'damaged', words);
    const records = openRecords(database);
    if (records === undefined) return refused(database, 'damaged', 'its tables are not ours');
    // Takes the lock, which is then kept.
    database.exec('BEGIN IMMEDIATE; COMMIT');
    chmodSync(path, 0o600);
    return { is: 'open', records };
  } catch (error) {
    const kind = kindOf(error);
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

/** Holds what could still be read of the file, so that a read-only disk does not cost the desired document. */
function inMemory(kept: readonly ShelvedRecord[]): Records {
  const records = openRecords(new DatabaseSync(':memory:'));
  if (records === undefined) throw new Error('a new database has a table already');
  putAll(records, kept);
  return records;
}

function putAll(records: Records, kept: readonly ShelvedRecord[]): void {
  records.commit(() => {
    for (const record of kept) records.put(record);
  });
}

/** What the file in `directory` holds, read from outside and never changed; undefined when that is not possible. */
export function readStoreFile(directory: string): readonly ShelvedRecord[] | undefined {
  const path = join(directory, FILE_NAME);
  if (!existsSync(path)) return undefined;
  // The newest records may still be in the write-ahead log, which only an ordinary opening reads.
  return recordsOf(path, false) ?? recordsOf(path, true);
}

function readable(path: string): readonly ShelvedRecord[] {
  return existsSync(path) ? (recordsOf(path, true) ?? []) : [];
}

function recordsOf(path: string, immutable: boolean): readonly ShelvedRecord[] | undefined {
  try {
    const url = pathToFileURL(path);
    // Without it SQLite wants to write beside the file even to read it.
    if (immutable) url.searchParams.set('immutable', '1');
    const file = new DatabaseSync(url, { readOnly: true });
    try {
      return salvageRecords(file);
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
    const moved = (of: number): string => join(directory, `${prefix}${of}`);
    for (const old of numbers) if (old <= number - QUARANTINED_MAX) removeFile(moved(old));
    for (const suffix of ['', ...COMPANIONS]) {
      if (existsSync(path + suffix)) renameSync(path + suffix, moved(number) + suffix);
    }
    return moved(number);
  } catch {
    return undefined;
  }
}

function removeFile(path: string): void {
  for (const suffix of ['', ...COMPANIONS]) rmSync(path + suffix, { force: true });
}

function kindOf(error: unknown): number {
  return Number((error as { readonly errcode?: unknown }).errcode ?? 0) & KIND_MASK;
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
