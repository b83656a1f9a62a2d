/**
 * An alarm that lets everything already received be heard before time is judged.
 *
 * After a stall of the loop Node runs timers before sockets, and reads only a few datagrams per socket and
 * turn: packets that prove a peer alive may wait in the kernel while its detection time is found to be over.
 * So when the moment comes, this alarm first takes turns of the loop until one of them receives nothing, and
 * only then calls. Whoever is armed for a later moment meanwhile is no longer due.
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

/** `received` grows with every datagram. */
export function drainingAlarm(onDue: () => void, received: () => number): Alarm {
  let turn: NodeJS.Immediate | undefined;
  let drainUntilMs = 0;
  let dueAtMs = 0;

  const stopDraining = (): void => {
    clearImmediate(turn);
    turn = undefined;
  };
  const drain = (before: number): void => {
    turn = setImmediate(() => {
      const now = received();
      if (now !== before && liveClock.nowMs() < drainUntilMs) return drain(now);
      turn = undefined;
      onDue();
    });
  };
  const inner = timeoutAlarm(() => {
    const nowMs = liveClock.nowMs();
    const sleptMs = Math.max(DRAIN_MS_PUNCTUAL, nowMs - dueAtMs);
    drainUntilMs = nowMs + Math.min(sleptMs, DRAIN_MS_MAX);
    drain(received());
  });

  return {
    armAt: (atMs) => {
      if (turn !== undefined) {
        // Still due: the drain under way will call.
        if (atMs <= liveClock.nowMs()) return;
        stopDraining();
      }
      dueAtMs = atMs;
      inner.armAt(atMs);
    },
    disarm: () => {
      stopDraining();
      inner.disarm();
    },
  };
}
