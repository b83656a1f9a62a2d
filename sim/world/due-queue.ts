/**
 * Things to do at moments to come: a binary heap in order of time, and of insertion among equals.
 *
 * Stable order makes a run a function of its seed. Every entry knows its place in the heap, so that taking
 * one back removes it for real: a wake-up that was moved never lingers as a stale one.
 */
import { assert } from '../../firmware-shim/base/assert.ts';

export interface Due<Item> {
  readonly atMs: number;
  readonly item: Item;
}

/** Handed out by `push`; gives the entry back to `remove`. */
export interface Ticket {
  readonly order: number;
}

interface Entry<Item> extends Due<Item>, Ticket {
  /** Position in the heap, or -1 once it has left. */
  place: number;
}

export class DueQueue<Item> {
  readonly #heap: Entry<Item>[] = [];
  #pushed = 0;

  get size(): number {
    return this.#heap.length;
  }

  push(atMs: number, item: Item): Ticket {
    assert(!Number.isNaN(atMs), 'a moment is a number');
    const entry: Entry<Item> = { atMs, item, order: this.#pushed, place: this.#heap.length };
    this.#pushed += 1;
    this.#heap.push(entry);
    this.#rise(entry);
    return entry;
  }

  peek(): Due<Item> | undefined {
    return this.#heap[0];
  }

  shift(): Due<Item> | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes an entry back; false when it has left the queue already. */
  remove(ticket: Ticket): boolean {
    const entry = ticket as Entry<Item>;
    if (entry.place < 0) return false;
    assert(this.#heap[entry.place] === entry, 'a ticket belongs to its own queue');
    const last = this.#heap.pop();
    if (last !== undefined && last !== entry) {
      this.#put(last, entry.place);
      this.#rise(last);
      this.#sink(last);
    }
    entry.place = -1;
    return true;
  }

  #rise(entry: Entry<Item>): void {
    while (entry.place > 0) {
      const parent = this.#heap[(entry.place - 1) >> 1];
      if (parent === undefined || !before(entry, parent)) return;
      this.#swap(entry, parent);
    }
  }

  #sink(entry: Entry<Item>): void {
    for (;;) {
      const left = this.#heap[entry.place * 2 + 1];
      const right = this.#heap[entry.place * 2 + 2];
      const child = left !== undefined && right !== undefined && before(right, left) ? right : left;
      if (child === undefined || !before(child, entry)) return;
      this.#swap(child, entry);
    }
  }

  #swap(a: Entry<Item>, b: Entry<Item>): void {
    const place = a.place;
    this.#put(a, b.place);
    this.#put(b, place);
  }

  #put(entry: Entry<Item>, place: number): void {
    entry.place = place;
    this.#heap[place] = entry;
  }
}

function before(a: Due<unknown> & Ticket, b: Due<unknown> & Ticket): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
