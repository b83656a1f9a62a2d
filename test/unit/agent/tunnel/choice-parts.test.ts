import { describe, expect, test } from 'vitest';
import type { FastPathPolicy } from '../../../../agent/model/fast-path.ts';
import type { PathQualityFigures } from '../../../../agent/model/quality.ts';
import { FailbackHold, LOSS_MEMORY_MS } from '../../../../agent/tunnel/choice/failback-hold.ts';
import { SlaBoard, turnNotes, turnWords } from '../../../../agent/tunnel/choice/sla-board.ts';
import {
  switchNeedless,
  switchObjection,
  switchRefused,
} from '../../../../agent/tunnel/choice/switch-answer.ts';
import { UpList } from '../../../../agent/tunnel/choice/up-list.ts';
import type { TunnelWatch } from '../../../../agent/tunnel/tunnel-watch.ts';
import { candidate } from '../../../kit/choice-scene.ts';
import { branchPlan, branchTunnel } from '../../../kit/fast-path-lab.ts';

describe('the hold before traffic returns', () => {
  const policy = { failbackHoldMs: 5_000, failbackHoldMaxMs: 60_000 } as FastPathPolicy;
  const holds = (hold: FailbackHold, nowMs = 0, settled = true) =>
    hold.holdMs('t1', policy, settled, nowMs);

  test('is none for the first place of traffic, unless the tunnel was lost before', () => {
    const hold = new FailbackHold();
    expect(holds(hold, 0, false)).toBe(0);
    expect(holds(hold)).toBe(5_000);
    hold.lost('t1', 0);
    expect(holds(hold, 0, false)).toBe(5_000);
  });

  test('doubles with each loss, up to the longest', () => {
    const hold = new FailbackHold();
    const seen = Array.from({ length: 6 }, (_, at) => {
      hold.lost('t1', at);
      return holds(hold, at);
    });
    expect(seen).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    expect(hold.holdMs('t2', policy, true, 9)).toBe(5_000);
  });

  test('forgets losses twenty minutes after the last', () => {
    const hold = new FailbackHold();
    hold.lost('t1', 0);
    hold.lost('t1', 100);
    expect(holds(hold, 100 + LOSS_MEMORY_MS - 1)).toBe(10_000);
    expect(holds(hold, 100 + LOSS_MEMORY_MS)).toBe(5_000);
    hold.lost('t1', 100 + LOSS_MEMORY_MS);
    expect(holds(hold, 100 + LOSS_MEMORY_MS)).toBe(5_000);
  });

  test('tells what changed, once, and that a loss is forgotten', () => {
    const hold = new FailbackHold();
    hold.lost('t1', 0);
    hold.lost('t2', 0);
    hold.lost('t1', 1_000);
    expect(hold.changes(1_000)).toEqual([
      { tunnel: 't1', losses: 2 },
      { tunnel: 't2', losses: 1 },
    ]);
    expect(hold.changes(2_000)).toEqual([]);
    expect(hold.changes(LOSS_MEMORY_MS)).toEqual([{ tunnel: 't2', losses: 0 }]);
    expect(hold.changes(LOSS_MEMORY_MS)).toEqual([]);
    hold.forget('t1');
    hold.forget('t1');
    expect(hold.changes(LOSS_MEMORY_MS)).toEqual([{ tunnel: 't1', losses: 0 }]);
    hold.forget('never');
    expect(hold.changes(LOSS_MEMORY_MS)).toEqual([]);
  });

  test('takes what a former run remembered where it knows nothing newer, as fresh and bounded', () => {
    const hold = new FailbackHold();
    hold.lost('t1', 500);
    hold.restore(
      [
        { tunnel: 't1', losses: 9 },
        { tunnel: 't2', losses: 3 },
        { tunnel: 't3', losses: 0 },
        { tunnel: 't4', losses: 1_000 },
      ],
      1_000,
    );
    const wide = { failbackHoldMs: 1, failbackHoldMaxMs: 2 ** 60 } as FastPathPolicy;
    const counts = ['t1', 't2', 't3', 't4'].map((id) => hold.holdMs(id, wide, true, 1_000));
    expect(counts).toEqual([1, 4, 1, 2 ** 31]);
    expect(hold.changes(1_000)).toEqual([{ tunnel: 't1', losses: 1 }]);
    hold.lost('t4', 1_000);
    expect(hold.holdMs('t4', wide, true, 1_000)).toBe(2 ** 31);
  });
});

