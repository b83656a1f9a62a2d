import { describe, expect, test } from 'vitest';
import { byProof, byRank, rankReason } from '../../../../agent/tunnel/choice/candidate-rank.ts';
import { candidateRecords } from '../../../../agent/tunnel/choice/candidate-record.ts';
import type { TunnelCandidate } from '../../../../agent/tunnel/tunnel-candidate.ts';
import { CHOICE_NOW_MS, candidate, equal, heard } from '../../../kit/choice-scene.ts';
import { branchTunnel, uplink } from '../../../kit/fast-path-lab.ts';

const NOW_MS = CHOICE_NOW_MS;
const violated = { verdict: 'violated', why: 'it loses 9 %', scoreMs: 400 } as const;
const met = { verdict: 'met', why: 'it keeps to its class', good: true, scoreMs: 30 } as const;

const near = (index: number, gatewayOrder: number) => ({ ...branchTunnel(index), gatewayOrder });

describe('the order of tunnels', () => {
  test.each([
    ['priority', candidate(1), candidate(2)],
    [
      'ISP',
      equal(2, { gatewayIsp: 'CT' }, { isp: 'CT' }),
      equal(1, { gatewayIsp: 'CT' }, { isp: 'CU' }),
    ],
    ['gateway', equal(2, { plan: near(2, 1) }), equal(1, { plan: near(1, 2) })],
    ['weight', equal(2, {}, { weight: 9 }), equal(1)],
    ['name', equal(1), equal(2)],
  ] as const)('goes by %s', (_, better, worse) => {
    expect(byRank(better, worse)).toBeLessThan(0);
    expect(byRank(worse, better)).toBeGreaterThan(0);
  });

  test('goes by priority before ISP, gateway and weight', () => {
    const best = equal(1, { plan: near(1, 9), gatewayIsp: 'CT' }, { isp: 'CU', priority: 1 });
    const other = equal(2, { gatewayIsp: 'CT' }, { isp: 'CT', priority: 2, weight: 99 });
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
      equal(2, { gatewayIsp: 'CT' }, { isp: 'CT' }),
      [equal(1, { gatewayIsp: 'CT' }, { isp: 'CU' })],
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
      uplink: uplink(1, { isp: 'CT' }),
      gatewayIsp: 'CU',
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
          isp: 'CT',
          gatewayIsp: 'CU',
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
