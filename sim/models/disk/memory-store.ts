/**
 * The branch's disk: a record is durable a moment after it was put, in the order it was put, and outlives
 * the agent. Everything a caller was told is kept stays kept until it is removed.
 *
 * A disk in trouble refuses to keep, and does not remove either. One whose flushes fail refuses as well, but what it
 * refused may be found after the next start. When the power is cut, what was under way is done up to some point.
 */

import type { StoredRecord } from '../../../agent/ports.ts';
import type { SeededRandom } from '../../../firmware-shim/base/random.ts';
import type { Ticket } from '../../world/due-queue.ts';
import type { World } from '../../world/world.ts';

export type DiskTrouble = 'ENOSPC' | 'EIO' | 'flush';

interface Change {
  readonly apply: () => void;
  readonly ticket: Ticket;
}

export class MemoryStore {
  readonly #world: World;
  readonly #storeMs: number;
  readonly #onKept: ((shelf: string, key: string) => void) | undefined;
  readonly #shelves = new Map<string, Map<string, string>>();
  readonly #underWay = new Set<Change>();
  /** Refused, and perhaps on the disk. */
  #doubtful: (() => void)[] = [];

  /** Why every record is refused, while the disk is in trouble. */
  trouble: DiskTrouble | undefined;

  constructor(world: World, storeMs: number, onKept?: (shelf: string, key: string) => void) {
    this.#world = world;
    this.#storeMs = storeMs;
    this.#onKept = onKept;
  }

  load(shelf: string): readonly StoredRecord[] {
    return [...(this.#shelves.get(shelf) ?? [])].map(([key, value]) => ({ key, value }));
  }

  value(shelf: string, key: string): string | undefined {
    return this.#shelves.get(shelf)?.get(key);
  }

  read(
    shelf: string,
    keys: readonly string[],
    done: (records: readonly StoredRecord[] | undefined) => void,
  ): void {
    this.#world.after(this.#storeMs, `read ${shelf}`, () => {
      const wanted = this.load(shelf).filter(({ key }) => keys.includes(key));
      done(this.trouble === 'EIO' ? undefined : wanted);
    });
  }

  put(shelf: string, key: string, value: string, done: (refusal?: string) => void): void {
    const keep = (): void => this.#keep(shelf, key, value);
    this.#change(`store ${shelf}`, keep, () => {
      if (this.trouble === undefined) {
        keep();
        done();
        return;
      }
      if (this.trouble === 'flush') this.#doubtful.push(keep);
      done(this.trouble === 'flush' ? 'EIO' : this.trouble);
    });
  }

  remove(shelf: string, keys: readonly string[]): void {
    const forget = (): void => {
      for (const key of keys) this.#shelves.get(shelf)?.delete(key);
    };
    this.#change(`unstore ${shelf}`, forget, () => {
      if (this.trouble === undefined) forget();
    });
  }

  /** Of what is under way the first few changes are done, and nobody is told. */
  cutPower(random: SeededRandom): void {
    const done = random.u32() % (this.#underWay.size + 1);
    for (const [at, { apply, ticket }] of [...this.#underWay].entries()) {
      this.#world.cancel(ticket);
      if (at < done && this.trouble === undefined) apply();
    }
    this.#underWay.clear();
  }

  /** Somebody reads the disk anew: each record it refused after a failed flush is there, or not. */
  reopen(random: SeededRandom): void {
    for (const keep of this.#doubtful) if (random.next() < 0.5) keep();
    this.#doubtful = [];
  }

  #change(why: string, apply: () => void, act: () => void): void {
    const change: Change = {
      apply,
      ticket: this.#world.after(this.#storeMs, why, () => {
        this.#underWay.delete(change);
        act();
      }),
    };
    this.#underWay.add(change);
  }

  #keep(shelf: string, key: string, value: string): void {
    const records = this.#shelves.get(shelf) ?? new Map<string, string>();
    records.set(key, value);
    this.#shelves.set(shelf, records);
    this.#onKept?.(shelf, key);
  }
}
