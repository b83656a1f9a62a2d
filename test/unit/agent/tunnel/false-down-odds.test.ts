import { expect, test } from 'vitest';
import { jitteredMs } from '../../../../agent/tunnel/bfd/bfd-timing.ts';
import { eitherOf, falseDownOdds } from '../../../../agent/tunnel/liveness/false-down-odds.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { RoughPair } from '../../../kit/rough-pair.ts';

const DAY_MS = 86_400_000;

/** One direction, packet by packet, with nothing but the sender's jitter, the loss and the Detection Time. */
function simulatedMs(intervalMs: number, detectMult: number, lossRatio: number, downs: number) {
  const random = new SeededRandom(intervalMs * 31 + detectMult);
  let nowMs = 0;
  let heardAtMs = 0;
  let left = downs;
  while (left > 0) {
    nowMs += jitteredMs(intervalMs, detectMult, random);
    if (random.next() < lossRatio) continue;
    if (nowMs - heardAtMs > detectMult * intervalMs) left -= 1;
    heardAtMs = nowMs;
  }
  return nowMs / downs;
}

test.each([
  [300, 3, 0.05],
  [300, 4, 0.1],
  [50, 3, 0.04],
  [100, 5, 0.2],
  [500, 5, 0.15],
  [500, 8, 0.4],
  [300, 12, 0.5],
  [1_000, 1, 0.01],
  [1_000, 2, 0.03],
])('%i ms x %i at %f loss: formula and simulation agree within a factor of 2', (ms, mult, loss) => {
  const simulated = simulatedMs(ms, mult, loss, 150);
  const question = { intervalMs: ms, detectMult: mult, lossRatio: loss, directions: 1 } as const;
  const ratio = falseDownOdds(question).meanMsBetween / simulated;
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});

test('two real sessions over a lossy path fall as often as the odds say', () => {
  const timers = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };
  const path = { lossRatio: 0.1, doubledRatio: 0, travelMsMin: 1, travelMsMax: 2 };
  const pair = new RoughPair({ a: timers, b: timers }, path, 7);
  const untilMs = 3_600_000;
  pair.run(untilMs);
  const falls = pair.moves.filter(({ cause, from }) => cause === 'silence' && from === 'Up');
  let upMs = 0;
  let upAtMs: number | undefined;
  for (const { end, from, to, atMs } of pair.moves) {
    if (end !== 'a') continue;
    if (to === 'Up') upAtMs = atMs;
    if (from === 'Up' && upAtMs !== undefined) upMs += atMs - upAtMs;
  }
  const { meanMsBetween } = falseDownOdds({ intervalMs: 50, detectMult: 3, lossRatio: 0.1 });
  const ratio = meanMsBetween / (upMs / falls.length);
  expect(falls.length).toBeGreaterThan(50);
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});

test('plain 300 ms x 3 lies every few days at 1 % loss and within the hour at 5 %', () => {
  const odds = (lossRatio: number) => falseDownOdds({ intervalMs: 300, detectMult: 3, lossRatio });
  expect(odds(0.01).meanMsBetween / DAY_MS).toBeGreaterThan(1);
  expect(odds(0.01).meanMsBetween / DAY_MS).toBeLessThan(4);
  expect(odds(0.05).meanMsBetween / 60_000).toBeLessThan(60);
  expect(odds(0.01).sentence).toBe('300 ms x 3 at 1 % loss: one false Down in 37 hours');
});

test('no loss is no false Down, all lost is one every detection time', () => {
  const question = { intervalMs: 100, detectMult: 5 };
  const none = falseDownOdds({ ...question, lossRatio: 0 });
  expect(none).toMatchObject({ meanMsBetween: Infinity, perMonth: 0 });
  expect(none.sentence).toContain('no false Down');
  expect(falseDownOdds({ ...question, lossRatio: 1, directions: 1 }).meanMsBetween).toBe(500);
});

test('more loss, fewer chances and shorter intervals never make it better', () => {
  let before = 0;
  for (let mult = 1; mult <= 30; mult += 1) {
    const { meanMsBetween } = falseDownOdds({ intervalMs: 50, detectMult: mult, lossRatio: 0.3 });
    expect(meanMsBetween).toBeGreaterThan(before);
    before = meanMsBetween;
  }
});

test('of two directions the session falls with whichever comes first', () => {
  expect(eitherOf(10, 10)).toBe(5);
  expect(eitherOf(10, Infinity)).toBe(10);
});
