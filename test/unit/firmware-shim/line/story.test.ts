/** The whole line, host to board and back, over four kinds of transport in virtual time. */
import { describe, expect, it } from 'vitest';
import type { BoardEvent } from '../../../../firmware-shim/ports.ts';
import { swapsFrames } from '../../../../sim/models/board/board-behaviour.ts';
import { readBoardVectors } from '../../../kit/board-vectors.ts';
import {
  byteByByte,
  delayed,
  LineWorld,
  lossy,
  type Transport,
  whole,
} from '../../../kit/line-transport.ts';

const TRANSPORTS: readonly { name: string; transport: Transport; seed: number }[] = [
  { name: 'whole', transport: whole, seed: 1 },
  { name: 'byte by byte', transport: byteByByte, seed: 1 },
  ...[11, 22, 33, 44, 55].map((seed) => ({
    name: `one write in five lost, seed ${seed}`,
    transport: lossy,
    seed,
  })),
  ...[6, 7].map((seed) => ({ name: `delayed unevenly, seed ${seed}`, transport: delayed, seed })),
];

function carriersOf(world: LineWorld, port: number): readonly boolean[] {
  return world.events.flatMap(({ event }) =>
    event.type === 'boardReported' &&
    event.report.kind === 'portCarrier' &&
    event.report.port === port
      ? [event.report.carrier]
      : [],
  );
}

function ends(world: LineWorld): readonly BoardEvent[] {
  return world.events.map(({ event }) => event).filter(({ type }) => type === 'boardCommandDone');
}

describe.each(TRANSPORTS)('over a transport that is $name', ({ transport, seed }) => {
  it('the board is met, a pulled cable is told, LEDs are set once, a reboot ends what is pending', () => {
    const world = new LineWorld(transport, seed);
    world.pass(10_000);
    expect(world.events.map(({ event }) => event.type)).toContain('boardUp');
    expect(carriersOf(world, 5).at(-1)).toBe(true);

    world.act({ type: 'actionAsked', action: { do: 'pull', port: 5 } });
    world.pass(3_000);
    expect(carriersOf(world, 5).at(-1)).toBe(false);

    for (const mode of ['on', 'off', 'blink'] as const) {
      world.host.command({ kind: 'ledSet', led: 'CLOUD', mode });
    }
    world.pass(10_000);
    expect(ends(world)).toEqual(
      [1, 2, 3].map((id) => ({ type: 'boardCommandDone', id, ok: true })),
    );
    expect(world.board.snapshot()).toMatchObject({ commandsDone: 3, leds: { CLOUD: 'blink' } });

    world.host.command({ kind: 'ledSet', led: 'ALARM', mode: 'on' });
    world.act({ type: 'actionAsked', action: { do: 'reboot' } });
    world.pass(10_000);
    expect(ends(world).at(-1)).toMatchObject({ id: 4, ok: false, code: 'EMCU_REBOOT' });
    expect(world.board.snapshot()).toMatchObject({ commandsDone: 3, leds: { ALARM: 'off' } });
    expect(carriersOf(world, 5).at(-1)).toBe(false);
    expect(world.host.snapshot()).toMatchObject({ state: 'talking' });
  });

  it('noise between the frames costs repeats and nothing else', () => {
    const world = new LineWorld(transport, seed);
    world.pass(5_000);
    const before = world.events.length;
    for (let burst = 0; burst < 30; burst += 1) {
      world.act({ type: 'actionAsked', action: { do: 'garbage', bytes: 97 + burst * 31 } });
      world.act({
        type: 'actionAsked',
        action: { do: burst % 2 === 0 ? 'pull' : 'plug', port: 6 },
      });
      world.pass(400);
    }
    world.pass(5_000);
    const since = world.events.slice(before).map(({ event }) => event.type);
    expect(since).not.toContain('boardLost');
    expect(carriersOf(world, 6).at(-1)).toBe(true);
    expect(carriersOf(world, 6)).toHaveLength(31);
  });

  it('an unplugged adapter is lost at once and back within two seconds of its return', () => {
    const world = new LineWorld(transport, seed);
    world.pass(5_000);
    world.unplug();
    world.pass(20_000);
    expect(world.events.at(-1)?.event).toEqual({ type: 'boardLost', why: 'unplugged' });
    world.replug();
    const replugMs = world.nowMs;
    world.pass(10_000);
    const up = world.events.findLast(({ event }) => event.type === 'boardUp');
    expect((up?.atMs ?? Number.POSITIVE_INFINITY) - replugMs).toBeLessThan(2_000);
  });
});

