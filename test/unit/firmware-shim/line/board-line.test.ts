import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LINE_MOVES,
  type LineEvent,
  type LineStateName,
} from '../../../../firmware-shim/line/line-state.ts';
import { LineBench } from './line-bench.ts';

const CARRIER_LOST = {
  kind: 'portCarrier',
  port: 5,
  carrier: false,
  speedMbps: 0,
  duplex: 'unknown',
} as const;

function stateOf(bench: LineBench): string {
  return bench.line.snapshot().state;
}

describe('meeting the board', () => {
  it('asks as soon as the port is open, and again until there is an answer', () => {
    const bench = new LineBench();
    expect(bench.hear({ type: 'started' })).toContainEqual({ type: 'openPipe' });
    bench.hear({ type: 'pipeOpened' });
    expect(bench.sent('ask')).toHaveLength(1);
    bench.pass(600);
    expect(bench.sent('ask')).toHaveLength(3);
    expect(new Set(bench.sent('ask').map(({ conversation }) => conversation)).size).toBe(1);
  });

  it('tells that the board is up when it says hello', () => {
    const bench = new LineBench().meet();
    expect(bench.told()).toMatchObject([
      { type: 'boardUp', hello: { serialNumber: 'SAG1000-0001', bootEpoch: 100 } },
    ]);
  });

  it('asks at once when the board has only just started', () => {
    const bench = new LineBench();
    bench.hear({ type: 'started' });
    bench.hear({ type: 'pipeOpened' });
    bench.announce();
    bench.pass(0);
    expect(bench.sent('ask')).toHaveLength(2);
  });

  it('ignores the answer to somebody else', () => {
    const bench = new LineBench();
    bench.hear({ type: 'started' });
    bench.hear({ type: 'pipeOpened' });
    bench.frame({ kind: 'hello', conversation: bench.conversation ^ 1 });
    expect(stateOf(bench)).toBe('greeting');
    expect(bench.line.snapshot().counters.stale).toBe(1);
  });

  it('notes a hello it cannot believe and stays where it is', () => {
    const bench = new LineBench();
    bench.hear({ type: 'started' });
    bench.hear({ type: 'pipeOpened' });
    bench.frame({ kind: 'hello', payload: Uint8Array.of(9, 9, 9) });
    expect(stateOf(bench)).toBe('greeting');
    expect(bench.notes()).toContain('boardMessageRefused');
  });

  it('closes the port after three seconds without an answer and tells once that the board is lost', () => {
    const bench = new LineBench();
    bench.hear({ type: 'started' });
    bench.hear({ type: 'pipeOpened' });
    expect(bench.pass(3_000)).toContainEqual({ type: 'closePipe' });
    expect(bench.told()).toEqual([{ type: 'boardLost', why: 'no-hello' }]);
  });
});

describe('messages of the board', () => {
  it('are acknowledged and told', () => {
    const bench = new LineBench().meet();
    bench.say(CARRIER_LOST);
    expect(bench.sent('ack').at(-1)).toMatchObject({ acknowledgement: 1, bootEpoch: 100 });
    expect(bench.told().at(-1)).toEqual({ type: 'boardReported', report: CARRIER_LOST });
  });

  it('are acknowledged again and not told again when they come twice', () => {
    const bench = new LineBench().meet();
    bench.say(CARRIER_LOST);
    const told = bench.told().length;
    bench.frame({ kind: 'message', sequence: 1 });
    expect(bench.sent('ack')).toHaveLength(2);
    expect(bench.told()).toHaveLength(told);
    expect(bench.line.snapshot().counters.duplicates).toBe(1);
  });

  it('are ignored out of order', () => {
    const bench = new LineBench().meet();
    bench.frame({ kind: 'message', sequence: 3 });
    expect(bench.sent('ack')).toHaveLength(0);
    expect(bench.line.snapshot().counters.outOfOrder).toBe(1);
  });

  it('are ignored from another conversation or another life of the MCU', () => {
    const bench = new LineBench().meet();
    bench.frame({ kind: 'message', sequence: 1, conversation: bench.conversation ^ 1 });
    bench.frame({ kind: 'message', sequence: 1, bootEpoch: 99 });
    expect(bench.line.snapshot().counters.stale).toBe(2);
    expect(bench.told()).toHaveLength(1);
  });

  it('are acknowledged, noted and not told when they cannot be true', () => {
    const bench = new LineBench().meet();
    bench.frame({ kind: 'message', sequence: 1, payload: Uint8Array.of(1, 99, 0) });
    expect(bench.sent('ack')).toHaveLength(1);
    expect(bench.notes()).toContain('boardMessageRefused');
    expect(bench.told()).toHaveLength(1);
  });

  it('that cannot be true are noted ever more rarely', () => {
    const bench = new LineBench().meet();
    for (let sequence = 1; sequence <= 1_000; sequence += 1) {
      bench.frame({ kind: 'message', sequence, payload: Uint8Array.of(77) });
    }
    const notes = bench.notes().filter((code) => code === 'boardMessageRefused');
    expect(notes).toHaveLength(10);
  });
});

describe('the legal moves', () => {
  it('reach every state from idle, and none from stopped', () => {
    const reached = new Set<LineStateName>(['idle']);
    for (const state of reached) for (const next of LINE_MOVES[state]) reached.add(next);
    expect([...reached].sort()).toEqual(Object.keys(LINE_MOVES).sort());
    expect(LINE_MOVES.stopped).toEqual([]);
  });

  it('are kept whatever happens in whatever order', () => {
    const event = fc.constantFrom<LineEvent | 'hello' | 'announce' | 'say' | 'forget' | 'reborn'>(
      { type: 'started' },
      { type: 'pipeOpened' },
      { type: 'pipeClosed', why: 'unplugged' },
      { type: 'wokeLate', lateMs: 50 },
      { type: 'foreignVersionHeard', version: 2 },
      { type: 'commandGiven', id: 1, command: { kind: 'boardReset' } },
      'hello',
      'announce',
      'say',
      'forget',
      'reborn',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(5_000)), { maxLength: 60 }), (events) => {
        const bench = new LineBench();
        for (const [what, forMs] of events) {
          if (what === 'hello') bench.hello();
          else if (what === 'announce') bench.announce();
          else if (what === 'say') bench.say(CARRIER_LOST);
          else if (what === 'forget') bench.frame({ kind: 'unknownConversation' });
          else if (what === 'reborn') {
            bench.bootEpoch += 1;
            bench.announce();
          } else bench.hear(what);
          bench.pass(forMs);
        }
        const lost = bench.told().filter(({ type }) => type === 'boardLost').length;
        const up = bench.told().filter(({ type }) => type === 'boardUp').length;
        expect(lost - up === 0 || lost - up === 1 || lost - up === -1).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
