import { expect, test } from 'vitest';
import { PUT_BACKS_MAX, PutBackLimit } from '../../../../agent/routes/put-back-limit.ts';

test('up to the limit everything is put back at once, one more waits for the end of the window', () => {
  const limit = new PutBackLimit();
  expect(limit.waitUntilMs(PUT_BACKS_MAX, 5_000)).toBeUndefined();
  expect(limit.waitUntilMs(1, 5_400)).toBe(6_000);
  expect(limit.waitUntilMs(0, 5_999)).toBe(6_000);
});

test('the next window counts anew', () => {
  const limit = new PutBackLimit();
  limit.waitUntilMs(PUT_BACKS_MAX + 1, 5_000);
  expect(limit.waitUntilMs(PUT_BACKS_MAX, 6_000)).toBeUndefined();
  expect(limit.waitUntilMs(1, 6_999)).toBe(7_000);
});
