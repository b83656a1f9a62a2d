/**
 * Two BFD sessions that talk to each other in virtual time over a path that can lose.
 */

import type { BfdTimers } from '../../agent/model/tunnel.ts';
import type { BfdEffect, SessionMove } from '../../agent/tunnel/bfd/bfd-events.ts';
import { BfdSession } from '../../agent/tunnel/bfd/bfd-session.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';

/** One millisecond of travel, so that an answer never arrives in the moment of the question. */
const TRAVEL_MS = 1;

interface Travelling {
  readonly atMs: number;
  readonly to: 'a' | 'b';
  readonly bytes: Uint8Array;
}

export class SessionPair {
  readonly a: BfdSession;
  readonly b: BfdSession;
  readonly moves: (SessionMove & { end: 'a' | 'b'; atMs: number })[] = [];
  lossRatio = 0;
  readonly #random: SeededRandom;
  readonly #travelling: Travelling[] = [];
  readonly #lost = { toA: false, toB: false };
  #nowMs = 0;

  constructor(timers: BfdTimers, seed: number) {
    this.#random = new SeededRandom(seed);
    this.a = new BfdSession('a', timers, this.#random.fork('a'));
    this.b = new BfdSession('b', timers, this.#random.fork('b'));
    this.#perform('a', this.a.handle({ type: 'enabled' }, 0));
    this.#perform('b', this.b.handle({ type: 'enabled' }, 0));
  }

  lose(direction: 'toA' | 'toB', lost: boolean): void {
    this.#lost[direction] = lost;
  }

  upAtMs(): number {
    return Math.max(...this.moves.filter((each) => each.to === 'Up').map((each) => each.atMs));
  }

  run(untilMs: number): void {
    for (;;) {
      const nextMs = Math.min(
        this.a.deadline()?.atMs ?? Infinity,
        this.b.deadline()?.atMs ?? Infinity,
        this.#travelling[0]?.atMs ?? Infinity,
      );
      if (nextMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      this.#deliver();
      this.#perform('a', this.a.tick(this.#nowMs));
      this.#perform('b', this.b.tick(this.#nowMs));
    }
    this.#nowMs = untilMs;
  }

  #deliver(): void {
    while ((this.#travelling[0]?.atMs ?? Infinity) <= this.#nowMs) {
      const next = this.#travelling.shift();
      if (next === undefined) return;
      const event = { type: 'packetArrived', bytes: next.bytes } as const;
      this.#perform(next.to, this[next.to].handle(event, this.#nowMs));
    }
  }

  #perform(end: 'a' | 'b', effects: readonly BfdEffect[]): void {
    const to = end === 'a' ? 'b' : 'a';
    for (const effect of effects) {
      if (effect.type === 'sessionMoved') this.moves.push({ ...effect, end, atMs: this.#nowMs });
      if (effect.type !== 'sendPacket') continue;
      if (this.#lost[to === 'a' ? 'toA' : 'toB'] || this.#random.next() < this.lossRatio) continue;
      this.#travelling.push({ atMs: this.#nowMs + TRAVEL_MS, to, bytes: effect.bytes });
    }
  }
}
