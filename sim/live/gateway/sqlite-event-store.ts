/**
 * The event store on disk: SQLite in WAL mode with full synchronisation, many appends in one commit.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Appended, EventStore, StoredEvent } from './event-store.ts';

interface Waiting {
  readonly entry: StoredEvent;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** Somebody who reads the store while its gateway runs holds it for some milliseconds at most. */
const BUSY_MS = 5_000;

export class SqliteEventStore implements EventStore {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  #waiting: Waiting[] = [];

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: BUSY_MS });
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS event (
        place INTEGER PRIMARY KEY,
        serialNumber TEXT NOT NULL,
        bootId TEXT NOT NULL,
        seq INTEGER NOT NULL,
        gateway TEXT NOT NULL,
        message TEXT NOT NULL,
        UNIQUE (serialNumber, bootId, seq)
      ) STRICT`);
    this.#insert = this.#database.prepare(
      'INSERT OR IGNORE INTO event (serialNumber, bootId, seq, gateway, message) VALUES (?, ?, ?, ?, ?)',
    );
  }

  /** Waits for the end of this turn, so that everything one read brought is one commit. */
  append(entry: StoredEvent): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#commit());
      this.#waiting.push({ entry, resolve, reject });
    });
  }

  all(): readonly StoredEvent[] {
    this.#commit();
    const rows = this.#database
      .prepare('SELECT serialNumber, gateway, message FROM event ORDER BY place')
      .all();
    return rows.map((row) => ({
      serialNumber: String(row['serialNumber']),
      gateway: String(row['gateway']),
      event: JSON.parse(String(row['message'])),
    }));
  }

  close(): void {
    this.#commit();
    this.#database.close();
  }

  #commit(): void {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const appended = batch.map(({ entry }) => this.#put(entry));
      this.#database.exec('COMMIT');
      batch.forEach(({ resolve }, index) => resolve(appended[index] ?? 'duplicate'));
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      for (const { reject } of batch) reject(error);
    }
  }

  #put({ serialNumber, gateway, event }: StoredEvent): Appended {
    const { bootId, seq } = event;
    const { changes } = this.#insert.run(serialNumber, bootId, seq, gateway, JSON.stringify(event));
    return Number(changes) === 1 ? 'stored' : 'duplicate';
  }
}
