/** What the board line tells of itself: its snapshot, its counters, and a note for each thing that happens to it. */
import { describe, expect, test } from 'vitest';
import { zeroCounters } from '../../../../firmware-shim/line/line-counters.ts';
import type { LineNote } from '../../../../firmware-shim/line/line-note.ts';
import { LineBench } from './line-bench.ts';

function notes<Code extends LineNote['code']>(bench: LineBench, code: Code) {
  return bench.effects.flatMap((effect) =>
    effect.type === 'note' && effect.note.code === code ? [effect.note] : [],
  );
}

const moves = (bench: LineBench) =>
  notes(bench, 'lineStateChanged').map((note) =>
    note.code === 'lineStateChanged' ? `${note.from} ${note.to}: ${note.because}` : '',
  );
const asks = (bench: LineBench) => bench.sent('ask').length;

function open(): LineBench {
  const bench = new LineBench();
  bench.hear({ type: 'started' });
  bench.hear({ type: 'pipeOpened' });
  return bench;
}

describe('the snapshot', () => {
  test('before anything says that nothing was asked for', () => {
    expect(new LineBench().line.snapshot()).toStrictEqual({
      state: 'idle',
      sinceMs: 0,
      port: '/dev/ttyS9',
      recovery: 'well',
      counters: zeroCounters(),
    });
  });

  test('while talking has the board, the commands under way and what was counted', () => {
    const bench = new LineBench();
    bench.nowMs = 50;
    bench.meet();
    bench.give(1);
    const { hello, ...rest } = bench.line.snapshot();
    expect(hello?.serialNumber).toBe('SAG1000-0001');
    expect(rest).toStrictEqual({
      state: 'talking',
      sinceMs: 50,
      port: '/dev/ttyS9',
      recovery: 'well',
      pendingCommands: 1,
      roundTripMs: null,
      repeats: 0,
      counters: {
        ...zeroCounters(),
        opens: 1,
        conversations: 1,
        framesSent: 2,
        framesReceived: 1,
      },
    });
    bench.pass(200);
    expect(bench.line.snapshot()).toMatchObject({ repeats: 1 });
    bench.frame({ kind: 'ack', acknowledgement: 1 });
    bench.give(2);
    bench.nowMs += 30;
    bench.frame({ kind: 'ack', acknowledgement: 2 });
    expect(bench.line.snapshot()).toMatchObject({ roundTripMs: 30 });
  });

  test('while the port is closed says why, and keeps the last hello', () => {
    const bench = new LineBench().meet();
    bench.hear({ type: 'pipeClosed', why: 'unplugged' });
    const snapshot = bench.line.snapshot();
    expect(snapshot).toMatchObject({ state: 'waiting', why: 'unplugged', recovery: 'reopen' });
    expect(snapshot.hello?.bootEpoch).toBe(100);
    expect(snapshot).not.toHaveProperty('pendingCommands');
    expect(new LineBench().meet().line.snapshot()).not.toHaveProperty('why');
  });
});

describe('notes', () => {
  test('tell each move from start to stop with its reason', () => {
    const bench = new LineBench().meet();
    bench.hear({ type: 'pipeClosed', why: 'unplugged' });
    bench.pass(1_000);
    bench.hear({ type: 'closeAsked' });
    expect(moves(bench)).toEqual([
      'idle opening: started',
      'opening greeting: the port is open',
      'greeting talking: the board said hello',
      'talking waiting: the port is closed: unplugged',
      'waiting opening: trying again',
      'opening stopped: closed',
    ]);
    expect(notes(bench, 'lineStateChanged')[0]).toMatchObject({ level: 'debug' });
    expect(notes(bench, 'portClosed')).toMatchObject([{ text: 'the port is closed: unplugged' }]);
  });

  test('have the words of the pipe where it has some', () => {
    const bench = open();
    bench.hear({ type: 'pipeClosed', why: 'locked', text: 'somebody has it' });
    expect(notes(bench, 'portClosed')).toMatchObject([
      { reason: 'ESERIAL_LOCKED', text: 'somebody has it' },
    ]);
  });

  test('tell a reboot with the commands that ended by it', () => {
    const bench = new LineBench().meet();
    bench.give(1);
    bench.give(2);
    bench.bootEpoch = 101;
    bench.announce();
    expect(notes(bench, 'boardRebooted')).toEqual([
      { code: 'boardRebooted', level: 'warning', bootEpoch: 101, pendingCommands: 2 },
    ]);
    expect(moves(bench).at(-1)).toBe('talking greeting: the MCU started again');
  });

  test.each([
    ['silent', 'the board has not answered three heartbeats', 3_200, 0],
    ['unacknowledged', 'the board does not acknowledge what it is sent', 5_000, 1],
  ])('tell why a board is lost that is %s', (_, because, forMs, commands) => {
    const bench = new LineBench().meet();
    if (commands > 0) bench.give(1);
    for (let ms = 0; ms < forMs; ms += 100) {
      bench.pass(100);
      if (commands > 0 && ms % 1_000 === 0) bench.frame({ kind: 'heartbeatAnswer' });
    }
    expect(moves(bench)).toContain(`talking greeting: ${because}`);
    const [note] = notes(bench, 'lineRecovery');
    expect(note).toMatchObject({ stage: 'resync', because });
  });

  test('tell that a conversation was forgotten, and that no board says hello', () => {
    const bench = new LineBench().meet();
    bench.frame({ kind: 'unknownConversation' });
    expect(moves(bench).at(-1)).toBe('talking greeting: the board forgot the conversation');
    const other = open();
    other.pass(3_000);
    expect(moves(other).at(-1)).toBe('greeting waiting: the port is open but no board says hello');
  });
});

