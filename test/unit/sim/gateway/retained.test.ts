/** Retained messages belong to a device and are bounded by it. */
import { expect, test } from 'vitest';
import { RETAINED_TOPICS_MAX } from '../../../../sim/live/gateway/limits.ts';
import { RetainedMessages } from '../../../../sim/live/gateway/retained.ts';

const PAYLOAD = Uint8Array.of(1);

test('the newest payload of a topic is kept and an empty one removes it', () => {
  const retained = new RetainedMessages();
  retained.put('sag-1', 'life', PAYLOAD);
  retained.put('sag-1', 'life', Uint8Array.of(2));
  expect(retained.get('sag-1', 'life')).toEqual(Uint8Array.of(2));
  expect(retained.get('sag-2', 'life')).toBeUndefined();
  retained.put('sag-1', 'life', new Uint8Array());
  expect(retained.get('sag-1', 'life')).toBeUndefined();
  expect(retained.of('sag-1').size).toBe(0);
});

test('a device that fills its room leaves the others theirs', () => {
  const retained = new RetainedMessages();
  for (let index = 0; index < RETAINED_TOPICS_MAX; index += 1) {
    expect(retained.put('sag-1', `link/${index}`, PAYLOAD)).toBe(true);
  }
  expect(retained.put('sag-1', 'link/more', PAYLOAD)).toBe(false);
  expect(retained.put('sag-1', 'link/0', PAYLOAD)).toBe(true);
  expect(retained.put('sag-2', 'life', PAYLOAD)).toBe(true);
});
