import { expect, test } from 'vitest';
import type { Core } from '../../../firmware-shim/base/core.ts';
import { Timers } from '../../../firmware-shim/base/timers.ts';
import { advance } from '../../kit/advance.ts';

class Metronome implements Core<never, string> {
  readonly #timers = new Timers<'beat'>();
  readonly #everyMs: number;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
    this.#timers.set('beat', everyMs);
  }

  handle(): readonly string[] {
    return [];
  }

  tick(nowMs: number): readonly string[] {
    if (!this.#timers.take('beat', nowMs)) return [];
    this.#timers.set('beat', nowMs + this.#everyMs);
    return ['beat'];
  }

  deadline() {
    return this.#timers.deadline();
  }
}

test('advance ticks at each deadline up to and including the end', () => {
  expect(advance(new Metronome(10), 0, 30).map((seen) => seen.atMs)).toEqual([10, 20, 30]);
});

test('a deadline that has passed already is due at the start', () => {
  expect(advance(new Metronome(10), 15, 24)[0]?.atMs).toBe(15);
});

test('a core that never comes to rest fails and says what it waits for', () => {
  expect(() => advance(new Metronome(0), 0, 1)).toThrow(/never comes to rest.*"beat"/);
});
