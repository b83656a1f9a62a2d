/** What the board does on command, over the whole line in virtual time. */
import { describe, expect, it } from 'vitest';
import type { BoardCommand } from '../../../firmware-shim/wire/messages.ts';
import { LineWorld, type LineWorldOptions, whole } from '../../kit/line-transport.ts';

function met(options: LineWorldOptions = {}): LineWorld {
  const world = new LineWorld(whole, 1, options);
  world.pass(2_000);
  return world;
}

/** Gives a command and returns how it ended. */
function ask(world: LineWorld, command: BoardCommand): unknown {
  const id = world.host.command(command);
  world.pass(500);
  return world.events.find(({ event }) => event.type === 'boardCommandDone' && event.id === id)
    ?.event;
}

function reports(world: LineWorld, kind: string): readonly unknown[] {
  return world.events.flatMap(({ event }) =>
    event.type === 'boardReported' && event.report.kind === kind ? [event.report] : [],
  );
}

function kick(world: LineWorld, times: number): void {
  for (let time = 0; time < times; time += 1) {
    expect(ask(world, { kind: 'watchdogKick' })).toMatchObject({ ok: true });
    world.pass(1_000);
  }
}

describe('find-me', () => {
  it('makes every LED blink for its time, and what was set meanwhile shows afterwards', () => {
    const world = met();
    ask(world, { kind: 'ledSet', led: 'CLOUD', mode: 'on' });
    ask(world, { kind: 'findMe', durationMs: 5_000 });
    ask(world, { kind: 'ledSet', led: 'ALARM', mode: 'on' });
    expect(new Set(Object.values(world.board.snapshot().leds))).toEqual(new Set(['blink']));
    world.pass(5_000);
    expect(world.board.snapshot().leds).toMatchObject({ CLOUD: 'on', ALARM: 'on', PWR: 'on' });
  });

  it('ends at once when it is told to', () => {
    const world = met();
    ask(world, { kind: 'findMe', durationMs: 300_000 });
    ask(world, { kind: 'findMe', durationMs: 0 });
    expect(world.board.snapshot()).toMatchObject({ findMe: false, leds: { CLOUD: 'off' } });
  });
});

describe('the reset lock', () => {
  it('turns a press into a refused one, also after a restart, until it is unlocked', () => {
    const world = met();
    const press = (): unknown => {
      world.act({ type: 'actionAsked', action: { do: 'button', heldMs: 5_000 } });
      world.pass(500);
      return reports(world, 'button').at(-1);
    };
    const pressed = { kind: 'button', button: 'RESET', heldMs: 5_000 };
    ask(world, { kind: 'resetLockSet', locked: true });
    expect(press()).toEqual({ ...pressed, refused: true });
    world.act({ type: 'actionAsked', action: { do: 'powerCut' } });
    world.pass(3_000);
    expect(press()).toEqual({ ...pressed, refused: true });
    ask(world, { kind: 'resetLockSet', locked: false });
    expect(press()).toEqual(pressed);
  });
});

describe('the watchdog', () => {
  it('that is kicked lets the board run, and restarts it when it is starved', () => {
    const world = met();
    expect(ask(world, { kind: 'watchdogArm', timeoutMs: 3_000 })).toMatchObject({ ok: true });
    kick(world, 10);
    expect(world.host.snapshot()).toMatchObject({ counters: { reboots: 0 } });
    world.pass(4_000);
    expect(world.host.snapshot()).toMatchObject({ state: 'talking', counters: { reboots: 1 } });
    expect(reports(world, 'boardStarted').at(-1)).toMatchObject({ cause: 'watchdog' });
    expect(world.board.snapshot().watchdogMs).toBeNull();
  });

  it('that is disarmed never fires, and cannot be kicked', () => {
    const world = met();
    ask(world, { kind: 'watchdogArm', timeoutMs: 1_000 });
    ask(world, { kind: 'watchdogDisarm' });
    world.pass(10_000);
    expect(world.host.snapshot()).toMatchObject({ counters: { reboots: 0 } });
    expect(ask(world, { kind: 'watchdogKick' })).toMatchObject({ code: 'EMCU_REFUSED' });
  });
});

describe('the clock', () => {
  it('goes on over a restart once it is set', () => {
    const world = met();
    const read = (): unknown => ask(world, { kind: 'clockGet' });
    expect(read()).toMatchObject({ reply: { kind: 'clock', unixSeconds: 0 } });
    ask(world, { kind: 'clockSet', unixSeconds: 1_735_689_600 });
    world.act({ type: 'actionAsked', action: { do: 'powerCut' } });
    world.pass(60_000);
    expect(read()).toMatchObject({ ok: true, reply: { unixSeconds: 1_735_689_660 } });
  });
});

