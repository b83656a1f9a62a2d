import { expect, test } from 'vitest';
import { Recovery } from '../../../../firmware-shim/line/recovery.ts';
import {
  type Evidence,
  RecoveryLadder,
  SOFT_RESET_WINDOW_MS,
  SOFT_RESETS_MAX,
} from '../../../../firmware-shim/line/recovery-ladder.ts';

const HUNG: Evidence = { portClosed: false, epochKnown: true };
const STRANGE: Evidence = { portClosed: false, epochKnown: false };
const CLOSED: Evidence = { portClosed: true, epochKnown: true };

function stages(ladder: RecoveryLadder, evidence: Evidence, times: number): readonly string[] {
  return Array.from({ length: times }, () => ladder.failed(evidence, 0).stage);
}

test('a board that hangs is asked anew, then reset, then its port is opened again, and then lived without', () => {
  const ladder = new RecoveryLadder();
  expect(ladder.stage).toBe('well');
  expect(stages(ladder, HUNG, 9)).toEqual([
    'resync',
    'softReset',
    'reopen',
    'reopen',
    'reopen',
    'reopen',
    'reopen',
    'degraded',
    'degraded',
  ]);
  expect(ladder.stage).toBe('degraded');
});

test('a port that closed, and a board whose life nobody knows, are never reset', () => {
  expect(stages(new RecoveryLadder(), CLOSED, 2)).toEqual(['reopen', 'reopen']);
  expect(stages(new RecoveryLadder(), STRANGE, 2)).toEqual(['reopen', 'reopen']);
  for (const later of [CLOSED, STRANGE]) {
    const ladder = new RecoveryLadder();
    ladder.failed(HUNG, 0);
    expect(ladder.failed(later, 0)).toEqual({ stage: 'reopen', entered: true });
  }
});

test('a rung is entered once, and hello ends it: the openings count anew', () => {
  const ladder = new RecoveryLadder();
  expect(ladder.met(0)).toEqual({ stage: 'well', entered: false });
  expect(ladder.failed(CLOSED, 0)).toEqual({ stage: 'reopen', entered: true });
  expect(ladder.failed(CLOSED, 0)).toEqual({ stage: 'reopen', entered: false });
  expect(ladder.met(0)).toEqual({ stage: 'well', entered: true });
  expect(stages(ladder, CLOSED, 6).join(' ')).toBe('reopen reopen reopen reopen reopen degraded');
});

test('three resets in an hour are enough; the fourth waits until the first is an hour old', () => {
  const ladder = new RecoveryLadder();
  const hang = (nowMs: number) => {
    ladder.failed(HUNG, nowMs);
    const { stage } = ladder.failed(HUNG, nowMs);
    ladder.met(nowMs);
    return stage;
  };
  for (let at = 0; at < SOFT_RESETS_MAX; at += 1) expect(hang(1_000 * at)).toBe('softReset');
  expect(hang(SOFT_RESET_WINDOW_MS - 1)).toBe('reopen');
  expect(hang(SOFT_RESET_WINDOW_MS)).toBe('softReset');
  expect(hang(SOFT_RESET_WINDOW_MS)).toBe('reopen');
});

test('each rung is noted once with how long the outage has lasted, and that it is over', () => {
  const recovery = new Recovery({ next: () => 0, u32: () => 0 }, '/dev/ttyS9');
  expect([recovery.lost(1_000), recovery.lost(2_000)]).toEqual([true, false]);
  const note = (stage: string, level: string, outageMs: number) => ({
    stage,
    note: { code: 'lineRecovery', level, stage, because: 'so', outageMs },
  });
  expect(recovery.climb(HUNG, 'so', 1_100)).toEqual(note('resync', 'notice', 100));
  expect(recovery.climb(HUNG, 'so', 2_500)).toEqual(note('softReset', 'warning', 1_500));
  expect(recovery.climb(HUNG, 'so', 4_000)).toEqual(note('reopen', 'warning', 3_000));
  expect(recovery.climb(HUNG, 'so', 5_000)).toEqual({ stage: 'reopen', note: undefined });
  expect(recovery.stage).toBe('reopen');
  expect(recovery.met(6_000)).toEqual({
    stage: 'well',
    note: {
      code: 'lineRecovery',
      level: 'notice',
      stage: 'well',
      because: 'the board said hello',
      outageMs: 5_000,
    },
  });
  expect(recovery.met(7_000)).toEqual({ stage: 'well', note: undefined });
  expect(recovery.lost(8_000)).toBe(true);
});

test('a board that was never met has no outage before it is lost', () => {
  const recovery = new Recovery({ next: () => 0, u32: () => 0 }, '/dev/ttyS9');
  expect(recovery.climb(CLOSED, 'so', 9_000).note).toMatchObject({ outageMs: 0 });
});

test('how long a conversation held counts once for the next opening', () => {
  const recovery = new Recovery({ next: () => 0.999, u32: () => 0 }, '/dev/ttyS9');
  const waitMs = () => recovery.reopen('locked', '').retryInMs;
  expect(waitMs()).toBeLessThan(500);
  expect(waitMs()).toBeGreaterThan(900);
  recovery.talked(10_000);
  expect(waitMs()).toBeLessThan(500);
  expect(waitMs()).toBeGreaterThan(900);
});
