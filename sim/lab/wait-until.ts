/**
 * Waits for something the lab can only look at: real time, bounded, and with a name for what did not come.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Short against everything that is waited for, long against the cost of looking. */
const LOOK_EVERY_MS = 20;

/** The first value that is not undefined; throws `NotInTime` after `withinMs`, or the stop's reason. */
export async function waitUntil<Value>(
  what: string,
  withinMs: number,
  look: () => Value | undefined | Promise<Value | undefined>,
  stop?: AbortSignal,
): Promise<Value> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    stop?.throwIfAborted();
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > untilMs) throw new NotInTime(`not within ${withinMs} ms: ${what}`);
    await sleep(LOOK_EVERY_MS, undefined, stop === undefined ? {} : { signal: stop });
  }
}

/** The product did not do what the lab waited for. */
export class NotInTime extends Error {
  override readonly name = 'NotInTime';
}
