/**
 * Who is due first, among many: a heap of moments in which each key stands at most once.
 *
 * Moving a key costs the logarithm of their number, so that thousands of cores can share one alarm.
 */
import { assert } from './assert.ts';

interface Due<Key> {
  readonly key: Key;
  place: number;
}

/** Flatter than with two, so that moving somebody touches fewer others. */
const CHILDREN = 4;

export class DueHeap<Key> {
  readonly #heap: Due<Key>[] = [];
  /** By place, beside each other: comparing moments touches nobody's object. */
  readonly #moments: number[] = [];
  readonly #dues = new Map<Key, Due<Key>>();

  get size(): number {
    return this.#heap.length;
  }

  /** Puts `key` at a moment, or moves it there; takes it out when the moment is Infinity. */
  set(key: Key, atMs: number): void {
    if (atMs === Infinity) return this.remove(key);
    let due = this.#dues.get(key);
    if (due === undefined) {
      due = { key, place: this.#heap.length };
      this.#dues.set(key, due);
      this.#put(due, atMs, due.place);
    } else if (this.#moments[due.place] === atMs) return;
    this.#move(due, atMs);
  }

  remove(key: Key): void {
    const due = this.#dues.get(key);
    if (due === undefined) return;
    this.#dues.delete(key);
    const last = this.#heap.pop();
    const lastAtMs = this.#moments.pop();
    if (last === undefined || lastAtMs === undefined || last === due) return;
    this.#put(last, lastAtMs, due.place);
    this.#move(last, lastAtMs);
  }

  /**
   * Calls `wake` for every key that is due, the earliest first, and moves it to the moment that it answers with. Each
   * at most once, so that one that is always due starves nobody.
   */
  wake(nowMs: number, wake: (key: Key) => number): void {
    const stillDue: { readonly key: Key; readonly atMs: number }[] = [];
    for (let due = this.#heap[0]; due !== undefined && this.#at(0) <= nowMs; due = this.#heap[0]) {
      const { key } = due;
      const atMs = wake(key);
      if (atMs <= nowMs) stillDue.push({ key, atMs });
      // The ordinary case, without asking where the key stands.
      if (atMs > nowMs && atMs < Infinity && this.#heap[0] === due) this.#sink(due, atMs);
      else this.set(key, atMs <= nowMs ? Infinity : atMs);
    }
    for (const { key, atMs } of stillDue) this.set(key, atMs);
  }

  first(): { readonly key: Key; readonly atMs: number } | undefined {
    const due = this.#heap[0];
    return due && { key: due.key, atMs: this.#at(0) };
  }

  #move(due: Due<Key>, atMs: number): void {
    if (!this.#rise(due, atMs)) this.#sink(due, atMs);
  }

  /** Whether it stands higher now. */
  #rise(due: Due<Key>, atMs: number): boolean {
    const from = due.place;
    let place = from;
    while (place > 0) {
      const above = Math.floor((place - 1) / CHILDREN);
      if (this.#at(above) <= atMs) break;
      this.#put(this.#who(above), this.#at(above), place);
      place = above;
    }
    if (place === from) return false;
    this.#put(due, atMs, place);
    return true;
  }

  #sink(due: Due<Key>, atMs: number): void {
    let { place } = due;
    for (;;) {
      const below = this.#firstBelow(place);
      if (below === undefined || this.#at(below) >= atMs) break;
      this.#put(this.#who(below), this.#at(below), place);
      place = below;
    }
    this.#put(due, atMs, place);
  }

  /** The place of the earliest child. */
  #firstBelow(place: number): number | undefined {
    const from = place * CHILDREN + 1;
    const until = Math.min(from + CHILDREN, this.#moments.length);
    if (from >= until) return undefined;
    let first = from;
    for (let child = from + 1; child < until; child += 1) {
      if (this.#at(child) < this.#at(first)) first = child;
    }
    return first;
  }

  #put(due: Due<Key>, atMs: number, place: number): void {
    due.place = place;
    this.#heap[place] = due;
    this.#moments[place] = atMs;
  }

  #who(place: number): Due<Key> {
    const due = this.#heap[place];
    assert(due !== undefined, 'a place of the heap is empty');
    return due;
  }

  #at(place: number): number {
    return this.#moments[place] ?? Infinity;
  }
}
