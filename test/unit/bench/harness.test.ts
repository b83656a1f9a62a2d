/** Paired benchmark rows. */
import { expect, test } from 'vitest';
import { floorRow, median, pairedRow } from '../../../bench/harness.ts';

test('a row compares medians and keeps the extremes of ours', () => {
  const row = pairedRow({
    id: 'gap',
    what: 'traffic gap',
    unit: 'ms',
    peerName: 'peer',
    ours: [10, 30, 20],
    peer: [100, 80],
    ratioMax: 0.5,
  });
  expect(row).toMatchObject({
    ours: 20,
    peer: 90,
    ratio: 0.222,
    held: true,
    n: 2,
    min: 10,
    max: 30,
  });
});

test('a ratio above the bound is a goal that was missed', () => {
  const sides = { ours: [3], peer: [2], ratioMax: 1 };
  const row = pairedRow({ id: 'x', what: 'x', unit: 'ms', peerName: 'p', ...sides });
  expect(row.held).toBe(false);
  expect(row.goal).toBe('ratio <= 1');
});

test('a side without samples is an error and not a zero', () => {
  const sides = { ours: [], peer: [2], ratioMax: 1 };
  expect(() => pairedRow({ id: 'x', what: 'x', unit: 'ms', peerName: 'p', ...sides })).toThrow(
    'x:',
  );
});

test('the median of an even count lies between the two in the middle', () => {
  expect(median([1, 2, 3, 10])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test('a floor is held by the median, and says its goal', () => {
  const figures = { id: 'x', what: 'x', unit: '1/s', samples: [1, 5, 9] };
  expect(floorRow({ ...figures, least: 5 })).toMatchObject({ ours: 5, held: true, min: 1, max: 9 });
  expect(floorRow({ ...figures, least: 6 })).toMatchObject({ held: false, goal: 'p50 >= 6' });
});
