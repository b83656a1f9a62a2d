/** How long to wait, by how the last attempt ended; chance is played by hand. */
import { describe, expect, it } from 'vitest';
import { paceOf } from '../../../../agent/access/close-reaction.ts';
import { RetryPace } from '../../../../agent/access/retry-pace.ts';

/** Chance that always draws the same part of what is possible. */
const drawing = (part: number) => ({ next: () => part, u32: () => Math.floor(part * 2 ** 32) });
const END = { wasRegistered: false, wasStable: false, gatewayCount: 2, nowMs: 0 };

function pace(part = 0.999, spread?: string): RetryPace {
  const made = new RetryPace(drawing(part));
  made.hearSpread(spread);
  return made;
}
const seconds = (ms: number): number => Math.round(ms / 100) / 10;

describe('the wait before the next attempt', () => {
  it('doubles from a second to two minutes after ordinary failures, and starts small once stable', () => {
    const made = pace();
    const waits = Array.from({ length: 9 }, () => made.afterEndingMs('ordinary', END));
    expect(waits.map(seconds)).toEqual([1, 2, 4, 8, 16, 32, 63.9, 119.9, 119.9]);
    made.stable();
    expect(seconds(made.afterEndingMs('ordinary', END))).toBe(1);
  });

  it('is slow once every gateway has refused, and not before', () => {
    const made = pace();
    const first = made.afterEndingMs('slow', END);
    expect(seconds(first)).toBe(1);
    expect(seconds(made.afterEndingMs('slow', END))).toBe(119.9);
    // A failure of another kind between them breaks the row.
    made.afterEndingMs('ordinary', END);
    expect(made.afterEndingMs('slow', END)).toBeLessThan(10_000);
    made.stable();
    expect(seconds(made.afterEndingMs('slow', END))).toBe(1);
  });

  it('gives a busy gateway at least five seconds, or as long as it asked for', () => {
    expect(seconds(pace(0).afterEndingMs('crowded', END))).toBe(5.1);
    expect(seconds(pace().afterEndingMs('crowded', END))).toBe(11);
    expect(seconds(pace(0.999, '60000').afterEndingMs('crowded', END))).toBe(65.9);
  });

  it('follows a redirect within a second, or within the spread', () => {
    expect(seconds(pace().afterEndingMs('redirect', END))).toBe(1);
    expect(seconds(pace(0.5, '60000').afterEndingMs('redirect', END))).toBe(30);
  });

  it('spreads the return from a loss of a registration that had lasted', () => {
    const lost = { ...END, wasRegistered: true, wasStable: true };
    expect(pace(0.5, '60000').afterEndingMs('ordinary', lost)).toBe(30_000);
    expect(pace(0, '60000').afterEndingMs('ordinary', lost)).toBe(0);
    // Nothing was asked for: the ordinary wait.
    expect(seconds(pace().afterEndingMs('ordinary', lost))).toBe(1);
    const short = { ...lost, wasStable: false };
    expect(seconds(pace(0.999, '60000').afterEndingMs('ordinary', short))).toBe(60.9);
  });

  it('is half a spread at least, in a return that has found no gateway of the list', () => {
    const made = pace(0.5, '60000');
    made.afterEndingMs('ordinary', { ...END, wasRegistered: true, wasStable: true });
    expect(made.afterEndingMs('ordinary', END)).toBeLessThan(2_000);
    expect(made.afterEndingMs('ordinary', END)).toBe((0.5 + 0.75 * 0.5) * 60_000);
    expect(made.afterEndingMs('ordinary', END)).toBeLessThan(10_000);
    expect(made.afterEndingMs('ordinary', END)).toBe((0.5 + 0.75 * 0.5) * 60_000);
    made.registered();
    for (let each = 0; each < 4; each += 1) {
      expect(made.afterEndingMs('ordinary', END)).not.toBe((0.5 + 0.75 * 0.5) * 60_000);
    }
  });

  it('counts failures of a return anew after each registration', () => {
    const lost = { ...END, wasRegistered: true, wasStable: true };
    const made = pace(0.5, '60000');
    made.afterEndingMs('ordinary', lost);
    made.afterEndingMs('ordinary', END);
    made.registered();
    made.afterEndingMs('ordinary', lost);
    expect(made.afterEndingMs('ordinary', END)).toBeLessThan(5_000);
    expect(made.afterEndingMs('ordinary', END)).toBe(52_500);
  });

  it('doubles after takeovers to an hour, and begins anew after two quiet hours', () => {
    const made = pace(0);
    const hourMs = 3_600_000;
    const waits = Array.from({ length: 9 }, (_, at) =>
      made.afterEndingMs('clone', { ...END, nowMs: at }),
    );
    expect(waits.map((ms) => ms / 1_000)).toEqual([
      50, 100, 200, 400, 800, 1_600, 3_200, 3_600, 3_600,
    ]);
    expect(made.afterEndingMs('clone', { ...END, nowMs: 8 + 2 * hourMs })).toBe(hourMs);
    expect(made.afterEndingMs('clone', { ...END, nowMs: 9 + 4 * hourMs })).toBe(50_000);
    expect(pace(0.5).afterEndingMs('clone', END)).toBe(56_250);
  });

  it('after silence is short, after the return of a path within a second', () => {
    expect(pace().afterSilenceMs()).toBe(0);
    expect(pace(0.5, '4000').afterSilenceMs()).toBe(2_000);
    expect(pace(0.5, '60000').afterSilenceMs()).toBe(2_500);
    expect(pace(0.5).afterPathReturnedMs()).toBe(500);
  });

  it.each([undefined, 'soon', '-1', 'Infinity', 'NaN'])(
    'keeps the spread it knows when a gateway says %s',
    (text) => {
      const made = pace(0.5, '60000');
      made.hearSpread(text);
      expect(made.afterEndingMs('redirect', END)).toBe(30_000);
    },
  );

  it('takes a spread of ten minutes at most, and one of nothing', () => {
    expect(pace(0.5, '99999999').afterEndingMs('redirect', END)).toBe(300_000);
    const made = pace(0.5, '60000');
    made.hearSpread('0');
    expect(made.afterEndingMs('redirect', END)).toBe(500);
  });
});

it('the reason codes of MQTT 5 are refusals, crowds, takeovers and redirects, and all others ordinary', () => {
  const paces = Array.from({ length: 256 }, (_, code) => [code, paceOf(code)] as const);
  const of = (wanted: string) => paces.filter(([, is]) => is === wanted).map(([code]) => code);
  expect(of('slow')).toEqual([0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c]);
  expect(of('crowded')).toEqual([0x89, 0x97, 0x9f]);
  expect(of('clone')).toEqual([0x8e]);
  expect(of('redirect')).toEqual([0x9c, 0x9d]);
  expect(paceOf(undefined)).toBe('ordinary');
});
