import { expect, it } from 'vitest';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import type { CalmWay } from '../../sim/world/calm-time.ts';
import type { Fault, TimedFault } from '../../sim/world/faults/fault.ts';
import { runSeed } from '../../sim/world/seed-run.ts';

/**
 * Of the two ways packets travel at other moments, and a hold that ends while traffic waits to return is heard of at
 * the end of a short rest.
 */
const APART_MS = 900;

/** Faults that are noticed whenever packets happen to travel, each in its own second of both episodes. */
function decisiveFaults(seed: number): readonly TimedFault[] {
  const random = new SeededRandom(seed);
  const uplink = (): string => (random.next() < 0.8 ? 'wan1' : 'wan2');
  const draws: readonly (() => Fault)[] = [
    () => ({ kind: 'cablePulled', uplink: uplink(), forMs: 1_500, boardLagMs: 3, kernelLagMs: 9 }),
    () => ({
      kind: 'pathBlocked',
      path: `${uplink()}/agw-hangzhou-a`,
      directions: random.next() < 0.5 ? ['out'] : ['out', 'in'],
      forMs: 1_500,
    }),
    () => ({ kind: 'agentCrashed', downMs: 1_000 }),
    () => ({ kind: 'tunnelLost', tunnel: `${uplink()}-agw-hangzhou-b` }),
  ];
  return [2_000, 9_000, 267_000, 274_000].map((atMs, at) => {
    const draw = draws[at === 2 ? 0 : random.u32() % draws.length] as () => Fault;
    return { atMs, fault: draw() };
  });
}

interface Move {
  readonly text: string;
  readonly atMs: number;
}

/** What a user or the gateway could see of a run: moves of traffic, and the events that were kept. */
async function seenOf(seed: number, calm: CalmWay): Promise<readonly Move[]> {
  const { failure, transcript } = await runSeed(seed, { calm, faults: decisiveFaults(seed) });
  expect(failure).toBeUndefined();
  // A leap of the world is no stall of the process.
  expect(transcript.lines.filter(({ text }) => text.includes('slept'))).toEqual([]);
  return transcript.lines.flatMap(({ atMs, text }) => {
    const move = /Traffic moved from \S+ to \S+?(?=:)/.exec(text)?.[0];
    return move === undefined ? [] : [{ text: move, atMs }];
  });
}

it.each([2])(
  'seed %i: calm time as a rate and packet by packet are the same life',
  async (seed) => {
    const [rate, packets] = [await seenOf(seed, 'rate'), await seenOf(seed, 'packets')];
    // Which gateway is first found up is chance, and not what calm time is about.
    const settled = (moves: readonly Move[]) => moves.filter(({ atMs }) => atMs > 1_900);
    expect(settled(rate).map(({ text }) => text)).toEqual(settled(packets).map(({ text }) => text));
    for (const [at, { atMs }] of settled(rate).entries()) {
      expect(Math.abs(atMs - (settled(packets)[at]?.atMs ?? 0))).toBeLessThan(APART_MS);
    }
    expect(settled(rate).length).toBeGreaterThan(0);
  },
);
