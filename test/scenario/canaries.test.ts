import { expect, it } from 'vitest';
import { CANARIES, type CanaryName } from '../../sim/canaries/canaries.ts';
import { CANARY_SEEDS_MAX } from '../../sim/canaries/canary-run.ts';
import { runSeeds } from '../../sim/world/seed-pool.ts';

it.each(Object.keys(CANARIES) as CanaryName[])('the world finds %s', async (canary) => {
  const { failed } = await runSeeds({ seeds: CANARY_SEEDS_MAX, from: 1, canary });
  expect(failed).toBeDefined();
});
