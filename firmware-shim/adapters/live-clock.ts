/**
 * Real time for the driver loop: the machine's monotonic clock and an alarm made of `setTimeout`.
 *
 * The clock is CLOCK_MONOTONIC itself, so moments compare between threads and processes of one machine. A
 * Node timer truncates its delay to whole milliseconds and counts from a cached loop time, so it may fire
 * early, and delays beyond 2^31 ms fire at once; this alarm rounds up, clamps, and checks the clock before
 * it calls.
 */
import type { Alarm, MonotonicClock } from '../base/clock.ts';

/** The longest delay `setTimeout` can hold; a later moment is reached in hops. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

export const liveClock: MonotonicClock = {
  nowMs: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
};

/** An alarm that calls `onDue` once per arming, never before the armed moment. */
export function timeoutAlarm(onDue: () => void): Alarm {
  let atMs: number | undefined;
  let timeout: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;

  const cancel = (): void => {
    clearTimeout(timeout);
    clearImmediate(immediate);
    timeout = undefined;
    immediate = undefined;
  };
  const fire = (): void => {
    if (atMs === undefined) return;
    if (liveClock.nowMs() < atMs) return schedule(atMs);
    atMs = undefined;
    onDue();
  };
  const schedule = (moment: number): void => {
    cancel();
    const delayMs = moment - liveClock.nowMs();
    if (delayMs <= 0) immediate = setImmediate(fire);
    else timeout = setTimeout(fire, Math.min(Math.ceil(delayMs), TIMEOUT_MS_MAX));
  };

  return {
    armAt: (moment) => {
      // The driver re-arms after every event; most of the time nothing has moved.
      if (moment === atMs) return;
      atMs = moment;
      schedule(moment);
    },
    disarm: () => {
      atMs = undefined;
      cancel();
    },
  };
}
