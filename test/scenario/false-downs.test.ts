import { expect, test } from 'vitest';
import { PROBE_PROFILES } from '../../agent/model/probe-profile.ts';
import type { BfdTimers } from '../../agent/model/tunnel.ts';
import type { BfdEffect } from '../../agent/tunnel/bfd/bfd-events.ts';
import { LivenessSession } from '../../agent/tunnel/liveness/liveness-session.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';

const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;
/** A month of two sessions takes two minutes of a core; every change is shown the beginning of one. */
const DAYS = Number(process.env['SIMULATED_DAYS'] ?? 1);
const LOSS = 0.01;
const TRAVEL_MS = 1;

interface Month {
  readonly falls: number;
  readonly packets: number;
  /** What `why` says of it at the end. */
  readonly odds: { readonly meanMsBetween?: number; readonly sentence: string } | undefined;
}

/** Two ends whose packets get lost one by one, both ways alike. */
function simulated(bfd: BfdTimers, days: number, seed: number): Month {
  const random = new SeededRandom(seed);
  const ends = ['a', 'b'].map((id) => new LivenessSession({ id, bfd }, random.fork(id)));
  const travelling: { atMs: number; to: number; bytes: Uint8Array }[] = [];
  let nowMs = 0;
  let falls = 0;
  let packets = 0;
  const perform = (end: number, effects: readonly BfdEffect[]): void => {
    for (const effect of effects) {
      // The other end's fall that follows from it is the same one.
      if (effect.type === 'sessionMoved' && effect.cause === 'silence') falls += 1;
      if (effect.type !== 'sendPacket') continue;
      packets += 1;
      if (random.next() < LOSS) continue;
      travelling.push({ atMs: nowMs + TRAVEL_MS, to: 1 - end, bytes: effect.bytes });
    }
  };
  ends.forEach((each, end) => perform(end, each.handle({ type: 'enabled' }, nowMs)));
  while (nowMs < days * DAY_MS) {
    const dueMs = Math.min(...ends.map((each) => each.deadline()?.atMs ?? Infinity));
    const [next] = travelling;
    if (next !== undefined && next.atMs <= dueMs) {
      nowMs = Math.max(nowMs, next.atMs);
      travelling.shift();
      const event = { type: 'packetArrived', bytes: next.bytes } as const;
      perform(next.to, ends[next.to]?.handle(event, nowMs) ?? []);
      continue;
    }
    nowMs = Math.max(nowMs, dueMs);
    ends.forEach((each, end) => perform(end, each.tick(nowMs)));
  }
  return { falls, packets, odds: ends[0]?.snapshot(nowMs).falseDown };
}

test.each([
  ['wired', PROBE_PROFILES.wired],
  ['LTE', PROBE_PROFILES.lte],
])(
  'at one per cent loss a session of the %s profile falls at most once in thirty days',
  (name, bfd) => {
    const { falls, packets, odds } = simulated(bfd, DAYS, 5);
    process.stdout.write(
      `    ${name}: ${DAYS} days, ${packets} packets, ${falls} false Downs; ${odds?.sentence}\n`,
    );
    expect(falls).toBeLessThanOrEqual(1);
    // That the odds are true within a factor of two is shown where they are made.
    expect(odds?.meanMsBetween).toBeGreaterThan(2 * MONTH_MS);
  },
);
