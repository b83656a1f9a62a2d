import { describe, expect, it } from 'vitest';
import { LineBench } from './line-bench.ts';

describe('commands', () => {
  it('are sent, acknowledged, answered, and end once', () => {
    const bench = new LineBench().meet();
    bench.give(7);
    expect(bench.sent('message')).toMatchObject([{ sequence: 1 }]);
    bench.frame({ kind: 'ack', acknowledgement: 1 });
    bench.say({ kind: 'commandAnswer', id: 7, result: 'done' }, 1);
    bench.say({ kind: 'commandAnswer', id: 7, result: 'done' }, 1);
    expect(bench.told().slice(1)).toEqual([{ type: 'boardCommandDone', id: 7, ok: true }]);
    expect(bench.line.snapshot().counters.unexpectedAnswers).toBe(1);
  });

  it('are repeated with growing patience until acknowledged, and never a second time after', () => {
    const bench = new LineBench().meet();
    bench.give(7);
    bench.pass(1_000);
    const repeats = bench.sent('message').length;
    expect(repeats).toBeGreaterThan(2);
    expect(repeats).toBeLessThan(6);
    bench.frame({ kind: 'ack', acknowledgement: 1 });
    bench.pass(1_000);
    expect(bench.sent('message')).toHaveLength(repeats);
  });

  it('wait for one another: one is in flight', () => {
    const bench = new LineBench().meet();
    bench.give(1);
    bench.give(2);
    expect(bench.sent('message')).toHaveLength(1);
    bench.frame({ kind: 'ack', acknowledgement: 1 });
    expect(bench.sent('message').map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('end with the code of the board when it will not', () => {
    const bench = new LineBench().meet();
    bench.give(1);
    bench.say({ kind: 'commandAnswer', id: 1, result: 'unsupported' }, 1);
    const end = { type: 'boardCommandDone', id: 1, ok: false, code: 'EMCU_UNSUPPORTED' };
    expect(bench.told().at(-1)).toEqual(end);
  });

  it('end with EMCU_BUSY beyond sixteen, after the call that gave them', () => {
    const bench = new LineBench().meet();
    for (let id = 1; id <= 16; id += 1) bench.give(id);
    expect(bench.give(17)).toEqual([]);
    expect(bench.pass(0)).toEqual([
      { type: 'tell', event: { type: 'boardCommandDone', id: 17, ok: false, code: 'EMCU_BUSY' } },
    ]);
  });

  it('end with EMCU_LOST while there is no board', () => {
    const bench = new LineBench();
    bench.hear({ type: 'started' });
    bench.give(1);
    bench.pass(0);
    expect(bench.told()).toMatchObject([{ id: 1, code: 'EMCU_LOST' }]);
  });

  it('end with EMCU_TIMEOUT when the board took one and never answers', () => {
    const bench = new LineBench().meet();
    bench.give(1);
    bench.frame({ kind: 'ack', acknowledgement: 1 });
    for (let s = 0; s < 4; s += 1) {
      bench.pass(900);
      bench.frame({ kind: 'heartbeatAnswer', acknowledgement: 1 });
    }
    expect(bench.told().at(-1)).toMatchObject({ id: 1, ok: false, code: 'EMCU_TIMEOUT' });
  });

  it('end with EMCU_LOST when nothing is acknowledged, and the line starts over', () => {
    const bench = new LineBench().meet();
    bench.give(1);
    for (let s = 0; s < 5; s += 1) {
      bench.pass(1_000);
      bench.frame({ kind: 'heartbeatAnswer' });
    }
    expect(bench.told()).toContainEqual({ type: 'boardLost', why: 'unacknowledged' });
    expect(bench.told()).toContainEqual({
      type: 'boardCommandDone',
      id: 1,
      ok: false,
      code: 'EMCU_LOST',
    });
  });
});
