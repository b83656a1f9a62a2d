/** Firmware updates over the whole line in virtual time: host core, board line, transport, board with two slots. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import {
  FirmwareUpdate,
  type UpdateEvent,
} from '../../../../firmware-shim/line/firmware-update.ts';
import { UPDATE_MOVES } from '../../../../firmware-shim/line/update-state.ts';
import {
  buildFirmwareImage,
  type FirmwareImage,
} from '../../../../firmware-shim/wire/firmware-image.ts';
import type { BoardModel } from '../../../../firmware-shim/wire/messages.ts';
import { advance } from '../../../kit/advance.ts';
import { LineWorld, lossy, whole } from '../../../kit/line-transport.ts';
import { UpdateScene } from '../../../kit/update-scene.ts';

function program(bytes: number, seed = 7): Uint8Array {
  const random = new SeededRandom(seed);
  return Uint8Array.from({ length: bytes }, () => random.u32() & 0xff);
}

function imageOf(version = '2.8.0', bytes = 12_000, model: BoardModel = 'sag-1000'): FirmwareImage {
  return buildFirmwareImage({ model, version }, program(bytes));
}

const FORMER = '2.7.1';

describe('an update on a good line', () => {
  it('ends with the new image running, confirmed, and the former kept beside it', () => {
    const scene = new UpdateScene(whole).start(imageOf());
    scene.pass(60_000);
    expect(scene.outcome).toEqual({ ok: true, version: '2.8.0' });
    expect(scene.firmware).toMatchObject({ version: '2.8.0', trial: false, spare: 'former' });
    expect(scene.stages).toEqual([
      'looking',
      'beginning',
      'sending',
      'verifying',
      'activating',
      'waiting',
      'looking',
      'watching',
      'confirming',
    ]);
  });

  it('tells its progress about every tenth', () => {
    const scene = new UpdateScene(whole).start(imageOf());
    scene.pass(60_000);
    const sending = scene.notes.filter(
      (note) => note.code === 'firmwareUpdateProgress' && note.stage === 'sending',
    );
    expect(sending.length).toBeGreaterThanOrEqual(10);
    expect(sending.length).toBeLessThanOrEqual(12);
  });

  it('does nothing when the board runs and keeps that very image already', () => {
    const scene = new UpdateScene(whole).start(imageOf());
    scene.pass(60_000);
    const chunks = scene.chunks;
    scene.start(imageOf());
    scene.pass(5_000);
    expect(scene.outcome).toEqual({ ok: true, version: '2.8.0' });
    expect(scene.chunks).toBe(chunks);
  });

  it('waits for a board that is not there yet', () => {
    const scene = new UpdateScene(whole, { unplugged: true }).start(imageOf());
    scene.pass(30_000);
    scene.world.replug();
    scene.pass(60_000);
    expect(scene.outcome).toMatchObject({ ok: true });
  });
});

describe('an update on a bad line', () => {
  it.each([1, 2, 3])('goes through with one write in five lost, seed %i', (seed) => {
    const scene = new UpdateScene(lossy, { seed }).start(imageOf());
    scene.pass(600_000);
    expect(scene.outcome).toEqual({ ok: true, version: '2.8.0' });
    expect(scene.firmware).toMatchObject({ version: '2.8.0', trial: false });
  });

  it.each(['reboot', 'powerCut'] as const)('goes on where it was after a %s of the MCU', (how) => {
    const scene = new UpdateScene(whole).start(imageOf());
    scene.passUntilSent(6_000);
    scene.world.act({ type: 'actionAsked', action: { do: how } });
    scene.pass(60_000);
    expect(scene.outcome).toMatchObject({ ok: true });
    // The whole image is 51 parts; what was written before the loss is not sent again.
    expect(scene.chunks).toBeLessThan(56);
  });

  it('goes on where it was after the adapter was away', () => {
    const scene = new UpdateScene(whole).start(imageOf());
    scene.passUntilSent(6_000);
    scene.world.unplug();
    scene.pass(20_000);
    scene.world.replug();
    scene.pass(60_000);
    expect(scene.outcome).toMatchObject({ ok: true });
    expect(scene.chunks).toBeLessThan(56);
  });

  it.each(['before', 'after'] as const)(
    'survives reboots %s a command, at every command there is',
    (when) => {
      const image = imageOf('2.8.0', 900);
      for (let nth = 1; nth <= 9; nth += 1) {
        const scene = new UpdateScene(whole).start(image);
        scene.passUntilCommands(nth);
        scene.world.act({ type: 'actionAsked', action: { do: 'rebootAtCommand', when } });
        scene.pass(120_000);
        expect(['EFW_FELL_BACK', undefined]).toContain(scene.failure);
        expect(scene.firmware).toMatchObject({ trial: false });
        const runs = scene.failure === undefined ? '2.8.0' : FORMER;
        expect(scene.firmware).toMatchObject({ version: runs });
      }
    },
  );

  it('gives up a board that does not come back', () => {
    const scene = new UpdateScene(whole).start(imageOf());
    scene.passUntilSent(3_000);
    scene.world.unplug();
    scene.pass(100_000);
    expect(scene.failure).toBe('EFW_LOST');
  });
});

describe('a trial', () => {
  it('that loses its power ends with the former image', () => {
    const scene = new UpdateScene(whole).start(imageOf());
    scene.passUntilStage('watching');
    expect(scene.firmware).toMatchObject({ version: '2.8.0', trial: true, spare: 'former' });
    scene.world.act({ type: 'actionAsked', action: { do: 'powerCut' } });
    scene.pass(60_000);
    expect(scene.failure).toBe('EFW_FELL_BACK');
    expect(scene.firmware).toMatchObject({ version: FORMER, trial: false, spare: 'failed' });
  });

  it('of an image that never says a word ends with the former image', () => {
    const scene = new UpdateScene(whole);
    scene.world.act({ type: 'actionAsked', action: { do: 'badImage' } });
    scene.start(imageOf());
    scene.pass(90_000);
    expect(scene.failure).toBe('EFW_FELL_BACK');
    expect(scene.firmware).toMatchObject({ version: FORMER, trial: false });
    expect(scene.world.host.snapshot()).toMatchObject({ state: 'talking' });
  });

  it('that no host confirms is given up by the board itself', () => {
    const scene = new UpdateScene(whole).start(imageOf());
    scene.passUntilStage('watching');
    scene.abort();
    scene.pass(40_000);
    expect(scene.firmware).toMatchObject({ version: FORMER, spare: 'failed' });
  });
});

describe('an image that is refused', () => {
  it('is one of another model, before a byte is sent', () => {
    const scene = new UpdateScene(whole).start(imageOf('2.8.0', 1_000, 'sag-100wm'));
    scene.pass(5_000);
    expect(scene.failure).toBe('EFW_MODEL');
    expect(scene.chunks).toBe(0);
  });

  it('is one of another model under a false name, by the board', () => {
    const other = imageOf('2.8.0', 1_000, 'sag-100wm');
    const scene = new UpdateScene(whole).start({ ...other, model: 'sag-1000' });
    scene.pass(10_000);
    expect(scene.failure).toBe('EFW_MODEL');
    expect(scene.firmware).toMatchObject({ version: FORMER, spare: 'empty' });
  });

  it('is one that was damaged after its checksum was made', () => {
    const image = imageOf();
    const bytes = image.bytes.slice();
    bytes[5_000] = (bytes[5_000] ?? 0) ^ 1;
    const scene = new UpdateScene(whole).start({ ...image, bytes });
    scene.pass(60_000);
    expect(scene.failure).toBe('EFW_CHECKSUM');
    expect(scene.firmware).toMatchObject({ version: FORMER, spare: 'empty' });
  });

  it('is one older than the minimum, or larger than a slot', () => {
    const old = new UpdateScene(whole).start(imageOf('2.4.9', 1_000));
    old.pass(5_000);
    expect(old.failure).toBe('EFW_TOO_OLD');
    const large = new UpdateScene(whole).start(imageOf('2.8.0', 1_048_577));
    large.pass(5_000);
    expect(large.failure).toBe('EFW_TOO_LARGE');
  });

  it('is any, for a board that has no update over its line', () => {
    const scene = new UpdateScene(whole, { capabilities: 'none' }).start(imageOf());
    scene.pass(5_000);
    expect(scene.failure).toBe('EFW_UNSUPPORTED');
  });
});

describe('the legal moves of an update', () => {
  it('reach every state from idle, and none from ended', () => {
    const reached = new Set(['idle' as keyof typeof UPDATE_MOVES]);
    for (const state of reached) for (const next of UPDATE_MOVES[state]) reached.add(next);
    expect([...reached].sort()).toEqual(Object.keys(UPDATE_MOVES).sort());
    expect(UPDATE_MOVES.ended).toEqual([]);
  });

  it('are kept, and the end told at most once, whatever the board says in whatever order', () => {
    const { hello } = new LineWorld(whole).passed(2_000);
    const statuses = ['ready', 'verified', 'activating', 'confirmed', 'incomplete'] as const;
    const reply = fc.oneof(
      fc.record({
        kind: fc.constant('update' as const),
        status: fc.constantFrom(...statuses, 'outOfTurn' as const, 'aborted' as const),
        offset: fc.integer({ min: 0, max: 1_048_576 }),
      }),
      fc.record({
        kind: fc.constant('firmware' as const),
        version: fc.constantFrom('2.8.0', FORMER),
        imageCrc: fc.constantFrom(imageOf().imageCrc, 1),
        trial: fc.boolean(),
        spare: fc.constantFrom('empty', 'receiving', 'verified', 'failed', 'former' as const),
        minimumVersion: fc.constant('2.5.0'),
      }),
    );
    const event = fc.oneof(
      fc.constant<UpdateEvent>({ type: 'boardUp', hello }),
      fc.constant<UpdateEvent>({ type: 'boardLost', why: 'silent' }),
      fc
        .constantFrom('EMCU_TIMEOUT', 'EMCU_BUSY')
        .map((code): UpdateEvent => ({ type: 'boardCommandDone', id: 1, ok: false, code })),
      reply.map(
        (each) =>
          ({ type: 'boardCommandDone', id: 1, ok: true, reply: each }) as unknown as UpdateEvent,
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(4_000)), { maxLength: 60 }), (events) => {
        const core = new FirmwareUpdate(imageOf());
        let nowMs = 0;
        let ends = 0;
        const count = (effects: readonly { readonly type: string }[]): void => {
          ends += effects.filter(({ type }) => type === 'ended').length;
        };
        count(core.handle({ type: 'updateAsked', hello }, 0));
        for (const [each, forMs] of events) {
          count(core.handle({ type: 'commandGiven', id: 1 }, nowMs));
          count(core.handle(each, nowMs));
          count(advance(core, nowMs, nowMs + forMs).map(({ effect }) => effect));
          nowMs += forMs;
        }
        expect(ends).toBeLessThanOrEqual(1);
        expect(core.snapshot().state === 'ended').toBe(ends === 1);
      }),
      { numRuns: 500 },
    );
  });
});
