import { expect, it } from 'vitest';
import { CANARIES, type CanaryName } from '../../sim/canaries/canaries.ts';
import { CANARY_SEEDS_MAX, findCanary } from '../../sim/canaries/canary-run.ts';

it.each(Object.keys(CANARIES) as CanaryName[])('the world finds %s', async (canary) => {
  const found = await findCanary(canary);
  expect(found?.seed).toBeLessThanOrEqual(CANARY_SEEDS_MAX);
  expect(found?.failure).toMatch(/\S/);
});