describe('patience', () => {
  test('is three seconds with a board that was heard just now, one with a board that fell silent', () => {
    const reborn = new LineBench().meet();
    reborn.bootEpoch = 101;
    reborn.announce();
    const forgotten = new LineBench().meet();
    forgotten.frame({ kind: 'unknownConversation' });
    for (const bench of [reborn, forgotten]) {
      const before = asks(bench);
      bench.pass(2_900);
      expect(asks(bench) - before).toBe(11);
      expect(bench.line.snapshot().recovery).toBe('resync');
    }
    const silent = new LineBench().meet();
    silent.pass(3_200);
    expect(silent.line.snapshot().recovery).toBe('resync');
    silent.pass(1_000);
    expect(silent.line.snapshot().recovery).toBe('softReset');
  });
});

describe('what comes twice or too late', () => {
  test('changes nothing: a second start, a pipe that is opened again, a second stop', () => {
    const bench = new LineBench().meet();
    expect(bench.hear({ type: 'started' })).toEqual([]);
    expect(bench.hear({ type: 'pipeOpened' })).toEqual([]);
    bench.hear({ type: 'closeAsked' });
    expect(bench.hear({ type: 'closeAsked' })).toEqual([]);
    expect(bench.hear({ type: 'pipeOpened' })).toEqual([]);
    expect(bench.line.deadline()).toBeUndefined();
  });
});

test('a command that the board did not agree to understand is refused at once, and not sent', () => {
  const bench = new LineBench().meet();
  bench.hear({ type: 'commandGiven', id: 3, command: { kind: 'firmwareQuery' } });
  bench.pass(0);
  expect(bench.sent('message')).toEqual([]);
  const end = { type: 'boardCommandDone', id: 3, ok: false, code: 'EMCU_UNSUPPORTED' };
  expect(bench.told().at(-1)).toEqual(end);
});

test('a frame that comes while nobody listens is stale', () => {
  const bench = new LineBench();
  bench.frame({ kind: 'ack' });
  bench.hear({ type: 'started' });
  bench.frame({ kind: 'ack' });
  const { counters } = bench.line.snapshot();
  expect(counters).toMatchObject({ stale: 2, framesReceived: 2 });
});

test('a loop that woke late is counted, and means nothing without a board', () => {
  const bench = open();
  expect(bench.hear({ type: 'wokeLate', lateMs: 9_000 })).toEqual([]);
  expect(bench.line.snapshot().counters.wokeLate).toBe(1);
  expect(bench.line.snapshot().state).toBe('greeting');
});

test('a stop ends the commands that were given while the port was closed', () => {
  const bench = open();
  bench.hear({ type: 'pipeClosed', why: 'missing' });
  bench.give(7);
  bench.hear({ type: 'closeAsked' });
  expect(bench.told().at(-1)).toEqual({
    type: 'boardCommandDone',
    id: 7,
    ok: false,
    code: 'EMCU_LOST',
  });
  expect(bench.pass(60_000)).toEqual([]);
});
