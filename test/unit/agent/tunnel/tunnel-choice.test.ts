import { expect, test } from 'vitest';
import { followBranch } from '../../../../agent/tunnel/hub-choice.ts';
import {
  type ChoiceInput,
  chooseTunnel,
  type TunnelCandidate,
} from '../../../../agent/tunnel/tunnel-choice.ts';
import { branchTunnel, uplink } from '../../../kit/fast-path-lab.ts';

const NOW_MS = 100_000;

function candidate(index: number, over: Partial<TunnelCandidate> = {}): TunnelCandidate {
  return {
    plan: branchTunnel(index),
    uplink: uplink(index),
    verdict: { state: 'up', sinceMs: 0, address: '10.0.0.1' },
    state: 'up',
    usableSinceMs: 0,
    holdMs: 5_000,
    ...over,
  };
}

function choose(candidates: readonly TunnelCandidate[], over: Partial<ChoiceInput> = {}) {
  const input = { candidates, active: undefined, pinned: undefined, nowMs: NOW_MS };
  return chooseTunnel({ ...input, ...over });
}

test.each([
  ['priority', candidate(1), candidate(2), 't1', /best priority/],
  [
    'nearer gateway',
    candidate(1, { plan: { ...branchTunnel(1), gatewayOrder: 2 } }),
    candidate(2, { uplink: uplink(2, { priority: 1 }) }),
    't2',
    /nearest/,
  ],
  [
    'weight',
    candidate(1),
    candidate(2, { uplink: uplink(2, { priority: 1, weight: 50 }) }),
    't2',
    /greater weight/,
  ],
  ['id', candidate(1), candidate(2, { uplink: uplink(2, { priority: 1 }) }), 't1', /first among/],
] as const)('usable tunnels are ordered by %s', (_, one, other, chosen, because) => {
  const choice = choose([other, one]);
  expect(choice.tunnel).toBe(chosen);
  expect(choice.because).toMatch(because);
});

test.each([
  [{ uplink: uplink(1, { use: 'management-only' }) }, /management only/],
  [{ uplink: uplink(1, { priority: -1 }) }, /priority -1/],
  [{ uplink: undefined }, /not configured/],
  [{ verdict: { state: 'down', sinceMs: 0, reason: 'no-address' } }, /has no address/],
  [{ state: 'establishing' }, /not Up yet/],
  [{ state: 'absent' }, /does not exist/],
  [{ state: 'down' }, /is Down/],
] satisfies [Partial<TunnelCandidate>, RegExp][])(
  'a tunnel that cannot carry traffic says why: %o',
  (over, why) => {
    const choice = choose([candidate(1, over)]);
    expect(choice.tunnel).toBeUndefined();
    expect(choice.candidates[0]).toMatchObject({ tunnel: 't1', eligible: false });
    expect(choice.candidates[0]?.why).toMatch(why);
  },
);

test('a better tunnel waits for its hold, and the choice says when to look again', () => {
  const better = candidate(1, { usableSinceMs: NOW_MS - 2_000 });
  const choice = choose([better, candidate(2)], { active: 't2' });
  expect(choice).toMatchObject({ tunnel: 't2', reconsiderAtMs: NOW_MS + 3_000 });
  expect(choice.candidates[0]?.why).toBe('better, but must stay usable for another 3.0 s');
  const later = choose([better, candidate(2)], { active: 't2', nowMs: NOW_MS + 3_000 });
  expect(later.tunnel).toBe('t1');
});

test('a lost tunnel is left for one that has proved itself before one that has not', () => {
  const fresh = candidate(2, { usableSinceMs: NOW_MS - 100 });
  const lost = candidate(1, { state: 'down' });
  expect(choose([lost, fresh, candidate(3)], { active: 't1' }).tunnel).toBe('t3');
  expect(choose([lost, fresh], { active: 't1' }).tunnel).toBe('t2');
});

test('a worse tunnel never takes over from a usable one, but the pinned one does', () => {
  const both = [candidate(1), candidate(2)];
  expect(choose(both, { active: 't1' })).toMatchObject({ tunnel: 't1' });
  expect(choose(both, { active: 't1', pinned: 't2' })).toMatchObject({ tunnel: 't2' });
});

test('an adopted tunnel is waited for, unless its own uplink is known to be down', () => {
  const waiting = { for: 'adoption', untilMs: NOW_MS + 1_000 } as const;
  const adopted = candidate(2, { state: 'establishing', waiting });
  expect(choose([candidate(1), adopted], { active: 't2' })).toMatchObject({
    tunnel: 't2',
    reconsiderAtMs: NOW_MS + 1_000,
  });
  const cut = { ...adopted, verdict: { state: 'down', sinceMs: 0, reason: 'no-address' } } as const;
  expect(choose([candidate(1), cut], { active: 't2' }).tunnel).toBe('t1');
});

test('a far end that restarts is waited for only while there is no other tunnel', () => {
  const waiting = { for: 'restart', untilMs: NOW_MS + 1_000 } as const;
  const restarting = candidate(1, { state: 'down', waiting });
  expect(choose([restarting], { active: 't1' }).tunnel).toBe('t1');
  expect(choose([restarting, candidate(2)], { active: 't1' }).tunnel).toBe('t2');
  expect(choose([restarting], { active: 't1', nowMs: NOW_MS + 1_000 }).tunnel).toBeUndefined();
});

test('a hub uses what the branch named, else what is Up, else stays', () => {
  const down = candidate(1, { state: 'down' });
  const both = [candidate(1), candidate(2)];
  expect(followBranch({ candidates: both, active: 't1', named: 't2' }).tunnel).toBe('t2');
  expect(followBranch({ candidates: both, active: 't2', named: undefined }).tunnel).toBe('t2');
  expect(followBranch({ candidates: [down, candidate(2)], active: 't1', named: 't1' }).tunnel).toBe(
    't2',
  );
  expect(followBranch({ candidates: [down], active: 't1', named: 't1' }).tunnel).toBe('t1');
  expect(
    followBranch({ candidates: [down], active: undefined, named: 't1' }).tunnel,
  ).toBeUndefined();
});
