/** The core of a firmware update alone: a board that is lost meanwhile, and each way it can end. */
import { describe, expect, test } from 'vitest';
import {
  commands,
  HELLO,
  MINUTES_MS,
  outcomes,
  progress,
  UpdateBench,
  updateAt,
} from './update-bench.ts';

describe('a board that is lost', () => {
  test('is waited for, a minute and a half at most', () => {
    const bench = updateAt('beginning');
    expect(bench.lose()).toEqual([progress('waiting', 'the board is lost: silent')]);
    expect(bench.lose()).toEqual([]);
    expect(bench.pass(89_999)).toEqual([]);
    const text = 'the board did not come back';
    expect(outcomes(bench.pass(1))).toEqual([{ ok: false, code: 'EFW_LOST', text }]);
  });

  test('is looked at anew when it is back, and an answer to what was asked before is for nobody', () => {
    const bench = updateAt('beginning');
    bench.core.handle({ type: 'commandGiven', id: 77 }, bench.nowMs);
    bench.lose();
    const late = { type: 'boardCommandDone', id: 77, ok: false, code: 'EMCU_REFUSED' } as const;
    expect(bench.core.handle(late, bench.nowMs)).toEqual([]);
    expect(commands(bench.meet())).toEqual([{ kind: 'firmwareQuery' }]);
    expect(bench.core.deadline()?.atMs).toBe(1_000 + 30 * MINUTES_MS);
    expect(bench.meet()).toEqual([]);
  });

  test('while its new image was watched is not confirmed before it was watched again', () => {
    const bench = updateAt('watching');
    bench.lose();
    expect(bench.pass(3_000)).toEqual([]);
  });

  test('that is not there when the update is asked for is waited for as long', () => {
    const bench = new UpdateBench();
    const asked = bench.core.handle({ type: 'updateAsked' }, bench.nowMs);
    expect(asked).toEqual([progress('waiting', 'there is no board yet')]);
    expect(bench.core.deadline()?.atMs).toBe(91_000);
  });

  test('before an update is asked for is nothing to it', () => {
    const bench = new UpdateBench();
    expect([bench.lose(), bench.meet(), bench.state]).toEqual([[], [], 'idle']);
  });
});

describe('an update ends', () => {
  const ended = (code: string, text: string) => [{ ok: false, code, text }];

  test.each([
    ['wrongModel', 'EFW_MODEL'],
    ['wrongChecksum', 'EFW_CHECKSUM'],
    ['tooLarge', 'EFW_TOO_LARGE'],
    ['tooOld', 'EFW_TOO_OLD'],
  ] as const)('when the board says %s', (status, code) => {
    const effects = updateAt('beginning').status(status);
    expect(outcomes(effects)).toMatchObject([{ ok: false, code }]);
    expect(effects[0]).toMatchObject({
      note: { code: 'firmwareUpdateEnded', level: 'error', failure: code },
    });
  });

  test.each(['EMCU_REFUSED', 'EMCU_UNSUPPORTED'])('when the board declines with %s', (code) => {
    const text = `the board declines: ${code}`;
    expect(outcomes(updateAt('beginning').fail(code))).toEqual(ended('EFW_REFUSED', text));
  });

  test('when the image is for another model, or the board has no update', () => {
    const model = { ...HELLO, model: 'sag-100wm' } as const;
    const text = 'the image is for a sag-1000';
    expect(outcomes(new UpdateBench().ask(model))).toEqual(ended('EFW_MODEL', text));
    for (const capability of ['firmwareQuery', 'firmwareUpdate'] as const) {
      const hello = { ...HELLO, capabilities: [capability] };
      const none = 'the board has no update over its line';
      expect(outcomes(new UpdateBench().ask(hello))).toEqual(ended('EFW_UNSUPPORTED', none));
    }
  });

  test('when the board runs the former image again after the new one was activated, not before', () => {
    const before = new UpdateBench();
    before.ask();
    expect(outcomes(before.runs({ spare: 'failed' }))).toEqual([]);
    const bench = updateAt('watching');
    bench.lose();
    bench.meet();
    const text = 'the board runs 2.7.1 again';
    expect(outcomes(bench.runs({ spare: 'failed' }))).toEqual(ended('EFW_FELL_BACK', text));
    const other = updateAt('watching');
    other.lose();
    other.meet();
    expect(outcomes(other.runs({ spare: 'empty' }))).toEqual([]);
  });

  test('after half an hour, whatever it is doing', () => {
    const bench = updateAt('beginning');
    expect(bench.pass(30 * MINUTES_MS - 1)).toEqual([]);
    const text = 'the update took too long';
    expect(outcomes(bench.pass(1))).toEqual(ended('EFW_LOST', text));
  });

  test('when it is called off, and tells the board so while it is being sent', () => {
    const call = (bench: UpdateBench) => bench.core.handle({ type: 'abortAsked' }, bench.nowMs);
    const text = 'the update was called off';
    const early = call(updateAt('beginning'));
    expect([commands(early), outcomes(early)]).toEqual([[], ended('EFW_REFUSED', text)]);
    const bench = updateAt('beginning');
    bench.status('ready', 0);
    const late = call(bench);
    expect([commands(late), outcomes(late)]).toEqual([
      [{ kind: 'updateAbort' }],
      ended('EFW_REFUSED', text),
    ]);
  });
});
