/**
 * The durable store: small records in one SQLite file, WAL with `synchronous=FULL`, so that a resolved promise means
 * "on the disk".
 *
 * What is put within one turn of the event loop shares one transaction and one flush. A disk that will not have it is
 * never a reason not to start: then everything is held in memory, and told so.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Store, StoredRecord } from '../ports.ts';
import { openStoreFile, type StoreFileOptions, StoreRefused, textOf } from './sqlite-store-file.ts';

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

  /** Throws `ESTORAGE_IN_USE` when another process has the file. */
  constructor(options: StoreFileOptions) {
    this.#database = openStoreFile(options);
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
