/**
 * The CCN/CEN control plane on disk: one account's cloud network in a SQLite file, shared by everybody who opens it.
 *
 * A change is one transaction: it sees what others have done, is judged by the rules, and is on the disk when it
 * returns or has not happened. Bindings are foreign keys, so a file can hold no CCN whose CEN does not exist.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CloudNetwork, type NetworkChange, type NetworkContent } from './cloud-network.ts';
import { writeChange } from './control-plane-rows.ts';
import { readContent, readEra, SCHEMA } from './control-plane-schema.ts';
import type { NetworkDoor, ReachView } from './network-door.ts';
import type { Outcome } from './outcome.ts';
import { POLICIES } from './policy.ts';

/** Another command's transaction takes milliseconds. */
const BUSY_MS = 5_000;

export class ControlPlane implements NetworkDoor {
  readonly #network: CloudNetwork;
  readonly #database: DatabaseSync;
  #version: unknown;

  /** `:memory:` for one that nobody shares and that ends with the process. */
  constructor(path: string) {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    this.#database = new DatabaseSync(path, { timeout: BUSY_MS });
    this.#database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; ${SCHEMA}`,
    );
    this.#network = new CloudNetwork(undefined, (change) => this.#write(change));
    this.#read();
  }

  /** What the file held when it was last read. */
  get network(): ReachView {
    return this.#network;
  }

  /** Performs operations of the network as one: a refusal or an exception undoes all of them. */
  change<Result extends Outcome<unknown>>(operations: (network: CloudNetwork) => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#read();
      const result = operations(this.#network);
      this.#database.exec(result.ok ? 'COMMIT' : 'ROLLBACK');
      if (!result.ok) this.#read();
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#read();
      throw error;
    }
  }

  /** True when somebody else has changed the file since it was last read; it is read again then. */
  refresh(): boolean {
    const version = this.#database.prepare('PRAGMA data_version').get()?.['data_version'];
    if (version === this.#version) return false;
    this.#read();
    return true;
  }

  close(): void {
    this.#database.close();
  }

  #read(): void {
    this.#version = this.#database.prepare('PRAGMA data_version').get()?.['data_version'];
    const content: NetworkContent = readContent(this.#database);
    this.#network.restore(POLICIES[readEra(this.#database)], content);
  }

  #write(change: NetworkChange): void {
    writeChange(this.#database, change);
  }
}
