import { expect, test } from 'vitest';
import { jitteredMs } from '../../../../agent/tunnel/bfd/bfd-timing.ts';
import { LivenessLoss } from '../../../../agent/tunnel/liveness/liveness-loss.ts';
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

/** Two hundred punctual packets 87.5 ms apart, then those at the given distances. */
function afterPunctual(...gapsMs: readonly number[]): LivenessLoss {
  const loss = new LivenessLoss();
  let nowMs = 0;
  for (const gapMs of [...Array.from({ length: 200 }, () => 87.5), ...gapsMs]) {
    nowMs += gapMs;
    loss.heard(100, nowMs);
  }
  return loss;
}

test('a packet that was held up on its way is no loss, because the next one comes too early', () => {
  const loss = afterPunctual(150, 25, 87.5);
  expect(loss.measured()).toMatchObject({ ratio: 0, longestRun: 0 });
});

test('packets that waited in our socket while we slept are no losses', () => {
  expect(afterPunctual(350, 0, 0, 0, 87.5).measured()).toMatchObject({ ratio: 0, longestRun: 0 });
});

test('what is still missing when the late ones have come is lost', () => {
  expect(afterPunctual(437.5, 0, 0, 87.5).measured()).toMatchObject({ longestRun: 2 });
});

test('an early packet after a punctual one proves nothing about an older gap', () => {
  const confirmed = afterPunctual(262.5, 87.5, 20);
  expect(confirmed.measured()).toMatchObject({ longestRun: 2 });
});

test('a wake-up that is told late takes back what was counted while we slept, and nothing older', () => {
  const loss = afterPunctual(350);
  const nowMs = 200 * 87.5 + 350;
  loss.wokeLate(300, nowMs + 1);
  expect(loss.measured()).toMatchObject({ ratio: 0, longestRun: 0 });

  const older = afterPunctual(350, 80);
  older.wokeLate(30, nowMs + 200);
  expect(older.measured()).toMatchObject({ longestRun: 3 });
});
