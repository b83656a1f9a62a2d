/**
 * The deterministic world: virtual time, one queue of things due, chance from one seed, and a transcript.
 *
 * Nothing in here runs by itself. `step` takes the next due thing, moves time to it and does it; two things
 * due at the same moment happen in the order they were asked for. Everything that lives in the world gets
 * its clock, its alarms and its randomness from here, so a seed is a run.
 */
import { assert } from '../../firmware-shim/base/assert.ts';
import type { Alarm, MonotonicClock, WallClock } from '../../firmware-shim/base/clock.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import { DueQueue, type Ticket } from './due-queue.ts';
import { type LineKind, Transcript } from './transcript.ts';

/** More steps than this without time moving mean two parts answer each other without end. */
const STEPS_AT_ONE_MOMENT_MAX = 10_000;

/** Wall time at the start of every run: a fixed morning, so that no run depends on the day it is made. */
const WALL_START_MS = Date.UTC(2026, 0, 5, 8, 0, 0);

interface DueAct {
  readonly why: string;
  readonly act: () => void;
}

export class World {
  readonly seed: number;
  readonly transcript = new Transcript();
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  readonly #queue = new DueQueue<DueAct>();
  #nowMs = 0;
  #wallOffsetMs = WALL_START_MS;
  #stepsNow = 0;
  #promised = false;

  constructor(seed: number) {
    this.seed = seed;
    this.clock = { nowMs: () => this.#nowMs };
    this.wall = { wallMs: () => Math.floor(this.#wallOffsetMs + this.#nowMs) };
  }

  /** What time it really is, as the cloud knows it; the branch's own wall clock may say anything. */
  get trueWallMs(): number {
    return Math.floor(WALL_START_MS + this.#nowMs);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Randomness of one participant: its draws depend on its name and the seed, and on nobody else's draws. */
  randomOf(participant: string): SeededRandom {
    return new SeededRandom(this.seed).fork(participant);
  }

  /** Does `act` at a moment to come; a moment that has passed is now. */
  at(atMs: number, why: string, act: () => void): Ticket {
    return this.#queue.push(Math.max(atMs, this.#nowMs), { why, act });
  }

  after(delayMs: number, why: string, act: () => void): Ticket {
    return this.at(this.#nowMs + delayMs, why, act);
  }

  cancel(ticket: Ticket): void {
    this.#queue.remove(ticket);
  }

  /** The alarm of one core: at most one live wake-up, and arming again replaces it. */
  alarm(why: string): (onDue: () => void) => Alarm {
    return (onDue) => {
      let armed: Ticket | undefined;
      const disarm = (): void => {
        if (armed !== undefined) this.cancel(armed);
        armed = undefined;
      };
      const armAt = (atMs: number): void => {
        disarm();
        armed = this.at(atMs, why, () => {
          armed = undefined;
          onDue();
        });
      };
      return { armAt, disarm };
    };
  }

  /**
   * Moves the wall clock as an operator or a time server would; monotonic time does not notice. No further back than
   * 1970, as clock_settime(2) has it.
   */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs = Math.max(-this.#nowMs, this.#wallOffsetMs + byMs);
  }

  /** Puts the wall clock to this moment. */
  setWall(wallMs: number): void {
    this.#wallOffsetMs = Math.max(-this.#nowMs, wallMs - this.#nowMs);
  }

  tell(kind: LineKind, from: string, text: string, to?: string): void {
    const line = { atMs: this.#nowMs, kind, from, text };
    this.transcript.tell(to === undefined ? line : { ...line, to });
  }

  /** A part of the world answers through a promise: the step it settles in is not over before that is heard. */
  promised(): void {
    this.#promised = true;
  }

  /** Does the next due thing if it is due by `untilMs`; false when there is none. */
  step(untilMs = Number.POSITIVE_INFINITY): boolean {
    const next = this.#queue.peek();
    if (next === undefined || next.atMs > untilMs) return false;
    this.#queue.shift();
    this.#stepsNow = next.atMs > this.#nowMs ? 0 : this.#stepsNow + 1;
    assert(
      this.#stepsNow < STEPS_AT_ONE_MOMENT_MAX,
      `the world does not come to rest at ${this.#nowMs} ms: ${next.item.why}`,
    );
    this.#nowMs = next.atMs;
    this.transcript.mark(this.#nowMs, next.item.why);
    next.item.act();
    return true;
  }

  /**
   * Runs until `untilMs`, calling `afterStep` after each step once every promise settled in it was heard.
   * Time stands at `untilMs` afterwards.
   */
  async run(untilMs: number, afterStep?: () => void): Promise<void> {
    while (this.step(untilMs)) {
      if (this.#promised) await this.#settle();
      afterStep?.();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** One turn of the real event loop: every chain of promises that can go on has gone on. */
  async #settle(): Promise<void> {
    this.#promised = false;
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
