import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { BoardModel } from '../../../sim/models/board/board.ts';
import { advance } from '../../kit/advance.ts';
import { LineWorld, whole } from '../../kit/line-transport.ts';

function reportsOf(world: LineWorld, kind: string): readonly unknown[] {
  return world.events.flatMap(({ event }) =>
    event.type === 'boardReported' && event.report.kind === kind ? [event.report] : [],
  );
}

describe('the board model', () => {
  it('announces itself 400 ms after it is powered, with another boot epoch each time', () => {
    const board = new BoardModel({
      model: 'sag-100wm',
      serialNumber: 'SAG100-7F3',
      random: new SeededRandom(1),
    });
    const epochs = [0, 1_000].map((fromMs) => {
      board.handle({ type: 'powered' }, fromMs);
      expect(advance(board, fromMs, fromMs + 399)).toEqual([]);
      expect(advance(board, fromMs + 399, fromMs + 400)).toMatchObject([
        { atMs: fromMs + 400, effect: { type: 'writeBytes' } },
      ]);
      return board.snapshot().bootEpoch;
    });
    expect(new Set(epochs).size).toBe(2);
  });

  it('tells a host its whole present state, cables that were moved meanwhile included', () => {
    const world = new LineWorld(whole);
    world.act({ type: 'actionAsked', action: { do: 'pull', port: 5 } });
    world.pass(2_000);
    expect(reportsOf(world, 'portCarrier')).toHaveLength(6);
    expect(reportsOf(world, 'portCarrier')).toContainEqual(
      expect.objectContaining({ port: 5, carrier: false }),
    );
    expect(reportsOf(world, 'lteSignal')).toHaveLength(1);
    expect(reportsOf(world, 'sensors')).toHaveLength(1);
  });

  it('tells a cable that is pulled twice once', () => {
    const world = new LineWorld(whole);
    world.pass(2_000);
    world.act({ type: 'actionAsked', action: { do: 'pull', port: 5 } });
    world.act({ type: 'actionAsked', action: { do: 'pull', port: 5 } });
    world.pass(1_000);
    expect(reportsOf(world, 'portCarrier')).toHaveLength(7);
  });

  it.each([
    [-60, 'High'],
    [-85, 'High'],
    [-86, 'Middle'],
    [-100, 'Middle'],
    [-110, 'Low'],
    [undefined, 'Unavailable'],
  ] as const)('calls an LTE signal of %s dBm %s', (dBm, strength) => {
    const world = new LineWorld(whole);
    world.pass(2_000);
    world.act({
      type: 'actionAsked',
      action: { do: 'lte', ...(dBm === undefined ? {} : { dBm }) },
    });
    world.pass(1_000);
    expect(reportsOf(world, 'lteSignal').at(-1)).toMatchObject({
      strength,
      registered: dBm !== undefined,
    });
  });

  it('reads its sensors every ten seconds', () => {
    const world = new LineWorld(whole);
    world.pass(60_000);
    expect(reportsOf(world, 'sensors').length).toBeGreaterThanOrEqual(6);
  });

  it('tells how long RESET was held', () => {
    const world = new LineWorld(whole);
    world.pass(2_000);
    world.act({ type: 'actionAsked', action: { do: 'button', heldMs: 5_100 } });
    world.pass(1_000);
    expect(reportsOf(world, 'button')).toEqual([
      { kind: 'button', button: 'RESET', heldMs: 5_100 },
    ]);
  });

  it('starts again when it is commanded to, and the command ends well', () => {
    const world = new LineWorld(whole);
    world.pass(2_000);
    const id = world.host.command({ kind: 'boardReset' });
    world.pass(3_000);
    const types = world.events.map(({ event }) => event);
    expect(types).toContainEqual({ type: 'boardCommandDone', id, ok: true });
    expect(types).toContainEqual({ type: 'boardLost', why: 'mcu-reboot' });
    expect(types.filter(({ type }) => type === 'boardUp')).toHaveLength(2);
  });

  it('takes other ports and roles than those of its model', () => {
    const ports = [{ port: 3, role: 'ECC', copper: true }] as const;
    const board = new BoardModel({
      model: 'sag-1000',
      serialNumber: 'SAG1000-0001',
      random: new SeededRandom(1),
      ports,
    });
    expect(board.snapshot().ports).toEqual([{ port: 3, role: 'ECC', carrier: true }]);
  });
});
