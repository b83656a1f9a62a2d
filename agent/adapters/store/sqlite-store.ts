/**
 * The durable store: small records in one SQLite file, WAL with `synchronous=FULL`, so that a resolved promise means
 * "on the disk".
 *
 * What is put within one turn of the event loop shares one transaction and one flush. A disk that will not have it is
 * never a reason not to start: then everything is held in memory, and told so. A file whose flush failed is never
 * believed again: everything goes into a new one.
 */
import type { Store, StoredRecord } from '../../ports.ts';
import type { Records } from './sqlite-records.ts';
import {
  isDiskFailure,
  openStoreFile,
  renewStoreFile,
  type StoreFileOptions,
  StoreRefused,
  textOf,
} from './sqlite-store-file.ts';

interface Change {
  readonly apply: (records: Records) => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class SqliteStore implements Store {
  readonly #options: StoreFileOptions;
  #records: Records;
  /** Why the file may hold less than it was told; nothing is put into it any more. */
  #distrusted: string | undefined;
  #pending: Change[] = [];
  #isScheduled = false;

  /** Throws `ESTORAGE_IN_USE` when another process has the file. */
  constructor(options: StoreFileOptions) {
    this.#options = options;
    this.#records = openStoreFile(options);
  }

  /** The whole of one shelf, now; for the start, before anything runs. */
  loadNow(shelf: string): readonly StoredRecord[] {
    return this.#records.load(shelf);
  }

  async load(shelf: string, keys?: readonly string[]): Promise<readonly StoredRecord[]> {
    await this.#flushed();
    return keys === undefined ? this.loadNow(shelf) : this.#records.pick(shelf, keys);
  }

  async put(shelf: string, key: string, value: string): Promise<void> {
    return this.#change((records) => records.put({ shelf, key, value }));
  }

  async remove(shelf: string, keys: readonly string[]): Promise<void> {
    return this.#change((records) => records.remove(shelf, keys));
  }

  async close(): Promise<void> {
    await this.#flushed();
    this.#records.close();
  }

  async #flushed(): Promise<void> {
    if (this.#pending.length > 0) await this.#change(() => undefined);
  }

  async #change(apply: Change['apply']): Promise<void> {
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
      this.#commit(changes);
    } catch (error) {
      const refusal = new StoreRefused(textOf(error));
      for (const { reject } of changes) reject(refusal);
      return;
    }
    for (const { resolve } of changes) resolve();
  }

  #commit(changes: readonly Change[]): void {
    if (this.#distrusted !== undefined) this.#renew(this.#distrusted);
    try {
      this.#apply(changes);
    } catch (error) {
      if (!isDiskFailure(error)) throw error;
      this.#distrusted = textOf(error);
      this.#renew(this.#distrusted);
      this.#apply(changes);
    }
  }

  #apply(changes: readonly Change[]): void {
    this.#records.commit(() => {
      for (const { apply } of changes) apply(this.#records);
    });
  }

  #renew(because: string): void {
    this.#records = renewStoreFile(this.#options, this.#records, this.#records.salvage(), because);
    this.#distrusted = undefined;
  }
}
