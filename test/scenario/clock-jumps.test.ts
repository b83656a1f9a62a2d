/** F-20, I13: wherever the wall clock of the box jumps, everything happens at the same moments and in the same order. */
import { expect, it } from 'vitest';
import type { TimedFault } from '../../sim/world/faults/fault.ts';
import { runSeed } from '../../sim/world/seed-run.ts';

const DECADE_MS = 315_360_000_000;

const trouble: readonly TimedFault[] = [
  {
    atMs: 3_000,
    fault: { kind: 'pathBlocked', path: 'wan1/agw-hangzhou-a', directions: ['in'], forMs: 2_000 },
  },
  { atMs: 7_000, fault: { kind: 'agentCrashed', downMs: 900 } },
  {
    atMs: 12_000,
    fault: { kind: 'cablePulled', uplink: 'wan1', forMs: 2_000, boardLagMs: 3, kernelLagMs: 9 },
  },
];
const jumps: readonly TimedFault[] = [2_500, 3_050, 7_500, 12_020, 20_000, 300_000].map(
  (atMs, at) => ({
    atMs,
    fault: { kind: 'wallClockJumped', byMs: at % 2 === 0 ? DECADE_MS : -DECADE_MS },
  }),
);

/** What the agent says and does, but for what it says of clocks. */
async function lifeWith(faults: readonly TimedFault[]): Promise<readonly string[]> {
  const { failure, transcript } = await runSeed(20, { faults, untilMs: 330_000 });
  expect(failure).toBeUndefined();
  return transcript.lines
    .filter(({ kind, text }) => ['note', 'message', 'check'].includes(kind) && !/clock/.test(text))
    .map(({ atMs, text }) => `${atMs.toFixed(3)} ${text}`);
}

it('a life with jumps of ten years is the life without them, to the microsecond', async () => {
  const calm = await lifeWith(trouble);
  expect(calm.length).toBeGreaterThan(50);
  expect(await lifeWith([...trouble, ...jumps])).toEqual(calm);
});
