import { describe, expect, test } from 'vitest';
import type { Uplink } from '../../../../agent/model/uplink.ts';
import { joinMoments, membersOf, sharesKey } from '../../../../agent/tunnel/choice/balance.ts';
import { byProof, byRank, rankReason } from '../../../../agent/tunnel/choice/candidate-rank.ts';
import { candidateRecords } from '../../../../agent/tunnel/choice/candidate-record.ts';
import type { TunnelCandidate } from '../../../../agent/tunnel/tunnel-candidate.ts';
import { CHOICE_NOW_MS, candidate, choose, heard } from '../../../kit/choice-scene.ts';
import { branchTunnel, uplink } from '../../../kit/fast-path-lab.ts';

const NOW_MS = CHOICE_NOW_MS;
const violated = { verdict: 'violated', why: 'it loses 9 %', scoreMs: 400 } as const;
const met = { verdict: 'met', why: 'it keeps to its class', good: true, scoreMs: 30 } as const;

/** All equal but for what is said: uplinks of one priority. */
function equal(index: number, over: Partial<TunnelCandidate> = {}, of: Partial<Uplink> = {}) {
  return candidate(index, { uplink: uplink(index, { priority: 1, ...of }), ...over });
}
const near = (index: number, gatewayOrder: number) => ({ ...branchTunnel(index), gatewayOrder });

describe('the order of tunnels', () => {
  test.each([
    ['priority', candidate(1), candidate(2)],
    [
      'ISP',
      equal(2, { gatewayIsp: 'a' }, { isp: 'a' }),
      equal(1, { gatewayIsp: 'a' }, { isp: 'b' }),
    ],
    ['gateway', equal(2, { plan: near(2, 1) }), equal(1, { plan: near(1, 2) })],
    ['weight', equal(2, {}, { weight: 9 }), equal(1)],
    ['name', equal(1), equal(2)],
  ] as const)('goes by %s', (_, better, worse) => {
    expect(byRank(better, worse)).toBeLessThan(0);
    expect(byRank(worse, better)).toBeGreaterThan(0);
  });

  test('goes by priority before ISP, gateway and weight', () => {
    const best = equal(1, { plan: near(1, 9), gatewayIsp: 'a' }, { isp: 'b', priority: 1 });
    const other = equal(2, { gatewayIsp: 'a' }, { isp: 'a', priority: 2, weight: 99 });
    expect(byRank(best, other)).toBeLessThan(0);
  });

  test('by proof goes by doubt, then by class, then by rank', () => {
    const silent = equal(1, { proof: heard(500) });
    const bad = equal(2, { proof: heard(10), sla: violated });
    const good = equal(3, { proof: heard(10), sla: met });
    expect([silent, bad, good].toSorted(byProof)).toEqual([good, bad, silent]);
    expect(byProof(equal(1), equal(2))).toBeLessThan(0);
  });
});

describe('the reason of a rank', () => {
  test.each([
    ['only', equal(1), [], 'it is the only usable tunnel'],
    ['priority', candidate(1), [candidate(2)], 'uplink wan1 has the best priority (1)'],
    [
      'isp',
      equal(2, { gatewayIsp: 'a' }, { isp: 'a' }),
      [equal(1, { gatewayIsp: 'a' }, { isp: 'b' })],
      'uplink wan2 is of the same ISP as gateway hub',
    ],
    ['gateway', equal(2), [equal(1, { plan: near(1, 2) })], 'gateway hub is nearest'],
    ['weight', equal(2, {}, { weight: 9 }), [equal(1)], 'uplink wan2 has the greater weight (9)'],
    ['id', equal(1), [equal(2)], 'it comes first among equals'],
    ['hold', equal(2), [equal(1)], 'the better ones must prove themselves first'],
    [
      'doubt',
      candidate(3, { proof: heard(10) }),
      [candidate(1, { proof: heard(400) }), candidate(2, { proof: heard(300) })],
      'it is proven alive, while t1 last heard something 400 ms ago, more than its interval of 50 ms',
    ],
    [
      'sla',
      candidate(3, { sla: met }),
      [candidate(2, { sla: { ...violated, why: 'x' } }), candidate(1, { sla: violated })],
      'it keeps to its class, while of t1 it loses 9 %',
    ],
  ] as const)('is %s', (rule, chosen, others, words) => {
    expect(rankReason(chosen, [...others, chosen])).toEqual({ rule, words });
  });

  test('speaks of the best of those that are worse', () => {
    const others = [
      candidate(4),
      equal(3, {}, { priority: 2, weight: 3 }),
      equal(5, {}, { priority: 9 }),
    ];
    const chosen = equal(2, {}, { priority: 2, weight: 9 });
    expect(rankReason(chosen, others).rule).toBe('weight');
  });

  test('does not blame doubt or class where the chosen one shares them', () => {
    const chosen = candidate(2, { proof: heard(500), sla: violated });
    const better = candidate(1, { proof: heard(500), sla: violated });
    expect(rankReason(chosen, [better]).rule).toBe('hold');
  });
});

