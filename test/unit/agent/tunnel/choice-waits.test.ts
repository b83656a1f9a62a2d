import { describe, expect, test } from 'vitest';
import type { TunnelCandidate } from '../../../../agent/tunnel/tunnel-candidate.ts';
import { CHOICE_NOW_MS, candidate, choose, heard } from '../../../kit/choice-scene.ts';

const NOW_MS = CHOICE_NOW_MS;
const violated = { verdict: 'violated', why: 'it loses 9 %', scoreMs: 400 } as const;
const met = { verdict: 'met', why: 'it keeps to its class', good: true, scoreMs: 30 } as const;

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
      rule: 'stays',
      because: 't2 is better, but t1 is better still and ready in a moment',
      reconsiderAtMs: NOW_MS + 1_000,
    });
    const justInTime = candidate(1, { usableSinceMs: NOW_MS - 3_500 });
    expect(choose([justInTime, candidate(2), candidate(3)], { active: 't3' }).tunnel).toBe('t3');
    const later = candidate(1, { usableSinceMs: NOW_MS - 3_499 });
    expect(choose([later, candidate(2), candidate(3)], { active: 't3' }).tunnel).toBe('t2');
  });
});

describe('the successor of a tunnel that was lost', () => {
  const lost = candidate(1, { state: 'down' });
  const next = (...others: readonly TunnelCandidate[]) =>
    choose([lost, ...others], { active: 't1' }).tunnel;

  test('has proved itself as soon as its hold is over', () => {
    const served = candidate(3, { usableSinceMs: NOW_MS - 5_000 });
    const serving = candidate(3, { usableSinceMs: NOW_MS - 4_999 });
    const fresh = candidate(2, { usableSinceMs: NOW_MS - 100 });
    expect(next(fresh, served)).toBe('t3');
    expect(next(fresh, serving)).toBe('t2');
  });

  test('is rather one that is alive and new than one in doubt that has proved itself', () => {
    const fresh = candidate(3, { usableSinceMs: NOW_MS - 100, proof: heard(10) });
    expect(next(candidate(2, { proof: heard(500) }), fresh)).toBe('t3');
  });
});

describe('a return', () => {
  test('is not to a better tunnel that does not keep to its class', () => {
    const choice = choose([candidate(1, { sla: violated }), candidate(2)], { active: 't2' });
    expect(choice).toMatchObject({ tunnel: 't2', rule: 'sla' });
  });

  test('says by what the tunnel is better than the one that is left', () => {
    expect(choose([candidate(1), candidate(2)], { active: 't2' })).toMatchObject({
      tunnel: 't1',
      rule: 'priority',
      because: 'uplink wan1 has the best priority (1)',
    });
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
    expect(leave({ sla: met, usableSinceMs: NOW_MS - 5_000 }).rule).toBe('sla');
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
    expect(leave({ sla: { ...violated, scoreMs: 100 }, proof: heard(500) }).tunnel).toBe('t1');
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
    const fresh = candidate(2, { usableSinceMs: NOW_MS - 4_000 });
    expect(choose([gone(until('adoption')), fresh], { active: 't1' })).toMatchObject({
      tunnel: 't1',
      reconsiderAtMs: NOW_MS + 1_000,
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
