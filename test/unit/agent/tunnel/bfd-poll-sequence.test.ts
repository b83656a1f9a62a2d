import { describe, expect, test } from 'vitest';
import { BfdIntervals } from '../../../../agent/tunnel/bfd/bfd-intervals.ts';
import { FAST } from '../../../kit/bfd-peer.ts';

const SLOWER = { ...FAST, desiredMinTxMs: 400, requiredMinRxMs: 300 };

/** Up, with the Poll Sequence of coming Up over and its rest as well. */
function calm(): BfdIntervals {
  const intervals = new BfdIntervals(FAST);
  intervals.moved(true);
  intervals.finalHeard();
  intervals.rested();
  return intervals;
}

describe('before a session is Up', () => {
  test('it sends once a second, says so, and polls for nothing', () => {
    const intervals = new BfdIntervals(FAST);
    expect(intervals.inForce).toEqual({ desiredMinTxMs: 1_000, requiredMinRxMs: 50 });
    expect(intervals.told).toEqual({ ...FAST, desiredMinTxMs: 1_000 });
    expect(intervals.polling).toBe(false);
  });

  test('a plan counts at once and starts no Poll Sequence', () => {
    const intervals = new BfdIntervals(FAST);
    intervals.plan({ ...SLOWER, desiredMinTxMs: 2_000 });
    expect(intervals.inForce).toEqual({ desiredMinTxMs: 2_000, requiredMinRxMs: 300 });
    expect(intervals.polling).toBe(false);
    expect(intervals.wanted.requiredMinRxMs).toBe(300);
  });

  test('a Final ends nothing, and a rest that ends begins no Poll Sequence', () => {
    const intervals = new BfdIntervals(FAST);
    expect(intervals.finalHeard()).toBe(false);
    intervals.plan(SLOWER);
    intervals.rested();
    expect(intervals.polling).toBe(false);
  });
});

describe('a session that is Up', () => {
  test('polls for the interval it came Up with, until the first Final', () => {
    const intervals = new BfdIntervals(FAST);
    intervals.moved(true);
    expect(intervals.polling).toBe(true);
    expect(intervals.inForce).toEqual({ ...FAST });
    expect(intervals.finalHeard()).toBe(true);
    expect(intervals.polling).toBe(false);
    expect(intervals.finalHeard()).toBe(false);
  });

  test('polls for a plan that changes an interval, and for none that does not', () => {
    const intervals = calm();
    intervals.plan({ ...FAST, detectMult: 7 });
    expect(intervals.polling).toBe(false);
    expect(intervals.told.detectMult).toBe(7);
    intervals.plan(SLOWER);
    expect(intervals.polling).toBe(true);
  });

  test.each([{ desiredMinTxMs: 60 }, { requiredMinRxMs: 60 }])(
    'polls when one interval alone changes: %o',
    (change) => {
      const intervals = calm();
      intervals.plan({ ...FAST, ...change });
      expect(intervals.polling).toBe(true);
    },
  );

  test('sends no slower and waits no shorter than the far end knows while it polls', () => {
    const intervals = calm();
    intervals.plan({ ...FAST, desiredMinTxMs: 400, requiredMinRxMs: 20 });
    expect(intervals.inForce).toEqual({ desiredMinTxMs: 50, requiredMinRxMs: 50 });
    intervals.finalHeard();
    expect(intervals.inForce).toMatchObject({ desiredMinTxMs: 400, requiredMinRxMs: 20 });
  });

  test('sends faster and waits longer as soon as it is planned', () => {
    const intervals = calm();
    intervals.plan({ ...FAST, desiredMinTxMs: 20, requiredMinRxMs: 300 });
    expect(intervals.inForce).toEqual({ desiredMinTxMs: 20, requiredMinRxMs: 300 });
  });

  test('keeps a plan of the rest until the rest is over', () => {
    const intervals = calm();
    intervals.plan(SLOWER);
    intervals.finalHeard();
    intervals.plan(FAST);
    expect(intervals.polling).toBe(false);
    expect(intervals.told).toEqual(SLOWER);
    intervals.rested();
    expect(intervals.polling).toBe(true);
    expect(intervals.told).toEqual(FAST);
  });

  test('rests without a Poll Sequence behind it when nothing was planned meanwhile', () => {
    const intervals = calm();
    intervals.rested();
    expect(intervals.polling).toBe(false);
    intervals.plan(SLOWER);
    expect(intervals.polling).toBe(true);
  });

  test('that falls and comes Up in a rest polls anew', () => {
    const intervals = calm();
    intervals.plan(SLOWER);
    intervals.finalHeard();
    intervals.moved(false);
    expect(intervals.polling).toBe(false);
    expect(intervals.inForce.desiredMinTxMs).toBe(1_000);
    intervals.moved(true);
    intervals.finalHeard();
    intervals.rested();
    intervals.plan(FAST);
    expect(intervals.polling).toBe(true);
  });
});
