/**
 * Who is due first, among many: a binary heap of moments in which each key stands at most once.
 *
 * Moving a key costs the logarithm of their number, so that thousands of cores can share one alarm.
 */
import { assert } from './assert.ts';

interface Due<Key> {
  readonly key: Key;
  atMs: number;
  place: number;
}

export class DueHeap<Key> {
  readonly #heap: Due<Key>[] = [];
  readonly #dues = new Map<Key, Due<Key>>();

  get size(): number {
    return this.#heap.length;
  }

  /** Puts `key` at a moment, or moves it there; takes it out when the moment is Infinity. */
  set(key: Key, atMs: number): void {
    if (atMs === Infinity) return this.remove(key);
    const known = this.#dues.get(key);
    if (known !== undefined) {
      if (known.atMs === atMs) return;
      known.atMs = atMs;
      this.#settle(known);
      return;
    }
    const due = { key, atMs, place: this.#heap.length };
    this.#dues.set(key, due);
    this.#heap.push(due);
    this.#settle(due);
  }

  remove(key: Key): void {
    const due = this.#dues.get(key);
    if (due === undefined) return;
    this.#dues.delete(key);
    const last = this.#heap.pop();
    if (last === undefined || last === due) return;
    this.#put(last, due.place);
    this.#settle(last);
  }

  /**
   * Calls `wake` for every key that is due, the earliest first, and moves it to the moment that it answers with. Each
   * at most once, so that one that is always due starves nobody.
   */
  wake(nowMs: number, wake: (key: Key) => number): void {
    const stillDue: { readonly key: Key; readonly atMs: number }[] = [];
    for (let due = this.#heap[0]; due !== undefined && due.atMs <= nowMs; due = this.#heap[0]) {
      const { key } = due;
      const atMs = wake(key);
      if (atMs <= nowMs) stillDue.push({ key, atMs });
      if (atMs <= nowMs || atMs === Infinity || this.#heap[0] !== due) {
        this.set(key, atMs <= nowMs ? Infinity : atMs);
      } else {
        // The ordinary case, without asking where the key stands.
        due.atMs = atMs;
        this.#sink(due);
      }
    }
    for (const { key, atMs } of stillDue) this.set(key, atMs);
  }

  first(): { readonly key: Key; readonly atMs: number } | undefined {
    return this.#heap[0];
  }

  #settle(due: Due<Key>): void {
    this.#rise(due);
    this.#sink(due);
  }

  #rise(due: Due<Key>): void {
    while (due.place > 0) {
      const above = this.#at((due.place - 1) >> 1);
      if (above.atMs <= due.atMs) return;
      this.#swap(above, due);
    }
  }

  #sink(due: Due<Key>): void {
    for (;;) {
      const left = due.place * 2 + 1;
      if (left >= this.#heap.length) return;
      let below = this.#at(left);
      if (left + 1 < this.#heap.length) {
        const right = this.#at(left + 1);
        if (right.atMs < below.atMs) below = right;
      }
      if (due.atMs <= below.atMs) return;
      this.#swap(due, below);
    }
  }

  #swap(a: Due<Key>, b: Due<Key>): void {
    const place = a.place;
    this.#put(a, b.place);
    this.#put(b, place);
  }

  #put(due: Due<Key>, place: number): void {
    due.place = place;
    this.#heap[place] = due;
  }

  #at(place: number): Due<Key> {
    const due = this.#heap[place];
    assert(due !== undefined, 'a place of the heap is empty');
    return due;
  }
}
