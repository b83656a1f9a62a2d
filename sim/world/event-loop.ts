/**
 * The event loop of one simulated thread: its alarm, its rests in calm time, and its stalls.
 *
 * While it rests nothing becomes due, but what comes in is heard. While it is stalled nothing is heard either: what
 * comes in waits and is heard before what became due meanwhile, as sockets are read before late timers run.
 */
import type { Alarm } from '../../firmware-shim/base/clock.ts';
import type { World } from './world.ts';

export class EventLoop {
  readonly #world: World;
  readonly #why: string;
  readonly #waiting: (() => void)[] = [];
  #alarm: Alarm | undefined;
  #onDue: (() => void) | undefined;
  #armedAtMs: number | undefined;
  #rests = false;
  #stalledUntilMs: number | undefined;

  constructor(world: World, why: string) {
    this.#world = world;
    this.#why = why;
  }

  get rests(): boolean {
    return this.#rests;
  }

  readonly alarm = (onDue: () => void): Alarm => {
    this.#onDue = onDue;
    this.#alarm = this.#world.alarm(this.#why)(() => this.#fire());
    return {
      armAt: (atMs) => {
        this.#armedAtMs = atMs;
        this.#arm();
      },
      disarm: () => {
        this.#armedAtMs = undefined;
        this.#alarm?.disarm();
      },
    };
  };

  /** Does `act` now, or when the thread comes to it. */
  take(act: () => void): void {
    if (this.#stalledUntilMs === undefined) act();
    else this.#waiting.push(act);
  }

  rest(): void {
    this.#rests = true;
    this.#alarm?.disarm();
  }

  /** What became due while it rested happens before this returns. */
  goOn(): void {
    this.#rests = false;
    const isOverdue = (this.#armedAtMs ?? Infinity) <= this.#world.nowMs;
    if (isOverdue && this.#stalledUntilMs === undefined) this.#fire();
    else this.#arm();
  }

  /** Nothing happens on the thread for so long; a stall within a stall makes it longer. */
  stall(forMs: number): void {
    const untilMs = Math.max(this.#stalledUntilMs ?? 0, this.#world.nowMs + forMs);
    this.#stalledUntilMs = untilMs;
    this.#alarm?.disarm();
    this.#world.at(untilMs, `${this.#why} goes on`, () => {
      if (this.#stalledUntilMs !== untilMs) return;
      this.#stalledUntilMs = undefined;
      for (const act of this.#waiting.splice(0)) act();
      this.#arm();
    });
  }

  #fire(): void {
    this.#armedAtMs = undefined;
    this.#onDue?.();
  }

  #arm(): void {
    if (this.#armedAtMs === undefined) return;
    if (this.#rests || this.#stalledUntilMs !== undefined) return;
    this.#alarm?.armAt(this.#armedAtMs);
  }
}
