import { expect, test } from 'vitest';
import type { TimedFault } from '../../../../sim/world/faults/fault.ts';
import { type Live, shrink } from '../../../../sim/world/shrink.ts';

const drawn: readonly TimedFault[] = Array.from({ length: 9 }, (_, at) => ({
  atMs: at * 1_000,
  fault: { kind: 'wallClockJumped', byMs: at },
}));

/** Fails when all of `needed` strike. */
function failingWith(
  needed: readonly number[],
  sentence = (faults: number) => `broken ${faults}`,
): Live {
  return async (faults = drawn) => {
    const struck = faults.map(({ atMs }) => atMs / 1_000);
    const fails = needed.every((each) => struck.includes(each));
    return { faults, failure: fails ? sentence(faults.length) : undefined };
  };
}

test('only the faults that the failure needs are left', async () => {
  expect((await shrink(failingWith([2, 7])))?.kept).toEqual([2, 7]);
  expect((await shrink(failingWith([0])))?.kept).toEqual([0]);
  expect((await shrink(failingWith([])))?.kept).toEqual([]);
});

test('another failure is not the same failure', async () => {
  const live = failingWith([3], (faults) => (faults < 5 ? 'something else' : 'broken'));
  const shrunk = await shrink(live);
  expect(shrunk?.kept).toContain(3);
  expect(shrunk?.kept.length).toBeGreaterThanOrEqual(5);
});

test('a seed that holds has nothing to shrink', async () => {
  expect(await shrink(async () => ({ faults: drawn, failure: undefined }))).toBeUndefined();
});
