import { expect, test } from 'vitest';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import {
  ImpairedDirection,
  type Impairment,
  impairmentWords,
  type Passage,
  UNIMPAIRED,
} from '../../../../sim/models/network/impaired-direction.ts';

/** One packet of 100 bytes each millisecond. */
function offerMany(over: Partial<Impairment>, packets: number, seed = 7): readonly Passage[] {
  const direction = new ImpairedDirection(new SeededRandom(seed), { ...UNIMPAIRED, ...over });
  return Array.from({ length: packets }, (_, nowMs) => direction.offer(100, nowMs));
}

function arrivals(passages: readonly Passage[]): readonly number[] {
  return passages.flatMap((passage) => (passage.passes ? [passage.atMs] : []));
}

function lossRuns(passages: readonly Passage[]): readonly number[] {
  const words = passages.map(({ passes }) => (passes ? ' ' : 'x')).join('');
  return words
    .split(' ')
    .filter((run) => run !== '')
    .map((run) => run.length);
}

test('an unimpaired direction lets every packet out at once', () => {
  expect(arrivals(offerMany({}, 5))).toEqual([0, 1, 2, 3, 4]);
});

test('delay and jitter lie between their bounds, and packets keep their order', () => {
  const left = arrivals(offerMany({ delayMs: 20, jitterMs: 10 }, 1_000));
  expect(left.every((atMs, sentMs) => atMs >= sentMs + 20 && atMs <= sentMs + 30)).toBe(true);
  expect(left).toEqual(left.toSorted((one, other) => one - other));
});

test('packets overtake each other only where that is asked for', () => {
  const left = arrivals(offerMany({ delayMs: 20, jitterMs: 10, reorders: true }, 1_000));
  expect(left).not.toEqual(left.toSorted((one, other) => one - other));
});

test.each([1, 10, 40])('a loss of %i percent loses that many, mostly alone', (lossPercent) => {
  const passages = offerMany({ loss: { kind: 'single', lossPercent } }, 20_000);
  const lost = passages.filter(({ passes }) => !passes).length / 200;
  expect(Math.abs(lost - lossPercent)).toBeLessThan(0.3 + lossPercent * 0.05);
});

test('losses of a burst model come in company, as many as the chain of two states says', () => {
  const loss = { kind: 'bursts', enterPercent: 1, leavePercent: 19, lossPercent: 100 } as const;
  const passages = offerMany({ loss }, 40_000);
  const runs = lossRuns(passages);
  const lostPercent = (100 * runs.reduce((sum, run) => sum + run, 0)) / passages.length;
  // 1 / (1 + 19) of the time is bad, for 100 / 19 packets on average.
  expect(Math.abs(lostPercent - 5)).toBeLessThan(1);
  const mean = runs.reduce((sum, run) => sum + run, 0) / runs.length;
  expect(Math.abs(mean - 100 / 19)).toBeLessThan(0.8);
});

test('a line sends no faster than its rate, and drops what its queue does not hold', () => {
  // 100 bytes take 2 ms at 400 kbit/s, and one comes each millisecond.
  const passages = offerMany({ rate: { kbitPerS: 400, queueBytes: 1_000 } }, 200);
  const left = arrivals(passages);
  const gaps = left.slice(1).map((atMs, at) => atMs - (left[at] ?? 0));
  expect(gaps.every((gapMs) => gapMs >= 2)).toBe(true);
  expect(passages.some((passage) => !passage.passes && passage.why === 'queue-full')).toBe(true);
  // 1,000 bytes wait at most: 20 ms.
  const waitsMs = passages.map((each, sentMs) => (each.passes ? each.atMs - sentMs : 0));
  expect(Math.max(...waitsMs)).toBeLessThanOrEqual(20);
});

test('a blocked direction and a hole for large packets drop silently, and say why when asked', () => {
  const direction = new ImpairedDirection(new SeededRandom(1));
  direction.change({ ...UNIMPAIRED, mtuBytes: 1_380 });
  expect(direction.offer(1_380, 0).passes).toBe(true);
  expect(direction.offer(1_381, 1)).toEqual({ passes: false, why: 'too-big' });
  direction.change({ ...UNIMPAIRED, isBlocked: true });
  expect(direction.offer(40, 2)).toEqual({ passes: false, why: 'blocked' });
  expect(direction.counts).toEqual({
    passed: 1,
    dropped: { blocked: 1, 'too-big': 1, loss: 0, 'queue-full': 0 },
  });
});

test('the same seed treats the same packets alike, also after a condition has changed and changed back', () => {
  const over = { jitterMs: 5, loss: { kind: 'single', lossPercent: 20 } } as const;
  expect(offerMany(over, 500)).toEqual(offerMany(over, 500));
  expect(offerMany(over, 500, 8)).not.toEqual(offerMany(over, 500));
  const lossOnly = offerMany({ loss: over.loss }, 500).map(({ passes }) => passes);
  expect(offerMany(over, 500).map(({ passes }) => passes)).toEqual(lossOnly);
});

test('what a path does to packets is told in words', () => {
  expect(impairmentWords(UNIMPAIRED)).toBe('clean');
  expect(
    impairmentWords({
      ...UNIMPAIRED,
      delayMs: 20,
      jitterMs: 3,
      loss: { kind: 'single', lossPercent: 5 },
      mtuBytes: 1_380,
    }),
  ).toBe('delay 20 ms, jitter 3 ms, loss 5 %, MTU 1380');
});
