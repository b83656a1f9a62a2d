import { describe, expect, it } from 'vitest';
import { eventTrail } from '../../../../agent/diag/event-trail.ts';
import { HISTORY_POINTS_MAX, PathHistory } from '../../../../agent/diag/path-history.ts';
import type { AgentSnapshot, TimedNote } from '../../../../agent/model/snapshot.ts';
import { SAMPLE } from './sample-snapshot.ts';

function measured(p50Ms: number | undefined): AgentSnapshot {
  const rtt = p50Ms === undefined ? {} : { rtt: { p50Ms, p95Ms: 0, p99Ms: 0, maxMs: 0 } };
  const tunnels = SAMPLE.fastPath.tunnels.map((tunnel) => ({
    ...tunnel,
    state: 'up' as const,
    quality: { discarded: 0, ...rtt, jitterUpMs: 1.23, lossPercent: 0.5 },
  }));
  return { ...SAMPLE, fastPath: { ...SAMPLE.fastPath, tunnels } };
}

describe('the history of the paths', () => {
  it('keeps an hour of points of each uplink, and a gap where nothing was measured', () => {
    const history = new PathHistory();
    for (let at = 0; at < HISTORY_POINTS_MAX + 5; at += 1) history.add(measured(at));
    history.add(measured(undefined));
    const [first] = history.all;
    expect(first?.points).toHaveLength(HISTORY_POINTS_MAX);
    expect(first?.points.at(-1)).toBeNull();
    expect(first?.points.at(-2)).toEqual({
      rttMs: HISTORY_POINTS_MAX + 4,
      jitterMs: 1.2,
      lossPercent: 0.5,
    });
  });

  it('begins an uplink that comes later with a gap, so that all have one time', () => {
    const history = new PathHistory();
    const [one, ...others] = SAMPLE.fastPath.uplinks;
    expect(others.length).toBeGreaterThan(0);
    const uplinks = one === undefined ? [] : [one];
    history.add({ ...SAMPLE, fastPath: { ...SAMPLE.fastPath, uplinks } });
    history.add(measured(7));
    expect(new Set(history.all.map(({ points }) => points.length))).toEqual(new Set([2]));
  });
});

it('of each event of this run the page knows whether the gateway has it', () => {
  const raised = (id: string): TimedNote['note'] => ({
    code: 'eventRaised',
    level: 'notice',
    event: 'DeviceOnline',
    id,
  });
  const notes = [
    raised('a'),
    raised('b'),
    { code: 'eventStored', level: 'debug', id: 'a' } as const,
    raised('c'),
    { code: 'eventQuarantined', level: 'error', id: 'c', reason: 'EMQTT_0x99' } as const,
  ].map((note, at): TimedNote => ({ atMs: at, wallMs: at, note }));
  expect(eventTrail(notes).map(({ id, state }) => [id, state])).toEqual([
    ['c', 'refused'],
    ['b', 'waiting'],
    ['a', 'delivered'],
  ]);
});
