import { expect, test } from 'vitest';
import { jitteredMs } from '../../../../agent/tunnel/bfd-timing.ts';
import { LivenessLoss } from '../../../../agent/tunnel/liveness-loss.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';

function measured(lossRatio: number, packets: number, intervalMs = 300): LivenessLoss {
  const random = new SeededRandom(5);
  const loss = new LivenessLoss();
  let nowMs = 0;
  for (let sent = 0; sent < packets; sent += 1) {
    nowMs += jitteredMs(intervalMs, 3, random);
    if (random.next() >= lossRatio) loss.heard(intervalMs, nowMs);
  }
  return loss;
}

test.each([0, 0.005, 0.01, 0.05, 0.2, 0.4])('a loss of %f is told from the gaps alone', (ratio) => {
  const told = measured(ratio, 20_000).measured()?.ratio ?? 1;
  expect(Math.abs(told - ratio)).toBeLessThan(0.005 + ratio * 0.3);
});

test('few packets say nothing', () => {
  expect(measured(0, 90).measured()).toBeUndefined();
  expect(measured(0, 110).measured()?.ratio).toBe(0);
});

test('what was lost long ago is forgotten', () => {
  const loss = measured(0.3, 2_000);
  for (let nowMs = 1_000_000; nowMs < 1_000_000 + 2_500 * 280; nowMs += 280) loss.heard(300, nowMs);
  expect(loss.measured()?.ratio).toBeLessThan(0.01);
});

test('a pause the far end did not cause is no loss', () => {
  const loss = measured(0, 200);
  loss.interrupted();
  loss.heard(300, 1_000_000);
  expect(loss.measured()).toMatchObject({ ratio: 0, longestRun: 0 });
});

test('an interval that shortens or grows is no loss', () => {
  const loss = measured(0, 200);
  loss.interrupted();
  loss.heard(600, 1_000_000);
  loss.heard(300, 1_000_600);
  loss.heard(600, 1_000_900);
  loss.heard(600, 1_001_500);
  expect(loss.measured()).toMatchObject({ ratio: 0, longestRun: 0 });
});

test('the longest run of losses is kept', () => {
  const loss = measured(0, 200);
  loss.interrupted();
  loss.heard(100, 1_000_000);
  loss.heard(100, 1_000_000 + 87.5 * 5);
  expect(loss.measured()?.longestRun).toBe(4);
});