describe('a board with bad manners', () => {
  it('that loses acknowledgements is not commanded twice', () => {
    const world = new LineWorld(whole);
    world.pass(2_000);
    world.act({ type: 'actionAsked', action: { do: 'loseAcks', count: 5 } });
    world.host.command({ kind: 'ledSet', led: 'CLOUD', mode: 'on' });
    world.pass(5_000);
    expect(ends(world)).toEqual([{ type: 'boardCommandDone', id: 1, ok: true }]);
    expect(world.board.snapshot().commandsDone).toBe(1);
  });

  it('that says everything twice is heard once', () => {
    const world = new LineWorld(whole);
    world.pass(2_000);
    world.act({ type: 'actionAsked', action: { do: 'duplicate', count: 50 } });
    for (const port of [1, 5, 6]) world.act({ type: 'actionAsked', action: { do: 'pull', port } });
    world.pass(2_000);
    for (const port of [1, 5, 6]) expect(carriersOf(world, port)).toEqual([true, false]);
    expect(world.host.snapshot()).toMatchObject({ counters: { duplicates: 3 } });
  });

  it('that swaps its frames is understood all the same', () => {
    const world = new LineWorld(whole);
    world.pass(2_000);
    world.act({ type: 'behaviourAdded', behaviour: swapsFrames(20) });
    world.act({ type: 'actionAsked', action: { do: 'pull', port: 5 } });
    world.host.command({ kind: 'ledSet', led: 'CLOUD', mode: 'on' });
    world.pass(10_000);
    expect(carriersOf(world, 5).at(-1)).toBe(false);
    expect(ends(world)).toEqual([{ type: 'boardCommandDone', id: 1, ok: true }]);
  });

  it('that falls silent is lost within 3.2 s and met again after its silence', () => {
    const world = new LineWorld(whole);
    world.pass(2_000);
    const fromMs = world.nowMs;
    world.act({ type: 'actionAsked', action: { do: 'silence', ms: 10_000 } });
    world.pass(20_000);
    const lost = world.events.find(({ event }) => event.type === 'boardLost');
    expect(lost?.event).toEqual({ type: 'boardLost', why: 'silent' });
    expect((lost?.atMs ?? 0) - fromMs).toBeLessThanOrEqual(3_200);
    expect(world.host.snapshot()).toMatchObject({ state: 'talking' });
  });

  it('is commanded at most once each over a thousand reboots in the middle of commands', () => {
    const world = new LineWorld(lossy, 9);
    for (let round = 0; round < 1_000; round += 1) {
      world.host.command({ kind: 'ledSet', led: 'CLOUD', mode: round % 2 === 0 ? 'on' : 'off' });
      world.pass((round * 7) % 300);
      world.act({ type: 'actionAsked', action: { do: 'reboot' } });
      world.pass(700);
    }
    world.pass(10_000);
    const ids = ends(world).map((event) => (event.type === 'boardCommandDone' ? event.id : 0));
    expect(new Set(ids).size).toBe(1_000);
    expect(ids).toHaveLength(1_000);
    const actedOn = world.log.filter((text) => text.startsWith('command '));
    expect(new Set(actedOn).size).toBe(actedOn.length);
    expect(actedOn.length).toBeGreaterThan(300);
  });

  it('that speaks another version of the protocol is noted, not believed', () => {
    const world = new LineWorld(whole);
    world.pass(2_000);
    const foreign = readBoardVectors('refusals.txt').find(
      ({ name }) => name === 'protocol version 2',
    );
    world.hear(foreign?.line ?? new Uint8Array());
    expect(world.notes.at(-1)).toMatchObject({ code: 'boardVersionUnknown', version: 2, times: 1 });
    expect(world.host.snapshot()).toMatchObject({ state: 'talking', decoder: { badVersion: 1 } });
  });
});
