/**
 * The branch's disk: a record is durable a moment after it was put, in the order it was put, and outlives
 * the agent. Everything a caller was told is kept stays kept until it is removed. A disk in trouble refuses to keep.
 */
import type { StoredRecord } from '../../../agent/ports.ts';
import type { World } from '../../world/world.ts';

export class MemoryStore {
  readonly #world: World;
  readonly #storeMs: number;
  readonly #onKept: ((shelf: string, key: string) => void) | undefined;
  readonly #shelves = new Map<string, Map<string, string>>();

  /** What every record is refused with, while the disk is in trouble. */
  trouble: 'ENOSPC' | 'EIO' | undefined;

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

  put(shelf: string, key: string, value: string, done: (refusal?: string) => void): void {
    this.#world.after(this.#storeMs, `store ${shelf}`, () => {
      if (this.trouble !== undefined) {
        done(this.trouble);
        return;
      }
      const records = this.#shelves.get(shelf) ?? new Map<string, string>();
      records.set(key, value);
      this.#shelves.set(shelf, records);
      this.#onKept?.(shelf, key);
      done();
    });
  }

  remove(shelf: string, keys: readonly string[]): void {
    this.#world.after(this.#storeMs, `unstore ${shelf}`, () => {
      for (const key of keys) this.#shelves.get(shelf)?.delete(key);
    });
  }
}
