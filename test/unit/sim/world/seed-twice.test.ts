import { expect, test } from 'vitest';
import { firstDifference } from '../../../../sim/world/seed-twice.ts';

test('two lives are the same, or told apart by the first line that differs', () => {
  expect(firstDifference('a\n b\n', 'a\n b\n')).toBeUndefined();
  expect(firstDifference('a\n b\nd', 'a\n c\nd')).toBe('two lives of one seed differ: b and c');
  expect(firstDifference('a\nb', 'a')).toBe('two lives of one seed differ: b and nothing more');
});
