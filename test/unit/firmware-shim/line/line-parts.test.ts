/** The small parts of the board line by themselves, each with values counted by hand. */
import { describe, expect, test } from 'vitest';
import { BoardLives } from '../../../../firmware-shim/line/board-lives.ts';
import { worthTelling, zeroCounters } from '../../../../firmware-shim/line/line-counters.ts';
import { OrderedReceiver } from '../../../../firmware-shim/line/ordered-receiver.ts';
import { portFaultCode } from '../../../../firmware-shim/line/port-fault.ts';
import { foreignVersionNote, refusalNote } from '../../../../firmware-shim/line/rare-notes.ts';
import { RefusedCommands } from '../../../../firmware-shim/line/refused-commands.ts';
import { Reopening } from '../../../../firmware-shim/line/reopening.ts';
import { RoundTrip } from '../../../../firmware-shim/line/round-trip.ts';
import type { Hello } from '../../../../firmware-shim/wire/messages.ts';

/** Chance that always draws the same part of what is possible. */
const drawing = (part: number) => ({ next: () => part, u32: () => Math.floor(part * 2 ** 32) });

describe('the patience for an acknowledgement', () => {
  test('is 200 ms before anything is measured, doubled with each attempt up to 400', () => {
    const trip = new RoundTrip();
    expect(trip.smoothedMs).toBeUndefined();
    expect([1, 2, 3, 9].map((attempt) => trip.timeoutMs(attempt))).toEqual([200, 400, 400, 400]);
  });

  test('follows RFC 6298: an eighth of the difference, a quarter of the spread, four spreads', () => {
    const trip = new RoundTrip();
    trip.measured(40);
    expect([trip.smoothedMs, trip.timeoutMs(1)]).toEqual([40, 40 + 4 * 20]);
    trip.measured(80);
    // The spread is 20 + (|40 - 80| - 20) / 4, the round trip 40 + (80 - 40) / 8.
    expect([trip.smoothedMs, trip.timeoutMs(1)]).toEqual([45, 45 + 4 * 25]);
    trip.measured(21);
    expect([trip.smoothedMs, trip.timeoutMs(1)]).toEqual([42, 42 + 4 * 24.75]);
  });

  test('is 50 ms at least', () => {
    const trip = new RoundTrip();
    trip.measured(2);
    expect([trip.timeoutMs(1), trip.timeoutMs(2)]).toEqual([50, 100]);
  });
});

describe('messages in order', () => {
  test('are taken once: the next is new, the last a duplicate, any other out of order', () => {
    const receiver = new OrderedReceiver();
    expect(receiver.acknowledgement).toBe(0);
    const taken = [0, 2, 1, 1, 3, 2, 1, 2].map((sequence) => receiver.take(sequence));
    expect(taken.join(' ')).toBe(
      'outOfOrder outOfOrder next duplicate outOfOrder next outOfOrder duplicate',
    );
    expect(receiver.acknowledgement).toBe(2);
    receiver.restart();
    expect(receiver.acknowledgement).toBe(0);
    expect(receiver.take(1)).toBe('next');
  });
});

describe('the lives of the MCU', () => {
  const hello = (bootEpoch: number): Hello => ({
    protocolVersion: 2,
    bootEpoch,
    model: 'sag-1000',
    hardwareRevision: 'A3',
    serialNumber: 'SAG1000-0001',
    firmwareVersion: '2.7.1',
    ports: [],
    capabilities: [],
  });

  test('before the present one are remembered, eight of them, each once', () => {
    const lives = new BoardLives();
    expect([lives.epochKnown, lives.hello, lives.formerEpochs]).toEqual([false, undefined, []]);
    for (const epoch of [5, 5, 6, 7]) lives.met(hello(epoch));
    expect(lives.formerEpochs).toEqual([5, 6]);
    expect(lives.epochKnown).toBe(true);
    expect(lives.hello).toEqual(hello(7));
    for (let epoch = 8; epoch < 20; epoch += 1) lives.met(hello(epoch));
    expect(lives.formerEpochs).toEqual([11, 12, 13, 14, 15, 16, 17, 18]);
  });

  test('are ended by a reset that names the present one, also before it has said hello', () => {
    const lives = new BoardLives();
    lives.met(hello(5));
    const reset = { kind: 'reset', sequence: 0, acknowledgement: 0, conversation: 77 };
    expect(lives.resetFrame(77)).toMatchObject({ ...reset, bootEpoch: 5 });
    lives.reborn(6);
    expect(lives.resetFrame(77)).toMatchObject({ ...reset, bootEpoch: 6 });
    expect(lives.hello?.bootEpoch).toBe(5);
  });
});

test('what a board repeats is worth telling at the 1st, 2nd, 4th, 8th time', () => {
  const times = Array.from({ length: 20 }, (_, at) => at + 1);
  expect(times.filter(worthTelling)).toEqual([1, 2, 4, 8, 16]);
});

