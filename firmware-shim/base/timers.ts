/**
 * Named timer slots of one core, and their minimum.
 *
 * A slot holds at most one moment: setting it again moves it, so a stale wake-up cannot exist. Names are a
 * closed union of the owning core, which makes the list of everything a core waits for readable in one place.
 *
 * They are few, and asked after every packet: two short arrays are quicker than a map.
 */
import type { Deadline } from './core.ts';

export class Timers<Name extends string> {
  readonly #names: Name[] = [];
  /** When the name of the same place is due. */
  readonly #moments: number[] = [];
  #firstAtMs = Infinity;

  /** Arms `name` for `atMs`, replacing what it was armed for. */
  set(name: Name, atMs: number): void {
    const place = this.#place(name);
    if (place === -1) {
      this.#names.push(name);
      this.#moments.push(atMs);
      if (atMs < this.#firstAtMs) this.#firstAtMs = atMs;
    } else {
      const wasAtMs = this.#moments[place];
      this.#moments[place] = atMs;
      if (wasAtMs === this.#firstAtMs) this.#firstAtMs = this.#earliest();
      else if (atMs < this.#firstAtMs) this.#firstAtMs = atMs;
    }
  }

  /** Disarms `name`; harmless when it is not armed. */
  clear(name: Name): void {
    this.#empty(this.#place(name));
  }

  /** Arms `name` for `atMs`, or disarms it when there is nothing to wait for. */
  arrange(name: Name, atMs: number | undefined): void {
    if (atMs === undefined) this.clear(name);
    else this.set(name, atMs);
  }

  clearAll(): void {
    this.#names.length = 0;
    this.#moments.length = 0;
    this.#firstAtMs = Infinity;
  }

  /** The moment `name` is armed for. */
  at(name: Name): number | undefined {
    return this.#moments[this.#place(name)];
  }

  /** True once if `name` is due at `nowMs`; the slot is then empty. */
  take(name: Name, nowMs: number): boolean {
    const place = this.#place(name);
    const atMs = this.#moments[place];
    if (atMs === undefined || atMs > nowMs) return false;
    this.#empty(place);
    return true;
  }

  /** When the earliest armed slot is due; Infinity when none is. */
  get firstAtMs(): number {
    return this.#firstAtMs;
  }

  /** The earliest armed slot. */
  deadline(): Deadline | undefined {
    const atMs = this.firstAtMs;
    const why = this.#names[this.#moments.indexOf(atMs)];
    return why === undefined ? undefined : { atMs, why };
  }

  #earliest(): number {
    let earliestMs = Infinity;
    for (const atMs of this.#moments) if (atMs < earliestMs) earliestMs = atMs;
    return earliestMs;
  }

  /** As `indexOf`, without a call. */
  #place(name: Name): number {
    for (let place = 0; place < this.#names.length; place += 1) {
      if (this.#names[place] === name) return place;
    }
    return -1;
  }

  /** The last slot moves to the place of one that is disarmed. */
  #empty(place: number): void {
    if (place === -1) return;
    const leftAtMs = this.#moments[place];
    const name = this.#names.pop();
    const atMs = this.#moments.pop();
    if (name !== undefined && atMs !== undefined && place !== this.#names.length) {
      this.#names[place] = name;
      this.#moments[place] = atMs;
    }
    if (leftAtMs === this.#firstAtMs) this.#firstAtMs = this.#earliest();
  }
}