describe('what is written down of a candidate', () => {
  const records = (chosen: TunnelCandidate | undefined, ...others: readonly TunnelCandidate[]) =>
    candidateRecords(
      chosen === undefined ? others : [chosen, ...others],
      chosen,
      { rule: 'priority', because: 'it is best' },
      NOW_MS,
    );

  test('is all that was known of it', () => {
    const known = candidate(1, {
      usableSinceMs: NOW_MS - 2_000,
      proof: heard(20, { farEndUp: true }),
      uplink: uplink(1, { isp: 'a' }),
      gatewayIsp: 'b',
      sla: met,
      siblingLost: 'silent',
    });
    expect(records(known)).toEqual([
      {
        tunnel: 't1',
        eligible: true,
        why: 'it is best',
        rule: 'priority',
        suspect: false,
        holdLeftMs: 3_000,
        inputs: {
          uplink: 'wan1',
          gateway: 'hub',
          gatewayOrder: 1,
          priority: 1,
          weight: 1,
          uplinkState: 'up',
          tunnelState: 'up',
          usableForMs: 2_000,
          holdMs: 5_000,
          heardAgoMs: 20,
          intervalMs: 50,
          farEndUp: true,
          isp: 'a',
          gatewayIsp: 'b',
          sla: 'met',
          slaWhy: 'it keeps to its class',
          scoreMs: 30,
          siblingLost: 'silent',
        },
      },
    ]);
  });

  test('is no more than was known of it', () => {
    const unknown = candidate(1, {
      uplink: undefined,
      usableSinceMs: undefined,
      state: 'down',
      verdict: { state: 'down', sinceMs: 0, reason: 'no-address' },
      proof: heard(undefined),
    });
    expect(records(undefined, unknown)).toEqual([
      {
        tunnel: 't1',
        eligible: false,
        why: 'its uplink wan1 is not configured',
        rule: 'uplink-unknown',
        suspect: true,
        inputs: {
          uplink: 'wan1',
          gateway: 'hub',
          gatewayOrder: 1,
          uplinkState: 'no-address',
          tunnelState: 'down',
          holdMs: 5_000,
          intervalMs: 50,
        },
      },
    ]);
  });

  test.each([
    ['suspect', { proof: heard(500) }, /^better, but it last heard something 500 ms ago/],
    [
      'sibling-lost',
      { proof: heard(10), siblingLost: 'unheard' },
      /^better, but it shares uplink wan1/,
    ],
    [
      'far-end',
      { proof: heard(10, { farEndUp: false }) },
      /^better, but it has a far end that is not Up yet$/,
    ],
    ['sla', { sla: violated }, /^it loses 9 %$/],
    [
      'hold',
      { usableSinceMs: NOW_MS - 3_700 },
      /^better, but must stay usable for another 1\.3 s$/,
    ],
    ['gather', {}, /^better, and a still better one is ready in a moment$/],
  ] as const)('that is better and was rejected is %s', (rule, over, why) => {
    const [, record] = records(candidate(2), candidate(1, over));
    expect(record?.rule).toBe(rule);
    expect(record?.why).toMatch(why);
  });

  test('that is worse is standby, of whom there is or of another tunnel', () => {
    expect(records(candidate(1), candidate(2))[1]).toMatchObject({
      rule: 'rank',
      why: 'standby: t1 comes first',
    });
    expect(records(undefined, candidate(2))[0]).toMatchObject({
      rule: 'rank',
      why: 'standby: another tunnel comes first',
    });
    const doubtful = candidate(2, { proof: heard(500), usableSinceMs: NOW_MS });
    expect(records(candidate(1), doubtful)[1]?.rule).toBe('rank');
  });

  test('has no time left to hold when it has served it, or can serve none', () => {
    const served = records(candidate(1), candidate(2, { usableSinceMs: undefined }));
    expect(served.map((record) => 'holdLeftMs' in record)).toEqual([false, false]);
  });
});

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

