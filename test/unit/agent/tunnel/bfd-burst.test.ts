import { expect, test } from 'vitest';
import { BfdBurst } from '../../../../agent/tunnel/bfd/bfd-burst.ts';

/** How many of a hundred questions in this moment are allowed. */
function allowedAt(burst: BfdBurst, nowMs: number): number {
  return Array.from({ length: 100 }, () => burst.allows(nowMs)).filter(Boolean).length;
}

test('forty packets out of turn leave in a second, and no more', () => {
  const burst = new BfdBurst();
  expect(allowedAt(burst, 5)).toBe(40);
  expect(allowedAt(burst, 1_004)).toBe(0);
});

test('the next second has its own forty, and begins with the first question in it', () => {
  const burst = new BfdBurst();
  expect(allowedAt(burst, 5)).toBe(40);
  expect(allowedAt(burst, 1_005)).toBe(40);
  expect(allowedAt(burst, 1_500)).toBe(0);
  expect(allowedAt(burst, 2_005)).toBe(40);
});
