import { expect, test } from 'vitest';
import { SeedsProgress } from '../../../../sim/world/seeds-progress.ts';

function scene(isTTY: boolean) {
  const said: string[] = [];
  const clock = { nowMs: 0 };
  const stream = { isTTY, write: (text: string) => said.push(text) };
  return { said, clock, progress: new SeedsProgress(stream, 100, () => clock.nowMs) };
}

test('a terminal has one line that says how far it is and how long it will take', () => {
  const { said, clock, progress } = scene(true);
  clock.nowMs = 10_000;
  progress.done(20);
  progress.done(21);
  expect(said).toEqual(['\r20 of 100 seeds in 10 s, about 40 s to go\x1b[K']);
});

test('a log gets no more than a line every quarter of a minute', () => {
  const { said, clock, progress } = scene(false);
  for (let done = 1; done <= 100; done += 1) {
    clock.nowMs += 1_000;
    progress.done(done);
  }
  expect(said).toHaveLength(6);
});

test('the summary tells simulated device-seconds and how many of them a second brought', () => {
  const { clock, progress } = scene(false);
  clock.nowMs = 100_000;
  const result = { done: 100, failed: undefined, convergedMsMax: 1_200, livedMs: 50_000_000 };
  expect(progress.summary(result)).toBe(
    '100 seeds held: 50,000 simulated device-seconds in 100.0 s, ' +
      '500 simulated seconds per second; slowest convergence 1.2 s',
  );
});
