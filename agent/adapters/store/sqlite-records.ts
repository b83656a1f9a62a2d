/**
 * The table of records in one SQLite database, each with a checksum of its own: SQLite notices a broken page, not a
 * flipped bit inside a text.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from '../../../firmware-shim/wire/crc32.ts';
import type { StoredRecord } from '../../ports.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    shelf TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    sum INTEGER,
    UNIQUE (shelf, key)
  ) STRICT`;
const COLUMNS: readonly string[] = ['place', 'shelf', 'key', 'value'];

export interface ShelvedRecord extends StoredRecord {
  readonly shelf: string;
}

const encoder = new TextEncoder();

/** Makes the table where there is none; undefined when there is one that is not ours. */
export function openRecords(database: DatabaseSync): Records | undefined {
  const tables = Object.values(
    database.prepare('SELECT count(*) FROM sqlite_schema').get() ?? {},
  )[0];
  if (tables === 0) database.exec(SCHEMA);
  const names = columnsOf(database);
  if (!COLUMNS.every((name) => names.includes(name))) return undefined;
  // Of a version that kept no checksums; its records have none and are believed.
  if (!names.includes('sum')) database.exec('ALTER TABLE records ADD COLUMN sum INTEGER');
  return new Records(database);
}

/**
 * Everything that can still be read of a database that is damaged or on a disk that takes nothing; undefined when it
 * cannot be read at all.
 */
export function salvageRecords(database: DatabaseSync): readonly ShelvedRecord[] | undefined {
  const found: ShelvedRecord[] = [];
  try {
    const sum = columnsOf(database).includes('sum') ? 'sum' : 'NULL AS sum';
    const rows = database
      .prepare(`SELECT shelf, key, value, ${sum} FROM records ORDER BY place`)
      .iterate();
    for (const row of rows) {
      const record = shelvedOf(row);
      if (record !== undefined) found.push(record);
    }
    return found;
  } catch {
    // The rest is behind the damage.
    return found.length === 0 ? undefined : found;
  }
}

export class Records {
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;
  readonly #pick: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#select = database.prepare(
      'SELECT shelf, key, value, sum FROM records WHERE shelf = ? ORDER BY place',
    );
    this.#pick = database.prepare(
      'SELECT shelf, key, value, sum FROM records WHERE shelf = ? AND key = ?',
    );
    this.#upsert = database.prepare(
      'INSERT INTO records (shelf, key, value, sum) VALUES (?, ?, ?, ?) ' +
        'ON CONFLICT (shelf, key) DO UPDATE SET value = excluded.value, sum = excluded.sum',
    );
    this.#delete = database.prepare('DELETE FROM records WHERE shelf = ? AND key = ?');
  }

  /** The sound records of a shelf, in the order they were first put. */
  load(shelf: string): readonly StoredRecord[] {
    return this.#select.all(shelf).flatMap(soundOf);
  }

  /** The sound ones among these of a shelf. */
  pick(shelf: string, keys: readonly string[]): readonly StoredRecord[] {
    return keys.flatMap((key) => this.#pick.all(shelf, key).flatMap(soundOf));
  }

  put({ shelf, key, value }: ShelvedRecord): void {
    this.#upsert.run(shelf, key, value, sumOf(shelf, key, value));
  }

  remove(shelf: string, keys: readonly string[]): void {
    for (const key of keys) this.#delete.run(shelf, key);
  }

  /** All of it or nothing; on the disk when it returns. */
  commit(change: () => void): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      change();
      this.#database.exec('COMMIT');
    } catch (error) {
      // SQLite rolls back by itself on some errors; then there is nothing left to do here.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  salvage(): readonly ShelvedRecord[] {
    return salvageRecords(this.#database) ?? [];
  }

  close(): void {
    this.#database.close();
  }
}

function columnsOf(database: DatabaseSync): readonly string[] {
  return database
    .prepare('PRAGMA table_info(records)')
    .all()
    .map(({ name }) => String(name));
}

/** Undefined when the record is not what was put. */
function shelvedOf(row: Readonly<Record<string, unknown>>): ShelvedRecord | undefined {
  const { sum } = row;
  const [shelf, key, value] = [String(row['shelf']), String(row['key']), String(row['value'])];
  return sum === null || sum === sumOf(shelf, key, value) ? { shelf, key, value } : undefined;
}

function soundOf(row: Readonly<Record<string, unknown>>): readonly StoredRecord[] {
  const record = shelvedOf(row);
  return record === undefined ? [] : [{ key: record.key, value: record.value }];
}

function sumOf(shelf: string, key: string, value: string): number {
  return crc32(encoder.encode(`${shelf}\0${key}\0${value}`));
}
