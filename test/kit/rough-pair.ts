/**
 * Two BFD sessions over a path that delays, reorders, doubles and loses what it carries, in virtual time.
 */
import type { BfdAuthentication, BfdTimers } from '../../agent/model/tunnel.ts';
import type { BfdEffect, BfdEvent, SessionMove } from '../../agent/tunnel/bfd/bfd-events.ts';
import { BfdSession } from '../../agent/tunnel/bfd/bfd-session.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';

export interface RoughPath {
  readonly lossRatio: number;
  readonly doubledRatio: number;
  /** Each packet travels a time of its own between these, so later ones may overtake. */
  readonly travelMsMin: number;
  readonly travelMsMax: number;
}

export type End = 'a' | 'b';

export interface EndMove extends SessionMove {
  readonly end: End;
  readonly atMs: number;
}

interface Travelling {
  readonly atMs: number;
  readonly to: End;
  readonly bytes: Uint8Array;
}

export class RoughPair {
  readonly ends: Readonly<Record<End, BfdSession>>;
  readonly moves: EndMove[] = [];
  path: RoughPath;
  nowMs = 0;
  readonly #random: SeededRandom;
  #travelling: readonly Travelling[] = [];

  constructor(
    timers: Readonly<Record<End, BfdTimers>>,
    path: RoughPath,
    seed: number,
    authentication?: BfdAuthentication,
  ) {
    this.#random = new SeededRandom(seed);
    this.path = path;
    const made = (end: End): BfdSession =>
      new BfdSession(end, timers[end], this.#random.fork(end), authentication);
    this.ends = { a: made('a'), b: made('b') };
    this.post('a', { type: 'enabled' });
    this.post('b', { type: 'enabled' });
  }

  post(end: End, event: BfdEvent): void {
    this.#perform(end, this.ends[end].handle(event, this.nowMs));
  }

  run(untilMs: number): void {
    for (;;) {
      const { a, b } = this.ends;
      const nextMs = Math.min(
        a.deadline()?.atMs ?? Infinity,
        b.deadline()?.atMs ?? Infinity,
        ...this.#travelling.map(({ atMs }) => atMs),
      );
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const arrived = this.#travelling.filter(({ atMs }) => atMs <= this.nowMs);
      this.#travelling = this.#travelling.filter(({ atMs }) => atMs > this.nowMs);
      for (const { to, bytes } of arrived) this.post(to, { type: 'packetArrived', bytes });
      this.#perform('a', a.tick(this.nowMs));
      this.#perform('b', b.tick(this.nowMs));
    }
    this.nowMs = untilMs;
  }

  downsSince(fromMs: number): readonly EndMove[] {
    return this.moves.filter(({ from, atMs }) => from === 'Up' && atMs >= fromMs);
  }

  #perform(end: End, effects: readonly BfdEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'sessionMoved') this.moves.push({ ...effect, end, atMs: this.nowMs });
      if (effect.type === 'sendPacket') this.#carry(end === 'a' ? 'b' : 'a', effect.bytes);
    }
  }

  #carry(to: End, bytes: Uint8Array): void {
    const { lossRatio, doubledRatio, travelMsMin, travelMsMax } = this.path;
    if (this.#random.next() < lossRatio) return;
    const copies = this.#random.next() < doubledRatio ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const travelMs = travelMsMin + this.#random.next() * (travelMsMax - travelMsMin);
      const sent = { atMs: this.nowMs + travelMs, to, bytes };
      this.#travelling = [...this.#travelling, sent].sort((x, y) => x.atMs - y.atMs);
    }
  }
}
