import { expect, test } from 'vitest';
import {
  BEAT_MS,
  BeatBook,
  ControlPulse,
  SILENT_MS,
  UNANSWERED_MAX,
} from '../../../../agent/wiring/thread-heartbeat.ts';

test('a fast path that answers now and then is alive, one that left ten questions unanswered is not', () => {
  const book = new BeatBook();
  for (let beat = 0; beat < 100; beat += 1) {
    expect(book.asked()).toBe(true);
    if (beat % UNANSWERED_MAX === UNANSWERED_MAX - 1) book.answered();
  }
  for (let beat = 0; beat < UNANSWERED_MAX; beat += 1) expect(book.asked()).toBe(true);
  expect(book.asked()).toBe(false);
});

test('a control thread that stood still is told of when it speaks again, a punctual one is not', () => {
  const pulse = new ControlPulse();
  expect(pulse.heard(50_000)).toBeUndefined();
  expect(pulse.heard(50_000 + BEAT_MS)).toBeUndefined();
  expect(pulse.heard(51_000 + SILENT_MS - 1)).toBeUndefined();
  expect(pulse.heard(53_999 + 7_000)).toBe(7_000);
  expect(pulse.heard(61_000 + BEAT_MS)).toBeUndefined();
});
