import { expect, it } from 'vitest';
import { CANARIES, type CanaryName } from '../../sim/canaries/canaries.ts';
import { runSeeds } from '../../sim/world/seed-pool.ts';

/** A run that needs more seeds than this to find a planted bug would not find one that is not planted. */
const SEEDS_MAX = 500;

it.each(Object.keys(CANARIES) as CanaryName[])('the world finds %s', async (canary) => {
  const { failed } = await runSeeds({ seeds: SEEDS_MAX, from: 1, canary });
  expect(failed).toBeDefined();
});