describe('the judges of all paths', () => {
  const lossy = (percent: number): PathQualityFigures => ({
    samples: 100,
    windowMs: 10_000,
    lossPercent: percent,
    lostUp: percent,
    lostDown: 0,
    lostUnknown: 0,
    lossUpPercent: percent,
    lossDownPercent: 0,
    rttSamples: 100,
    rtt: { p50Ms: 30, p95Ms: 40, p99Ms: 50, maxMs: 60 },
    jitterUpMs: 1,
    jitterDownMs: 1,
  });

  test('tell a verdict when it turns, with its words and a note', () => {
    const measured = new Map([['t1', lossy(0)]]);
    const board = new SlaBoard((tunnel) => measured.get(tunnel));
    board.planned(branchPlan());
    expect(board.verdictOf('t1')).toEqual({ verdict: 'unknown', why: 'nothing is measured yet' });
    const [turn, ...others] = board.judge(0);
    expect(turn).toMatchObject({ tunnel: 't1', sla: { verdict: 'met' } });
    expect(others).toEqual([]);
    expect(board.judge(1_000)).toEqual([]);
    measured.set('t1', lossy(40));
    board.judge(2_000);
    const turns = board.judge(4_000);
    const why = 'it loses 40.0 % on the way up (limit 5 %)';
    expect(turnWords([...turns, ...turns])).toBe(`of t1 ${why}; of t1 ${why}`);
    expect(turnNotes(turns)).toEqual([
      {
        type: 'note',
        note: { code: 'slaChanged', level: 'warning', tunnel: 't1', verdict: 'violated', why },
      },
    ]);
    expect(turnNotes([{ tunnel: 't1', sla: { verdict: 'met', why: 'x' } }])).toMatchObject([
      { note: { level: 'info' } },
    ]);
  });

  test('keep what they know over a plan of the same tunnels, and forget who is gone', () => {
    const board = new SlaBoard(() => lossy(0));
    board.planned(branchPlan());
    board.judge(0);
    board.planned(branchPlan());
    expect(board.verdictOf('t1')?.verdict).toBe('met');
    board.planned({ ...branchPlan(), tunnels: [branchTunnel(2)] });
    expect(board.verdictOf('t1')).toBeUndefined();
    expect(board.verdictOf('t2')?.verdict).toBe('met');
    expect(board.verdictOf(undefined)).toBeUndefined();
  });

  test('judge nothing where nothing is demanded', () => {
    const board = new SlaBoard(() => lossy(40));
    expect(board.judge(0)).toEqual([]);
    board.planned(branchPlan());
    board.planned(branchPlan({ sla: 'none' }));
    expect(board.verdictOf('t1')).toBeUndefined();
    expect(board.judge(0)).toEqual([]);
  });
});

describe('a wish for a tunnel', () => {
  test.each([
    ['hub', 't1', 'ESWITCH_HUB', 'a hub follows the branch and is not switched by itself'],
    ['branch', 't9', 'ESWITCH_UNKNOWN', 'there is no tunnel t9'],
    ['branch', 't2', 'ESWITCH_UNUSABLE', 't2 cannot carry traffic: its session is Down'],
  ] as const)('of a %s for %s is refused with %s', (role, tunnel, code, because) => {
    const candidates = [candidate(1), candidate(2, { state: 'down' })];
    const refusal = switchObjection(role, candidates, tunnel);
    expect(refusal).toEqual({ code, because });
    expect(refusal && switchRefused('r-1', refusal)).toEqual({
      type: 'tellControl',
      fact: { type: 'switchAnswered', requestId: 'r-1', ok: false, code, because },
    });
  });

  test('for a usable one is met, and needs nothing when it is active', () => {
    expect(switchObjection('branch', [candidate(1)], 't1')).toBeUndefined();
    expect(switchNeedless('r-1', 't1')).toEqual({
      type: 'tellControl',
      fact: {
        type: 'switchAnswered',
        requestId: 'r-1',
        ok: true,
        because: 't1 is active already and stays so until it fails',
      },
    });
  });
});

describe('the list of tunnels that are Up', () => {
  const watches = (...up: readonly number[]) =>
    [1, 2, 3].map(
      (index) =>
        ({ plan: branchTunnel(index), state: up.includes(index) ? 'up' : 'down' }) as TunnelWatch,
    );

  test('has the active one first', () => {
    const list = new UpList();
    expect(list.tell(watches(1, 2, 3), 't3')).toEqual(['t3', 't1', 't2']);
    expect(list.tell(watches(1, 2), undefined)).toEqual(['t1', 't2']);
    expect(list.tell(watches(), 't1')).toEqual([]);
  });

  test('is news when it is another one, or another is active', () => {
    const list = new UpList();
    expect(list.news(watches(), undefined)).toEqual([]);
    expect(list.news(watches(1, 2), 't1')).toEqual([
      { type: 'tellTunnelsUp', tunnels: ['t1', 't2'] },
    ]);
    expect(list.news(watches(1, 2), 't1')).toEqual([]);
    expect(list.news(watches(1, 2), 't2')).toHaveLength(1);
    list.tell(watches(1), 't1');
    expect(list.news(watches(1), 't1')).toEqual([]);
    expect(list.news(watches(), 't1')).toHaveLength(1);
  });
});