describe('the moment to choose again', () => {
  test('is none while nothing is better and nobody waits', () => {
    expect(choose([candidate(1), candidate(2)], { active: 't1' })).not.toHaveProperty(
      'reconsiderAtMs',
    );
    expect(choose([])).toMatchObject({ tunnel: undefined, rule: 'none', members: [] });
  });

  test('is when a packet of a better one that is in doubt is due', () => {
    const better = candidate(1, { proof: heard(500) });
    const choice = choose([better, candidate(2)], { active: 't2' });
    expect(choice).toMatchObject({
      tunnel: 't2',
      rule: 'stays',
      because: 't1 is better, but must prove itself first',
      reconsiderAtMs: NOW_MS + 50,
    });
  });

  test('is when a still better one is ready, if that is in a moment', () => {
    const best = candidate(1, { usableSinceMs: NOW_MS - 4_000 });
    const waits = choose([best, candidate(2), candidate(3)], { active: 't3' });
    expect(waits).toMatchObject({
      tunnel: 't3',
      because: 't2 is better, but t1 is better still and ready in a moment',
      reconsiderAtMs: NOW_MS + 1_000,
    });
    const later = candidate(1, { usableSinceMs: NOW_MS - 3_499 });
    expect(choose([later, candidate(2), candidate(3)], { active: 't3' }).tunnel).toBe('t2');
  });
});

describe('leaving a path that does not keep to its class', () => {
  const bad = candidate(1, { sla: violated, proof: heard(10) });
  const leave = (other: Partial<TunnelCandidate>) =>
    choose([bad, candidate(2, { proof: heard(10), ...other })], { active: 't1' });

  test('goes to one that keeps to it, once that has served its hold', () => {
    expect(leave({ sla: met })).toMatchObject({
      tunnel: 't2',
      rule: 'sla',
      because: 'it keeps to its class, while of t1 it loses 9 %',
    });
    expect(leave({ sla: met, usableSinceMs: NOW_MS - 4_999 }).rule).toBe('sla-gain');
    expect(leave({ sla: { ...met, good: false, scoreMs: 390 } }).tunnel).toBe('t1');
    expect(leave({ sla: met, proof: heard(500) }).tunnel).toBe('t1');
  });

  test('goes to one that is clearly less bad, and stays where none is', () => {
    expect(leave({ sla: { ...violated, scoreMs: 100 } })).toMatchObject({
      tunnel: 't2',
      rule: 'sla-gain',
      because: 'it is clearly less bad, while of t1 it loses 9 %',
    });
    expect(leave({ sla: { ...violated, scoreMs: 300 } })).toMatchObject({
      tunnel: 't1',
      because: 'no other tunnel is clearly better, though it loses 9 %',
    });
    expect(leave({}).tunnel).toBe('t1');
  });
});

describe('waiting for an active tunnel that is not usable', () => {
  const gone = (over: Partial<TunnelCandidate> = {}) => candidate(1, { state: 'down', ...over });
  const until = (what: 'adoption' | 'restart', untilMs = NOW_MS + 9_000) => ({
    waiting: { for: what, untilMs },
  });

  test('lasts for its time where there is nowhere to go', () => {
    const choice = choose([gone(until('restart'))], { active: 't1' });
    expect(choice).toMatchObject({
      tunnel: 't1',
      rule: 'restart',
      because: 'its far end restarts, and no other tunnel is usable',
      reconsiderAtMs: NOW_MS + 9_000,
    });
    expect(choose([gone(until('restart', NOW_MS))], { active: 't1' }).tunnel).toBeUndefined();
  });

  test('ends at once where a far end restarts and another tunnel is usable', () => {
    expect(choose([gone(until('restart')), candidate(2)], { active: 't1' }).tunnel).toBe('t2');
  });

  test('of an adopted one lasts until it has been silent for its detection time', () => {
    const adopted = (proof?: TunnelCandidate['proof']) =>
      choose([gone({ ...until('adoption'), ...(proof && { proof }) }), candidate(2)], {
        active: 't1',
      });
    expect(adopted()).toMatchObject({
      tunnel: 't1',
      rule: 'adoption',
      because: 'it carried traffic before the restart of the agent',
      reconsiderAtMs: NOW_MS + 9_000,
    });
    expect(adopted(heard(149))).toMatchObject({ tunnel: 't1', reconsiderAtMs: NOW_MS + 1 });
    expect(adopted(heard(150)).tunnel).toBe('t2');
    expect(adopted(heard(undefined, { openedAgoMs: 100 }))).toMatchObject({
      tunnel: 't1',
      reconsiderAtMs: NOW_MS + 50,
    });
  });

  test('ends when its uplink is known to be down, and not while nobody has looked', () => {
    const uplinkDown = (reason: 'no-address' | 'not-observed-yet') =>
      choose([gone({ ...until('adoption'), verdict: { state: 'down', sinceMs: 0, reason } })], {
        active: 't1',
      });
    expect(uplinkDown('no-address').tunnel).toBeUndefined();
    expect(uplinkDown('not-observed-yet').tunnel).toBe('t1');
  });
});
