/**
 * An alarm that lets everything already received be heard before time is judged.
 *
 * After a stall of the loop timers run before sockets are read: packets that prove a peer alive may wait in the kernel
 * while its detection time is found to be over. So when the moment comes, this alarm first reads until nothing waits
 * any more. If it is late it also takes a turn of the loop, so that what the kernel and the other thread have told
 * meanwhile is heard too. Only then it calls. Whoever is armed for a later moment by what was heard is no longer due.
 */

import { liveClock, timeoutAlarm } from '../../../firmware-shim/adapters/live-clock.ts';
import type { Alarm } from '../../../firmware-shim/base/clock.ts';

/** Far beyond any backlog of a branch's sockets. */
const DRAIN_MS_MAX = 200;
/**
 * What waits was sent while we slept, so reading it takes no longer than the sleep did. A flood has no end, and
 * must not put off what we send ourselves: an alarm on time drains only what came in the same moment.
 */
const DRAIN_MS_PUNCTUAL = 2;

/** `read` hands on some of what waits and returns how much that was; 0 means that nothing waits. */
export function drainingAlarm(onDue: () => void, read: () => number): Alarm {
  let dueAtMs = 0;
  /** True from the moment of the alarm until it has called or somebody is armed for later. */
  let due = false;
  let turn: NodeJS.Immediate | undefined;

  const drain = (forMs: number): void => {
    const untilMs = liveClock.nowMs() + forMs;
    while (due && read() > 0 && liveClock.nowMs() < untilMs) continue;
  };
  const judge = (): void => {
    if (!due) return;
    due = false;
    onDue();
  };
  const inner = timeoutAlarm(() => {
    const lateMs = liveClock.nowMs() - dueAtMs;
    due = true;
    drain(Math.min(Math.max(DRAIN_MS_PUNCTUAL, lateMs), DRAIN_MS_MAX));
    if (!due || lateMs < DRAIN_MS_PUNCTUAL) return judge();
    turn = setImmediate(() => {
      drain(DRAIN_MS_PUNCTUAL);
      judge();
    });
  });
  const notDue = (): void => {
    due = false;
    clearImmediate(turn);
  };

  return {
    armAt: (atMs) => {
      // Still due: the drain under way will call.
      if (due && atMs <= liveClock.nowMs()) return;
      notDue();
      dueAtMs = atMs;
      inner.armAt(atMs);
    },
    disarm: () => {
      notDue();
      inner.disarm();
    },
  };
}
