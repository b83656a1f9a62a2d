import { expect, it } from 'vitest';
import { REGRESSIONS } from '../../sim/world/regressions.ts';
import { runSeed } from '../../sim/world/seed-run.ts';

it.each(REGRESSIONS)('seed $seed: $sentence', async ({ seed, faults }) => {
  expect((await runSeed(seed, { faults })).failure).toBeUndefined();
});
