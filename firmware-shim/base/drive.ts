/**
 * The one driver loop: the only place where a core meets time.
 *
 * It takes an event, collects the effects, performs them in order, runs what became due and re-arms one
 * alarm. Performing an effect may post further events; they wait in a queue and never re-enter a core.
 * The loop measures its own lateness against the armed deadline and reports it before the tick, so that a
 * core can tell "the peer is silent" from "we were asleep".
 */
import { assert } from './assert.ts';
import type { Alarm, MonotonicClock } from './clock.ts';
import type { Core } from './core.ts';

/** More turns than this in one go means two cores answer each other without end. */
const TURNS_MAX = 10_000;

export interface DriverOptions<Event, Effect> {
  readonly core: Core<Event, Effect>;
  readonly clock: MonotonicClock;
  /** Made once, with the function it must call when the armed moment has come. */
  readonly alarm: (onDue: () => void) => Alarm;
  /** Acts on one effect. Must not throw for anything the outside world can cause. */
  readonly perform: (effect: Effect, nowMs: number) => void;
  /** Turns lateness into an event of the core; omit where lateness does not matter. */
  readonly wokeLate?: (lateMs: number) => Event;
  /** Lateness below this is the ordinary noise of timers and not reported. */
  readonly lateReportMs?: number;
}

/** Node timers are allowed to be this late before anyone is told. */
const LATE_REPORT_MS = 20;

export class Driver<Event, Effect> {
  readonly #options: DriverOptions<Event, Effect>;
  readonly #alarm: Alarm;
  #inbox: Event[] = [];
  #running = false;
  #stopped = false;
  #armedAtMs: number | undefined;

  constructor(options: DriverOptions<Event, Effect>) {
    this.#options = options;
    this.#alarm = options.alarm(() => this.#onDue());
  }

  /** Hands the core events in order; effects are performed before this returns unless the loop is already running. */
  post(...events: readonly Event[]): void {
    if (this.#stopped) return;
    this.#inbox.push(...events);
    this.#run(false);
  }

  /** Arms the first deadline. Call once after construction. */
  start(): void {
    this.#run(false);
  }

  /** Performs nothing from now on. */
  stop(): void {
    this.#stopped = true;
    this.#inbox = [];
    this.#alarm.disarm();
  }

  #onDue(): void {
    const { clock, wokeLate, lateReportMs = LATE_REPORT_MS } = this.#options;
    if (this.#stopped) return;
    const lateMs = this.#armedAtMs === undefined ? 0 : clock.nowMs() - this.#armedAtMs;
    if (wokeLate !== undefined && lateMs >= lateReportMs) this.#inbox.push(wokeLate(lateMs));
    this.#run(true);
  }

  #run(due: boolean): void {
    if (this.#running) return;
    this.#running = true;
    try {
      let tick = due;
      for (let turn = 0; ; turn += 1) {
        assert(turn < TURNS_MAX, 'driver loop does not come to rest');
        const nowMs = this.#options.clock.nowMs();
        if (this.#inbox.length > 0) this.#hear(nowMs);
        else if (tick) {
          this.#perform(this.#options.core.tick(nowMs), nowMs);
          tick = false;
        } else break;
        if (this.#stopped) return;
      }
    } finally {
      this.#running = false;
    }
    this.#rearm();
  }

  /** What waits together is heard at one moment. */
  #hear(nowMs: number): void {
    const events = this.#inbox;
    this.#inbox = [];
    for (const event of events) {
      this.#perform(this.#options.core.handle(event, nowMs), nowMs);
      if (this.#stopped) return;
    }
  }

  #perform(effects: readonly Effect[], nowMs: number): void {
    for (const effect of effects) this.#options.perform(effect, nowMs);
  }

  #rearm(): void {
    const next = this.#options.core.deadline();
    this.#armedAtMs = next?.atMs;
    if (next === undefined) this.#alarm.disarm();
    else this.#alarm.armAt(next.atMs);
  }
}