test('a refused message and a foreign version are counted, and told ever more rarely', () => {
  const counters = zeroCounters();
  const refusal = { code: 'EMSG_LENGTH', field: 'port' } as const;
  const refusals = [1, 2, 3, 4].map(() => refusalNote(counters, refusal));
  const refused = { code: 'boardMessageRefused', level: 'warning', reason: 'EMSG_LENGTH' } as const;
  const noteAt = (times: number) => ({ ...refused, field: 'port', times });
  expect(refusals).toEqual([noteAt(1), noteAt(2), undefined, noteAt(4)]);
  expect(counters).toEqual({ ...zeroCounters(), messagesRefused: 4 });
  const versions = [1, 2, 3].map(() => foreignVersionNote(counters, 9));
  const foreign = { code: 'boardVersionUnknown', level: 'warning', version: 9 } as const;
  expect(versions).toEqual([{ ...foreign, times: 1 }, { ...foreign, times: 2 }, undefined]);
  expect(counters.foreignVersions).toBe(3);
});

test('commands that were refused on the spot are told a moment later, in their order and once', () => {
  const refused = new RefusedCommands();
  expect(refused.deadline()).toBeUndefined();
  refused.add(1, 'EMCU_BUSY', 10);
  refused.add(2, 'EMCU_LOST', 20);
  expect(refused.deadline()).toEqual({ atMs: 20, why: 'refusals' });
  expect(refused.take()).toEqual([
    { type: 'boardCommandDone', id: 1, ok: false, code: 'EMCU_BUSY' },
    { type: 'boardCommandDone', id: 2, ok: false, code: 'EMCU_LOST' },
  ]);
  expect([refused.take(), refused.deadline()]).toEqual([[], undefined]);
});

test('a caller that never stops giving commands is stopped', () => {
  const refused = new RefusedCommands();
  for (let id = 0; id < 10_000; id += 1) refused.add(id, 'EMCU_BUSY', 0);
  expect(() => refused.add(10_000, 'EMCU_BUSY', 0)).toThrow('endless loop');
});

test.each([
  ['missing', 'ESERIAL_MISSING'],
  ['not-a-tty', 'ESERIAL_NOT_A_TTY'],
  ['locked', 'ESERIAL_LOCKED'],
  ['no-permission', 'ESERIAL_PERMISSION'],
  ['baud-rate', 'ESERIAL_BAUD_RATE'],
  ['unplugged', 'ESERIAL_UNPLUGGED'],
  ['silent', 'EMCU_SILENT'],
  ['no-hello', 'EMCU_NO_HELLO'],
  ['unacknowledged', 'EMCU_UNACKNOWLEDGED'],
  ['whatever else', 'ESERIAL_FAILED'],
])('a port that is closed because it is %s has the code %s', (why, code) => {
  expect(portFaultCode(why)).toBe(code);
});

describe('a closed port', () => {
  const waits = (why: string, times: number, part = 0.999) => {
    const port = new Reopening(drawing(part), '/dev/ttyS9');
    return Array.from({ length: times }, () => Math.round(port.closed(why, '', 0).retryInMs / 10));
  };

  test('is tried again after half a second, then ever later: up to one second while it is absent, else five', () => {
    for (const why of ['missing', 'unplugged']) expect(waits(why, 4)).toEqual([50, 100, 100, 100]);
    expect(waits('locked', 6)).toEqual([50, 100, 200, 400, 500, 500]);
    expect(waits('locked', 3, 0)).toEqual([25, 25, 25]);
    expect(waits('missing', 3, 0)).toEqual([25, 25, 25]);
  });

  test('is tried soon again after a conversation of ten seconds, not after a shorter one', () => {
    for (const why of ['missing', 'locked']) {
      const port = new Reopening(drawing(0.999), '/dev/ttyS9');
      port.closed(why, '', 0);
      port.closed(why, '', 0);
      expect(port.closed(why, '', 9_999).retryInMs).toBeGreaterThan(900);
      expect(port.closed(why, '', 10_000).retryInMs).toBeLessThan(500);
    }
  });

  test('is noted once for each reason, and again after the board was met', () => {
    const port = new Reopening(drawing(0), '/dev/ttyS9');
    const note = { code: 'portClosed', level: 'warning', port: '/dev/ttyS9', retryInMs: 250 };
    expect(port.closed('locked', 'somebody has it', 0)).toEqual({
      retryInMs: 250,
      note: { ...note, reason: 'ESERIAL_LOCKED', text: 'somebody has it' },
    });
    expect(port.closed('locked', 'somebody has it', 0)).toEqual({ retryInMs: 250 });
    expect(port.closed('missing', 'x', 0).note).toMatchObject({ reason: 'ESERIAL_MISSING' });
    port.met();
    expect(port.closed('missing', 'x', 0).note).toBeDefined();
  });
});