describe('the firmware', () => {
  it('is told with what lies in the spare slot', () => {
    expect(ask(met(), { kind: 'firmwareQuery' })).toMatchObject({
      ok: true,
      reply: { version: '2.7.1', trial: false, spare: 'empty', minimumVersion: '2.5.0' },
    });
  });
});

describe('capabilities', () => {
  it('of a board of version 1 are none: what needs one is refused and never sent', () => {
    const world = met({ capabilities: 'none' });
    expect(world.upNow).toMatchObject({ protocolVersion: 1 });
    expect(world.upNow).not.toHaveProperty('capabilities');
    const before = world.board.snapshot().commandsDone;
    expect(ask(world, { kind: 'findMe', durationMs: 1 })).toMatchObject({
      code: 'EMCU_UNSUPPORTED',
    });
    expect(world.board.snapshot().commandsDone).toBe(before);
    expect(ask(world, { kind: 'ledSet', led: 'CLOUD', mode: 'on' })).toMatchObject({ ok: true });
    expect(reports(world, 'boardStarted')).toEqual([]);
  });

  it('are those both ends have', () => {
    const world = met({ capabilities: ['clock'] });
    expect(world.upNow).toMatchObject({ protocolVersion: 2, capabilities: ['clock'] });
    expect(ask(world, { kind: 'clockGet' })).toMatchObject({ ok: true });
    expect(ask(world, { kind: 'firmwareQuery' })).toMatchObject({ code: 'EMCU_UNSUPPORTED' });
  });
});

describe('the hand on the board', () => {
  it.each([
    [{ do: 'link', port: 5, speedMbps: 100, duplex: 'half' }, 'portCarrier', { speedMbps: 100 }],
    [{ do: 'sim', ready: 0 }, 'lteSignal', { simReady: false, strength: 'Unavailable' }],
    [{ do: 'lteModule', present: 0 }, 'lteSignal', { present: false, registered: false }],
    [{ do: 'lte', dBm: -99 }, 'lteSignal', { dBm: -99, strength: 'Middle' }],
  ] as const)('%j is reported', (action, kind, report) => {
    const world = met();
    world.act({ type: 'actionAsked', action });
    world.pass(500);
    expect(reports(world, kind).at(-1)).toMatchObject(report);
  });

  it('makes a sensor read something else', () => {
    const world = met();
    world.act({
      type: 'actionAsked',
      action: { do: 'sensor', sensor: 'fan', index: 0, value: 0 },
    });
    world.pass(500);
    const readings = expect.arrayContaining([{ sensor: 'fan', index: 0, value: 0 }]);
    expect(reports(world, 'sensors').at(-1)).toMatchObject({ readings });
  });

  it.each([
    { do: 'noise', ppm: 2_000 },
    { do: 'splits', bytes: 2 },
    { do: 'pace', baudRate: 9_600 },
    { do: 'swap', count: 5 },
    { do: 'delay', count: 4, ms: 300 },
  ] as const)('spoils the line with %j and the commands end well all the same', (action) => {
    const world = met();
    world.act({ type: 'actionAsked', action });
    for (let command = 0; command < 5; command += 1) {
      world.host.command({ kind: 'ledSet', led: 'CLOUD', mode: 'on' });
    }
    world.pass(20_000);
    expect(world.board.snapshot().commandsDone).toBe(5);
    const ended = world.events.filter(({ event }) => event.type === 'boardCommandDone' && event.ok);
    expect(ended).toHaveLength(5);
  });

  it('paces the line at the speed of its UART', () => {
    const world = met();
    const frames = 100;
    world.act({ type: 'actionAsked', action: { do: 'pace', baudRate: 9_600 } });
    const fromMs = world.nowMs;
    for (let at = 0; at < frames; at += 1) {
      world.act({
        type: 'actionAsked',
        action: { do: 'link', port: 5, speedMbps: at, duplex: 'full' },
      });
      world.pass(100);
    }
    world.pass(5_000);
    const last = world.events.findLast(
      ({ event }) => event.type === 'boardReported' && event.report.kind === 'portCarrier',
    );
    expect(reports(world, 'portCarrier').length).toBeGreaterThanOrEqual(frames);
    // A report is 30 bytes and its acknowledgement 20: more than 50 ms a pair at 960 bytes a second.
    expect((last?.atMs ?? 0) - fromMs).toBeGreaterThan(frames * 50);
  });
});
