/**
 * Moves a core through time, deadline to deadline, and tells every effect with the moment it came.
 *
 * The core is ticked exactly at its deadlines and never polled in between, so a test sees what the driver
 * loop would cause. A core that keeps asking to be woken without time moving is broken and fails the test.
 */
import type { Core } from '../../firmware-shim/base/core.ts';

/** More ticks than this at one moment mean the core never comes to rest. */
const TICKS_AT_ONE_MOMENT_MAX = 100;

/** More ticks than this in one call mean a timer far too fast for what is being tested. */
const TICKS_MAX = 1_000_000;

export interface TimedEffect<Effect> {
  readonly atMs: number;
  readonly effect: Effect;
}

/**
 * Ticks `core` at each deadline up to and including `untilMs`. A deadline that lies before `fromMs` is due
 * at `fromMs`: the driver is late then, and so is this.
 */
export function advance<Event, Effect>(
  core: Core<Event, Effect>,
  fromMs: number,
  untilMs: number,
): readonly TimedEffect<Effect>[] {
  const seen: TimedEffect<Effect>[] = [];
  let nowMs = fromMs;
  let ticksNow = 0;
  for (let ticks = 0; ; ticks += 1) {
    const next = core.deadline();
    if (next === undefined || next.atMs > untilMs) return seen;
    const dueMs = Math.max(nowMs, next.atMs);
    ticksNow = dueMs > nowMs ? 1 : ticksNow + 1;
    if (ticksNow > TICKS_AT_ONE_MOMENT_MAX || ticks > TICKS_MAX) {
      throw new Error(`core never comes to rest at ${dueMs} ms: waiting for "${next.why}"`);
    }
    nowMs = dueMs;
    for (const effect of core.tick(nowMs)) seen.push({ atMs: nowMs, effect });
  }
}
