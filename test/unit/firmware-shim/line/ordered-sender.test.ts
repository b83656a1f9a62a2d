/** The window of one: what leaves, what is repeated and how often, and what is measured of it. */
import { describe, expect, test } from 'vitest';
import { ATTEMPTS_MAX, OrderedSender } from '../../../../firmware-shim/line/ordered-sender.ts';

const FIRST = Uint8Array.of(1);
const SECOND = Uint8Array.of(2);

function sending(): OrderedSender {
  const sender = new OrderedSender(4);
  sender.offer(FIRST);
  sender.next(1_000);
  return sender;
}

describe('a message', () => {
  test('leaves with the next sequence when the one before is acknowledged', () => {
    const sender = new OrderedSender(4);
    expect(sender.next(0)).toBeUndefined();
    expect([sender.offer(FIRST), sender.offer(SECOND)]).toEqual([true, true]);
    expect(sender.next(0)).toMatchObject({ sequence: 1, payload: FIRST });
    expect(sender.next(0)).toBeUndefined();
    expect(sender.acknowledged(1, 10)).toBe(FIRST);
    expect(sender.next(10)).toMatchObject({ sequence: 2, payload: SECOND });
  });

  test('is not taken when too many wait already', () => {
    const sender = new OrderedSender(2);
    expect([1, 2, 3].map(() => sender.offer(FIRST))).toEqual([true, true, false]);
    sender.next(0);
    expect(sender.offer(FIRST)).toBe(true);
  });

  test('is done with by its own acknowledgement only, once', () => {
    const sender = sending();
    expect(sender.acknowledged(0, 1_010)).toBeUndefined();
    expect(sender.acknowledged(2, 1_010)).toBeUndefined();
    expect(sender.acknowledged(1, 1_010)).toBe(FIRST);
    expect(sender.acknowledged(1, 1_010)).toBeUndefined();
    expect(sender.repeatAtMs).toBeUndefined();
  });

  test('is repeated as it was when it is due, with doubled patience, and at last exhausted', () => {
    const sender = sending();
    expect(sender.repeatAtMs).toBe(1_200);
    expect(sender.onTime(1_199)).toBeUndefined();
    expect(sender.repeats).toBe(0);
    expect(sender.onTime(1_200)).toMatchObject({ sequence: 1, payload: FIRST });
    expect(sender.repeatAtMs).toBe(1_600);
    for (let attempt = 3; attempt <= ATTEMPTS_MAX; attempt += 1) {
      expect(sender.onTime(sender.repeatAtMs ?? 0)).toMatchObject({ sequence: 1 });
    }
    expect(sender.repeats).toBe(ATTEMPTS_MAX - 1);
    expect(sender.onTime(sender.repeatAtMs ?? 0)).toBe('exhausted');
    expect(sender.repeats).toBe(ATTEMPTS_MAX - 1);
  });

  test('measures the round trip, but not when it was repeated', () => {
    const sender = sending();
    sender.onTime(1_200);
    sender.acknowledged(1, 1_210);
    expect(sender.roundTripMs).toBeUndefined();
    sender.offer(SECOND);
    sender.next(2_000);
    sender.acknowledged(2, 2_040);
    expect(sender.roundTripMs).toBe(40);
  });
});

test('a new conversation counts from the beginning and has measured nothing', () => {
  const sender = sending();
  sender.acknowledged(1, 1_040);
  sender.offer(FIRST);
  sender.next(1_040);
  sender.offer(SECOND);
  sender.restart();
  expect(sender.repeatAtMs).toBeUndefined();
  expect(sender.roundTripMs).toBeUndefined();
  expect(sender.next(2_000)).toBeUndefined();
  sender.offer(SECOND);
  expect(sender.next(2_000)).toMatchObject({ sequence: 1, payload: SECOND });
  expect(sender.repeatAtMs).toBe(2_200);
});
