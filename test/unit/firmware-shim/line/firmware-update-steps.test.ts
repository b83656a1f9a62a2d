/** The core of a firmware update alone: each step by what the board answered. */
import { describe, expect, test } from 'vitest';
import {
  commands,
  type Firmware,
  IMAGE,
  MINUTES_MS,
  outcomes,
  progress,
  SIZE,
  UpdateBench,
  updateAt,
} from './update-bench.ts';

describe('an update goes on', () => {
  test('by asking what the board runs, then beginning with what the image is', () => {
    const bench = new UpdateBench();
    expect(bench.ask()).toEqual([
      progress('looking', 'the board is up'),
      { type: 'giveCommand', command: { kind: 'firmwareQuery' } },
    ]);
    const { model, version, imageCrc } = IMAGE;
    expect(bench.runs()).toEqual([
      progress('beginning', 'the board runs 2.7.1'),
      {
        type: 'giveCommand',
        command: { kind: 'updateBegin', model, version, sizeBytes: SIZE, imageCrc },
      },
    ]);
  });

  test('by sending each part from where the board says it is, and telling each tenth', () => {
    const bench = updateAt('beginning');
    expect(bench.status('ready', 0)).toEqual([
      progress('sending', 'from byte 0'),
      {
        type: 'giveCommand',
        command: { kind: 'updateChunk', offset: 0, bytes: IMAGE.bytes.slice(0, 240) },
      },
    ]);
    expect(bench.status('ready', 240)).toEqual([
      progress('sending', 'another part is written', 240),
      {
        type: 'giveCommand',
        command: { kind: 'updateChunk', offset: 240, bytes: IMAGE.bytes.slice(240, 480) },
      },
    ]);
    expect(bench.status('ready', 241)).toHaveLength(1);
    expect(bench.status('ready', 0)).toHaveLength(1);
    expect(bench.core.snapshot()).toEqual({
      state: 'sending',
      version: '2.8.0',
      sentBytes: 0,
      sizeBytes: SIZE,
    });
    expect(commands(bench.status('ready', SIZE - 1))).toMatchObject([
      { kind: 'updateChunk', offset: SIZE - 1, bytes: IMAGE.bytes.slice(SIZE - 1) },
    ]);
    const last = bench.status('ready', SIZE);
    expect(last).toContainEqual(progress('verifying', 'the board has the whole image', SIZE));
    expect(commands(last)).toEqual([{ kind: 'updateVerify' }]);
  });

  test('by activating what is verified, watching it three seconds, and confirming it', () => {
    expect(commands(updateAt('verifying').status('verified', SIZE))).toEqual([
      { kind: 'updateActivate' },
    ]);
    const bench = updateAt('watching');
    expect(bench.state).toBe('watching');
    expect(bench.pass(2_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([
      progress('confirming', 'the new image goes on answering', SIZE),
      { type: 'giveCommand', command: { kind: 'updateConfirm' } },
    ]);
    const text = 'the board runs 2.8.0 and keeps it';
    expect(bench.status('confirmed', SIZE)).toEqual([
      {
        type: 'note',
        note: {
          code: 'firmwareUpdateEnded',
          level: 'notice',
          version: '2.8.0',
          tookMs: 3_000,
          text,
        },
      },
      { type: 'ended', outcome: { ok: true, version: '2.8.0' } },
    ]);
    expect(bench.core.deadline()).toBeUndefined();
    expect([bench.lose(), bench.pass(MINUTES_MS)]).toEqual([[], []]);
  });

  test('at once to its end where the board runs and keeps that very image', () => {
    const { imageCrc } = IMAGE;
    const first = (over: Partial<Firmware>) => {
      const bench = new UpdateBench();
      bench.ask();
      return outcomes(bench.runs(over));
    };
    expect(first({ version: '2.8.0', imageCrc })).toEqual([{ ok: true, version: '2.8.0' }]);
    expect(first({ version: '2.8.0', imageCrc: 1 })).toEqual([]);
    expect(first({ version: '2.7.1', imageCrc })).toEqual([]);
  });
});

describe('an update looks again', () => {
  test('half a second after a command that was not carried out', () => {
    const bench = updateAt('beginning');
    expect(bench.fail('EMCU_TIMEOUT')).toEqual([]);
    expect(bench.pass(499)).toEqual([]);
    expect(bench.pass(1)).toEqual([
      progress('looking', 'trying again'),
      { type: 'giveCommand', command: { kind: 'firmwareQuery' } },
    ]);
  });

  test.each([
    ['ready', 'verifying'],
    ['verified', 'beginning'],
    ['activating', 'beginning'],
    ['confirmed', 'activating'],
    ['activating', 'confirming'],
  ] as const)('half a second after "%s" while it is %s', (status, state) => {
    const bench = updateAt(state);
    expect(bench.status(status, 0)).toEqual([]);
    expect(bench.core.deadline()?.atMs).toBe(bench.nowMs + 500);
  });

  test('when an activated board has not gone after a minute and a half', () => {
    const bench = updateAt('activating');
    bench.status('activating', SIZE);
    expect(bench.pass(89_999)).toEqual([]);
    expect(commands(bench.pass(1))).toEqual([{ kind: 'firmwareQuery' }]);
  });

  test('twenty times at most without one more byte', () => {
    const bench = new UpdateBench();
    bench.ask();
    for (let look = 2; look <= 20; look += 1) {
      bench.fail('EMCU_BUSY');
      expect(commands(bench.pass(500))).toHaveLength(1);
    }
    bench.fail('EMCU_BUSY');
    const text = 'the board does not get any further';
    expect(outcomes(bench.pass(500))).toEqual([{ ok: false, code: 'EFW_REFUSED', text }]);
  });

  test('and counts anew with each byte', () => {
    const bench = updateAt('beginning');
    for (let look = 1; look <= 40; look += 1) {
      bench.status('ready', look);
      bench.fail('EMCU_BUSY');
      expect(commands(bench.pass(500))).toHaveLength(1);
      bench.runs();
    }
  });
});

test('reports of the board, and answers to commands of others, change nothing', () => {
  const bench = updateAt('beginning');
  const cable = { port: 5, carrier: false, speedMbps: 0, duplex: 'unknown' } as const;
  const reported = { type: 'boardReported', report: { kind: 'portCarrier', ...cable } } as const;
  expect(bench.core.handle(reported, bench.nowMs)).toEqual([]);
  const answer = { type: 'boardCommandDone', id: 999, ok: false, code: 'EMCU_REFUSED' } as const;
  expect(bench.core.handle(answer, bench.nowMs)).toEqual([]);
  expect(bench.state).toBe('beginning');
});
