/** How a lost board is won back, rung by rung. */
import { describe, expect, it } from 'vitest';
import {
  RECOVERY_MOVES,
  RecoveryLadder,
  SOFT_RESET_WINDOW_MS,
  SOFT_RESETS_MAX,
} from '../../../../firmware-shim/line/recovery-ladder.ts';
import { LineWorld, whole } from '../../../kit/line-transport.ts';

const OPEN = { portClosed: false, epochKnown: true };
const CLOSED = { portClosed: true, epochKnown: false };

function stages(world: LineWorld): readonly string[] {
  return world.notes.flatMap((note) => (note.code === 'lineRecovery' ? [note.stage] : []));
}

function lostWhys(world: LineWorld): readonly string[] {
  return world.events.flatMap(({ event }) => (event.type === 'boardLost' ? [event.why] : []));
}

function met(): LineWorld {
  const world = new LineWorld(whole);
  world.pass(2_000);
  return world;
}

describe('the ladder', () => {
  it('reaches every rung from well, and well from every rung', () => {
    const reached = new Set(['well' as keyof typeof RECOVERY_MOVES]);
    for (const stage of reached) for (const next of RECOVERY_MOVES[stage]) reached.add(next);
    expect([...reached].sort()).toEqual(Object.keys(RECOVERY_MOVES).sort());
    const lostRungs = Object.entries(RECOVERY_MOVES).filter(([stage]) => stage !== 'well');
    for (const [, moves] of lostRungs) expect(moves).toContain('well');
  });

  it('is climbed one rung for each failure, and stays on the last', () => {
    const ladder = new RecoveryLadder();
    const climbed = Array.from({ length: 9 }, (_, at) => ladder.failed(OPEN, at).stage);
    expect(climbed).toEqual([
      'resync',
      'softReset',
      ...Array.from({ length: 5 }, () => 'reopen'),
      'degraded',
      'degraded',
    ]);
  });

  it('begins with reopen when the port itself is closed, or nobody was ever met', () => {
    expect(new RecoveryLadder().failed(CLOSED, 0).stage).toBe('reopen');
    const unmet = { portClosed: false, epochKnown: false };
    expect(new RecoveryLadder().failed(unmet, 0).stage).toBe('reopen');
  });

  it('resets at most three times in any hour', () => {
    const ladder = new RecoveryLadder();
    const resetsAtMs: number[] = [];
    for (let nowMs = 0; nowMs < 3 * SOFT_RESET_WINDOW_MS; nowMs += 60_000) {
      ladder.failed(OPEN, nowMs);
      if (ladder.failed(OPEN, nowMs).stage === 'softReset') resetsAtMs.push(nowMs);
      ladder.met(nowMs);
    }
    expect(resetsAtMs).toHaveLength(9);
    for (const atMs of resetsAtMs) {
      const within = resetsAtMs.filter((t) => t >= atMs && t < atMs + SOFT_RESET_WINDOW_MS);
      expect(within.length).toBeLessThanOrEqual(SOFT_RESETS_MAX);
    }
  });
});

describe('a board that', () => {
  it('was silent for a moment is met again on the open port', () => {
    const world = met();
    world.act({ type: 'actionAsked', action: { do: 'silence', ms: 3_000 } });
    world.pass(6_000);
    expect(stages(world)).toEqual(['resync', 'well']);
    expect(lostWhys(world)).toEqual(['silent']);
    expect(world.host.snapshot()).toMatchObject({ state: 'talking', counters: { opens: 1 } });
  });

  it('hangs is reset, and is back with another boot epoch within seven seconds', () => {
    const world = met();
    const before = world.board.snapshot().bootEpoch;
    world.act({ type: 'actionAsked', action: { do: 'wedge' } });
    world.pass(7_000);
    expect(stages(world)).toEqual(['resync', 'softReset', 'well']);
    expect(world.board.snapshot().bootEpoch).toBe(before + 1);
    expect(world.host.snapshot()).toMatchObject({
      state: 'talking',
      counters: { opens: 1, softResets: 1 },
    });
  });

  it('hangs for the fourth time in an hour is not reset any more', () => {
    const world = met();
    for (let time = 0; time < 4; time += 1) {
      world.act({ type: 'actionAsked', action: { do: 'wedge' } });
      world.pass(20_000);
    }
    expect(stages(world).filter((stage) => stage === 'softReset')).toHaveLength(3);
    expect(world.host.snapshot()).toMatchObject({ counters: { softResets: 3 } });
    expect(world.host.snapshot()).not.toMatchObject({ state: 'talking' });
  });

  it('does not come back is waited for for ever, with one note for each rung', () => {
    const world = met();
    world.act({ type: 'actionAsked', action: { do: 'silence', ms: 600_000 } });
    world.pass(500_000);
    expect(stages(world)).toEqual(['resync', 'softReset', 'reopen', 'degraded']);
    expect(lostWhys(world)).toEqual(['silent']);
    world.pass(200_000);
    expect(stages(world).at(-1)).toBe('well');
    const back = world.notes.findLast((note) => note.code === 'lineRecovery');
    expect(back).toMatchObject({ stage: 'well', level: 'notice' });
  });

  it('is unplugged is waited for by opening, without asking or resetting', () => {
    const world = met();
    world.unplug();
    world.pass(30_000);
    expect(stages(world)).toEqual(['reopen', 'degraded']);
    world.replug();
    world.pass(2_000);
    expect(stages(world).at(-1)).toBe('well');
  });
});
