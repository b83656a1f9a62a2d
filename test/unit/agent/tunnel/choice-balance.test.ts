import { describe, expect, test } from 'vitest';
import { joinMoments, membersOf, sharesKey } from '../../../../agent/tunnel/choice/balance.ts';
import type { TunnelCandidate } from '../../../../agent/tunnel/tunnel-candidate.ts';
import { CHOICE_NOW_MS, candidate, choose, equal, heard } from '../../../kit/choice-scene.ts';
import { branchTunnel } from '../../../kit/fast-path-lab.ts';

const NOW_MS = CHOICE_NOW_MS;
const violated = { verdict: 'violated', why: 'it loses 9 %', scoreMs: 400 } as const;

describe('balance', () => {
  const members = (
    usable: readonly TunnelCandidate[],
    before: readonly string[] = [],
    chosen = usable[0],
  ) => membersOf({ chosen, usable, before, nowMs: NOW_MS });
  const one = equal(1, {}, { weight: 75 });

  test('is by the weights of uplinks of one priority, the chosen one first', () => {
    const shares = members([equal(2, {}, { weight: 25 }), one], [], one);
    expect(shares).toEqual([
      { tunnel: 't1', weight: 75 },
      { tunnel: 't2', weight: 25 },
    ]);
    expect(sharesKey(shares)).toBe('t1x75 t2x25');
    expect(members([equal(1, { uplink: undefined })])).toEqual([{ tunnel: 't1', weight: 1 }]);
    expect(membersOf({ chosen: undefined, usable: [one], before: [], nowMs: 0 })).toEqual([]);
  });

  test.each([
    ['another priority', candidate(2)],
    ['another gateway', equal(2, { plan: { ...branchTunnel(2), gateway: 'other' } })],
    ['the same uplink', equal(2, { plan: { ...branchTunnel(2), uplink: 'wan1' } })],
    ['a class it does not keep', equal(2, { sla: violated })],
    ['doubt', equal(2, { proof: heard(500) })],
    ['a hold it has not served', equal(2, { usableSinceMs: NOW_MS - 4_999 })],
  ])('takes nobody in of %s', (_, other) => {
    expect(members([one, other])).toEqual([{ tunnel: 't1', weight: 75 }]);
  });

  test('takes in who has served his hold, and keeps who is in through doubt and hold', () => {
    const served = equal(2, { usableSinceMs: NOW_MS - 5_000 });
    expect(members([one, served])).toHaveLength(2);
    expect(members([one, equal(2, { proof: heard(500) })], ['t2'])).toHaveLength(2);
    expect(members([one, equal(2, { usableSinceMs: NOW_MS })], ['t2'])).toHaveLength(2);
  });

  test('takes one tunnel of an uplink', () => {
    const twin = equal(3, { plan: { ...branchTunnel(3), uplink: 'wan2' } });
    expect(members([one, equal(2), twin]).map(({ tunnel }) => tunnel)).toEqual(['t1', 't2']);
  });

  test('looks again when a hold is served, or when a packet of a doubtful one is due', () => {
    const input = (other: TunnelCandidate, chosen: TunnelCandidate | undefined = one) => ({
      chosen,
      usable: [one, other],
      before: [],
      nowMs: NOW_MS,
    });
    const moments = (other: TunnelCandidate) =>
      joinMoments(input(other), [{ tunnel: 't1', weight: 1 }]);
    expect(moments(equal(2, { usableSinceMs: NOW_MS - 1_000 }))).toEqual([NOW_MS + 4_000]);
    expect(moments(equal(2, { proof: heard(500) }))).toEqual([NOW_MS + 50]);
    const fresh = equal(2, { proof: heard(500), usableSinceMs: NOW_MS });
    expect(moments(fresh)).toEqual([NOW_MS + 5_000]);
    expect(moments(candidate(2))).toEqual([]);
    const inside = [
      { tunnel: 't1', weight: 1 },
      { tunnel: 't2', weight: 1 },
    ];
    expect(joinMoments(input(equal(2)), inside)).toEqual([]);
    expect(joinMoments({ ...input(equal(2)), chosen: undefined }, [])).toEqual([]);
  });
});

describe('a share that carried traffic before the restart of the agent', () => {
  const active = equal(1, { proof: heard(10) });
  const adopted = (over: Partial<TunnelCandidate> = {}, untilMs = NOW_MS + 9_000) =>
    equal(2, { state: 'establishing', waiting: { for: 'adoption', untilMs }, ...over });
  const after = (other: TunnelCandidate) =>
    choose([active, other], { active: 't1', members: ['t1', 't2'] });
  const tunnels = (other: TunnelCandidate) => after(other).members.map(({ tunnel }) => tunnel);

  test('keeps its share until it is over with waiting', () => {
    expect(tunnels(adopted())).toEqual(['t1', 't2']);
    expect(after(adopted()).reconsiderAtMs).toBe(NOW_MS + 9_000);
    expect(tunnels(adopted({}, NOW_MS))).toEqual(['t1']);
  });

  test('loses it once it has been silent for its detection time', () => {
    expect(tunnels(adopted({ proof: heard(149) }))).toEqual(['t1', 't2']);
    expect(after(adopted({ proof: heard(149) })).reconsiderAtMs).toBe(NOW_MS + 1);
    expect(tunnels(adopted({ proof: heard(150) }))).toEqual(['t1']);
  });

  test('loses it with its uplink', () => {
    const verdict = { state: 'down', sinceMs: 0, reason: 'no-address' } as const;
    expect(tunnels(adopted({ verdict }))).toEqual(['t1']);
  });

  test('is no share of a tunnel that waits for another reason', () => {
    const waiting = { for: 'restart', untilMs: NOW_MS + 9_000 } as const;
    expect(tunnels(adopted({ waiting }))).toEqual(['t1']);
  });

  test('is one share when it is Up again', () => {
    expect(tunnels(adopted({ state: 'up', proof: heard(10) }))).toEqual(['t1', 't2']);
  });
});
