import fc from 'fast-check';
import { expect, test } from 'vitest';
import { falseDownOdds } from '../../../../agent/tunnel/liveness/false-down-odds.ts';
import { LOWER_AFTER_MS, nextMult } from '../../../../agent/tunnel/liveness/liveness-mult.ts';

const WIRED = { base: 3, current: 3, intervalMs: 300, longestRun: 1, unchangedForMs: 0 };

test('wired stays at 3 on a clean path and rises to 4 at 1 % and further at 5 %', () => {
  expect(nextMult({ ...WIRED, lossRatio: 0.001 })).toBe(3);
  expect(nextMult({ ...WIRED, lossRatio: 0.01 })).toBe(4);
  expect(nextMult({ ...WIRED, lossRatio: 0.05 })).toBe(6);
});

test('LTE can afford 1 % as it is', () => {
  expect(nextMult({ ...WIRED, base: 5, current: 5, intervalMs: 500, lossRatio: 0.01 })).toBe(5);
});

test('losses in company count, whatever the average says', () => {
  expect(nextMult({ ...WIRED, lossRatio: 0.0001, longestRun: 3 })).toBe(5);
});

test('it falls one by one, after a quiet time, and only when twice the loss would still be honest', () => {
  const raised = { ...WIRED, current: 6, lossRatio: 0.0001 };
  expect(nextMult({ ...raised, unchangedForMs: LOWER_AFTER_MS - 1 })).toBe(6);
  expect(nextMult({ ...raised, unchangedForMs: LOWER_AFTER_MS })).toBe(5);
  const border = { ...WIRED, current: 4, lossRatio: 0.0022, unchangedForMs: LOWER_AFTER_MS };
  expect(nextMult({ ...border, current: 3 })).toBe(3);
  expect(nextMult(border)).toBe(4);
});

test('at any loss up to 10 % the result is honest, and detection never takes beyond six seconds', () => {
  fc.assert(
    fc.property(
      fc.constantFrom([300, 3], [50, 3], [100, 5], [500, 5]),
      fc.double({ min: 0.0001, max: 0.1, noNaN: true }),
      ([intervalMs = 0, base = 0], lossRatio) => {
        const question = { base, current: base, intervalMs, lossRatio, longestRun: 0 };
        const detectMult = nextMult({ ...question, unchangedForMs: 0 });
        const odds = falseDownOdds({ intervalMs, detectMult, lossRatio });
        expect(odds.perMonth).toBeLessThan(0.5);
        expect(detectMult * intervalMs).toBeLessThanOrEqual(6_000);
      },
    ),
  );
});
