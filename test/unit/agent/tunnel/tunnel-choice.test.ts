import { expect, test } from 'vitest';
import { followBranch } from '../../../../agent/tunnel/choice/hub-choice.ts';
import type { TunnelCandidate } from '../../../../agent/tunnel/tunnel-candidate.ts';
import { CHOICE_NOW_MS, candidate, choose, heard } from '../../../kit/choice-scene.ts';
import { branchTunnel, uplink } from '../../../kit/fast-path-lab.ts';

const NOW_MS = CHOICE_NOW_MS;

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

/** A session that is Up and whose last packet came so long ago, on a path of 50 ms. */
function fourTunnels(over: Readonly<Record<string, Partial<TunnelCandidate>>> = {}) {
  return [1, 2].flatMap((index) =>
    ['a', 'b'].map((gateway, order) => {
      const id = `wan${index}-${gateway}`;
      const plan = { ...branchTunnel(index), id, gateway, gatewayOrder: order };
      return candidate(index, { plan, proof: heard(20), ...over[id] });
    }),
  );
}

test('a dead uplink takes both its tunnels along: traffic skips the one that has not expired yet', () => {
  const black = fourTunnels({
    'wan1-a': { state: 'down', proof: heard(150) },
    'wan1-b': { proof: heard(143), siblingLost: 'silent' },
  });
  const choice = choose(black, { active: 'wan1-a' });
  expect(choice.tunnel).toBe('wan2-a');
  expect(choice.rule).toBe('doubt');
  expect(choice.because).toMatch(/wan1-b last heard something 143 ms ago/);
  expect(choice.candidates.find((each) => each.tunnel === 'wan1-b')).toMatchObject({
    eligible: true,
    suspect: true,
    rule: 'suspect',
    inputs: { heardAgoMs: 143, intervalMs: 50, siblingLost: 'silent', tunnelState: 'up' },
  });
});

test('when only a gateway dies the other tunnel of the uplink, which still delivers, takes over', () => {
  const crashed = fourTunnels({
    'wan1-a': { state: 'down', proof: heard(150) },
    'wan2-a': { proof: heard(140) },
    'wan1-b': { proof: heard(30), siblingLost: 'silent' },
  });
  expect(choose(crashed, { active: 'wan1-a' }).tunnel).toBe('wan1-b');
});

test('a far end that no longer hears us casts doubt on its siblings although their packets arrive', () => {
  const oneWay = fourTunnels({
    'wan1-a': { state: 'down', proof: heard(10) },
    'wan1-b': { proof: heard(30), siblingLost: 'unheard' },
  });
  const choice = choose(oneWay, { active: 'wan1-a' });
  expect(choice.tunnel).toBe('wan2-a');
  expect(choice.candidates[1]).toMatchObject({ rule: 'sibling-lost', suspect: false });
});

test('a tunnel whose far end is not Up yet takes over only where no other does, and carries once it says Up', () => {
  const waiting = { ...heard(10), farEndUp: false };
  const half = fourTunnels({
    'wan1-a': { state: 'down', proof: heard(150) },
    'wan1-b': { proof: waiting, siblingLost: 'silent' },
  });
  const choice = choose(half, { active: 'wan1-a' });
  expect(choice).toMatchObject({ tunnel: 'wan2-a', reconsiderAtMs: NOW_MS + 50 });
  expect(choice.candidates[1]).toMatchObject({
    rule: 'far-end',
    why: 'better, but it has a far end that is not Up yet',
    inputs: { farEndUp: false },
  });
  const allWait = fourTunnels({
    'wan1-a': { state: 'down', proof: heard(150) },
    'wan1-b': { proof: waiting },
    'wan2-a': { state: 'down' },
    'wan2-b': { state: 'down' },
  });
  expect(choose(allWait, { active: 'wan1-a' }).tunnel).toBe('wan1-b');
  const proven = fourTunnels({ 'wan1-b': { proof: { ...heard(10), farEndUp: true } } });
  expect(choose(proven, { active: 'wan1-b' }).tunnel).toBe('wan1-a');
});

test('where all are silent the sibling of the lost one comes last', () => {
  const all = fourTunnels({
    'wan1-a': { state: 'down', proof: heard(150) },
    'wan1-b': { proof: heard(120), siblingLost: 'silent' },
    'wan2-a': { proof: heard(90) },
    'wan2-b': { proof: heard(90) },
  });
  expect(choose(all, { active: 'wan1-a' }).tunnel).toBe('wan2-a');
});

test('traffic returns once: to the best of those that become ready within a moment', () => {
  const back = fourTunnels({
    'wan1-a': { usableSinceMs: NOW_MS - 4_830 },
    'wan1-b': { usableSinceMs: NOW_MS - 5_000 },
  });
  const waits = choose(back, { active: 'wan2-a' });
  expect(waits).toMatchObject({ tunnel: 'wan2-a', reconsiderAtMs: NOW_MS + 170 });
  expect(waits.candidates[0]).toMatchObject({ rule: 'hold', holdLeftMs: 170 });
  const later = choose(back, { active: 'wan2-a', nowMs: NOW_MS + 170 });
  expect(later.tunnel).toBe('wan1-a');
});

test('traffic does not return to a tunnel that is silent at that moment, and looks again', () => {
  const silent = fourTunnels({
    'wan1-a': { proof: heard(100) },
    'wan1-b': { proof: heard(100) },
  });
  const choice = choose(silent, { active: 'wan2-a' });
  expect(choice).toMatchObject({ tunnel: 'wan2-a', reconsiderAtMs: NOW_MS + 50 });
});

test('an adopted tunnel that stays silent for its detection time is left once there is another', () => {
  const waiting = { for: 'adoption', untilMs: NOW_MS + 4_900 } as const;
  const silent = { heardAgoMs: undefined, intervalMs: 50, detectMs: 150 };
  const adopted = (openedAgoMs: number) =>
    candidate(1, { state: 'establishing', waiting, proof: { ...silent, openedAgoMs } });
  expect(choose([adopted(100), candidate(2)], { active: 't1' })).toMatchObject({
    tunnel: 't1',
    rule: 'adoption',
    reconsiderAtMs: NOW_MS + 50,
  });
  expect(choose([adopted(150), candidate(2)], { active: 't1' }).tunnel).toBe('t2');
  expect(choose([adopted(150)], { active: 't1' }).tunnel).toBe('t1');
});
