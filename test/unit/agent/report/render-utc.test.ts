import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utcMinute } from '../../../../agent/report/render-utc.ts';

it('says the same as Date, for every moment of four centuries either way', () => {
  const wallMs = fc.integer({ min: -62_135_596_800_000, max: 16_725_225_600_000 });
  fc.assert(
    fc.property(wallMs, (ms) => {
      expect(utcMinute(ms)).toBe(`${new Date(ms).toISOString().slice(0, 16)}Z`);
    }),
    { numRuns: 2_000 },
  );
});

it('says unknown for what is no moment', () => {
  expect([Number.NaN, Infinity, 1e300].map(utcMinute)).toEqual(['unknown', 'unknown', 'unknown']);
});
