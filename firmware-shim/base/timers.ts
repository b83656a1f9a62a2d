/**
 * Named timer slots of one core, and their minimum.
 *
 * A slot holds at most one moment: setting it again moves it, so a stale wake-up cannot exist. Names are a
 * closed union of the owning core, which makes the list of everything a core waits for readable in one place.
 */
import type { Deadline } from './core.ts';

export class Timers<Name extends string> {
  readonly #atMs = new Map<Name, number>();

  /** Arms `name` for `atMs`, replacing what it was armed for. */
  set(name: Name, atMs: number): void {
    this.#atMs.set(name, atMs);
  }

  /** Disarms `name`; harmless when it is not armed. */
  clear(name: Name): void {
    this.#atMs.delete(name);
  }

  /** Arms `name` for `atMs`, or disarms it when there is nothing to wait for. */
  arrange(name: Name, atMs: number | undefined): void {
    if (atMs === undefined) this.clear(name);
    else this.set(name, atMs);
  }

  clearAll(): void {
    this.#atMs.clear();
  }

  /** The moment `name` is armed for. */
  at(name: Name): number | undefined {
    return this.#atMs.get(name);
  }

  /** True once if `name` is due at `nowMs`; the slot is then empty. */
  take(name: Name, nowMs: number): boolean {
    const atMs = this.#atMs.get(name);
    if (atMs === undefined || atMs > nowMs) return false;
    this.#atMs.delete(name);
    return true;
  }

  /** The earliest armed slot. */
  deadline(): Deadline | undefined {
    let first: Deadline | undefined;
    for (const [why, atMs] of this.#atMs) {
      if (first === undefined || atMs < first.atMs) first = { atMs, why };
    }
    return first;
  }
}
