import { describe, expect, it } from 'vitest';
import { LineBench } from './line-bench.ts';

function stateOf(bench: LineBench): string {
  return bench.line.snapshot().state;
}

describe('an MCU that starts again', () => {
  it('ends pending commands with EMCU_REBOOT and is met anew', () => {
    const bench = new LineBench().meet();
    bench.give(1);
    const former = bench.conversation;
    bench.bootEpoch = 101;
    bench.announce();
    expect(bench.told().slice(1)).toEqual([
      { type: 'boardCommandDone', id: 1, ok: false, code: 'EMCU_REBOOT' },
      { type: 'boardLost', why: 'mcu-reboot' },
    ]);
    expect(bench.conversation).not.toBe(former);
    const sent = bench.sent('message').length;
    bench.hello();
    bench.pass(500);
    expect(bench.told().at(-1)).toMatchObject({ type: 'boardUp', hello: { bootEpoch: 101 } });
    expect(bench.sent('message')).toHaveLength(sent);
  });

  it('is noticed by the answer to a heartbeat when its announcement was lost', () => {
    const bench = new LineBench().meet();
    bench.frame({ kind: 'unknownConversation', bootEpoch: 101 });
    expect(bench.told().at(-1)).toEqual({ type: 'boardLost', why: 'mcu-reboot' });
  });

  it('has carried out the reset it was commanded', () => {
    const bench = new LineBench().meet();
    bench.hear({ type: 'commandGiven', id: 1, command: { kind: 'boardReset' } });
    bench.frame({ kind: 'ack', acknowledgement: 1 });
    bench.bootEpoch = 101;
    bench.announce();
    expect(bench.told()).toContainEqual({ type: 'boardCommandDone', id: 1, ok: true });
  });

  it('is not believed twice: a late announcement of a former life changes nothing', () => {
    const bench = new LineBench().meet();
    bench.bootEpoch = 101;
    bench.announce();
    bench.hello();
    bench.bootEpoch = 100;
    bench.announce();
    bench.bootEpoch = 101;
    bench.announce();
    expect(stateOf(bench)).toBe('talking');
    expect(bench.line.snapshot().counters).toMatchObject({ reboots: 1, stale: 2 });
  });

  it('that only forgot the conversation is asked again', () => {
    const bench = new LineBench().meet();
    bench.give(1);
    bench.frame({ kind: 'unknownConversation' });
    expect(bench.told().slice(1)).toEqual([
      { type: 'boardCommandDone', id: 1, ok: false, code: 'EMCU_LOST' },
      { type: 'boardLost', why: 'conversation-lost' },
    ]);
    expect(stateOf(bench)).toBe('greeting');
  });
});

describe('silence', () => {
  it('of three heartbeats loses the board within 3.2 s, and not before 3 s', () => {
    const bench = new LineBench().meet();
    bench.pass(3_000);
    expect(stateOf(bench)).toBe('talking');
    bench.pass(200);
    expect(bench.told().at(-1)).toEqual({ type: 'boardLost', why: 'silent' });
  });

  it('never comes while heartbeats are answered: one a second, no more', () => {
    const bench = new LineBench().meet();
    for (let s = 0; s < 60; s += 1) {
      bench.pass(1_000);
      bench.frame({ kind: 'heartbeatAnswer' });
    }
    expect(stateOf(bench)).toBe('talking');
    expect(bench.sent('heartbeat')).toHaveLength(60);
  });

  it('is not held against the board while we were asleep ourselves', () => {
    const bench = new LineBench().meet();
    bench.nowMs += 10_000;
    bench.hear({ type: 'wokeLate', lateMs: 9_000 });
    bench.pass(0);
    expect(stateOf(bench)).toBe('talking');
    bench.pass(4_000);
    expect(bench.told().at(-1)).toEqual({ type: 'boardLost', why: 'silent' });
  });
});

describe('the port', () => {
  it('is opened again with growing pauses from 0.25 s to 5 s, noted once for each reason', () => {
    const bench = new LineBench();
    bench.hear({ type: 'started' });
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 40; attempt += 1) {
      bench.hear({ type: 'pipeClosed', why: 'locked', text: '/dev/ttyS9 is in use' });
      const fromMs = bench.nowMs;
      const due = bench.line.deadline()?.atMs ?? 0;
      bench.pass(due - fromMs);
      pauses.push(due - fromMs);
    }
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(250);
    expect(Math.max(...pauses)).toBeGreaterThan(3_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(5_000);
    expect(bench.notes().filter((code) => code === 'portClosed')).toHaveLength(1);
    expect(bench.told()).toEqual([{ type: 'boardLost', why: 'locked' }]);
  });

  it('that is missing is looked for at least once a second', () => {
    const bench = new LineBench();
    bench.hear({ type: 'started' });
    for (let attempt = 0; attempt < 40; attempt += 1) {
      bench.hear({ type: 'pipeClosed', why: 'missing' });
      const due = bench.line.deadline()?.atMs ?? 0;
      expect(due - bench.nowMs).toBeLessThanOrEqual(1_000);
      bench.pass(due - bench.nowMs);
    }
  });

  it('that goes away while talking loses the board at once', () => {
    const bench = new LineBench().meet();
    bench.hear({ type: 'pipeClosed', why: 'unplugged' });
    expect(bench.told().at(-1)).toEqual({ type: 'boardLost', why: 'unplugged' });
  });

  it('stays closed once closing was asked', () => {
    const bench = new LineBench().meet();
    expect(bench.hear({ type: 'closeAsked' })).toContainEqual({ type: 'closePipe' });
    bench.hear({ type: 'pipeClosed', why: 'closed' });
    expect(bench.pass(60_000)).toEqual([]);
    expect(stateOf(bench)).toBe('stopped');
  });
});
