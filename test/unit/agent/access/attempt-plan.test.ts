/** What the end of one attempt means for the next, and when a takeover is our own doing. */
import { describe, expect, test } from 'vitest';
import { AttemptPlan, cloneAlarm } from '../../../../agent/access/attempt-plan.ts';
import type { AttemptState, Ending } from '../../../../agent/access/registration-state.ts';
import { config, up } from '../../../kit/branch.ts';

/** Chance that always draws half of what is possible. */
const HALF = { next: () => 0.5, u32: () => 2 ** 31 };
const TAKEN_OVER: Ending = { code: 'EMQTT_0x8e', text: 'session taken over', reasonCode: 0x8e };
const REFUSED: Ending = { code: 'ECONNREFUSED', text: 'nobody' };

function ranked(): AttemptPlan {
  const plan = new AttemptPlan(config, HALF);
  plan.rank(['gwa', 'gwb']);
  plan.observe('wan1', up('10.91.1.2'));
  return plan;
}

function connecting(plan: AttemptPlan): AttemptState {
  const attempt = plan.next();
  if (attempt === undefined) throw new Error('there is nothing to try');
  return { name: 'connecting', attempt };
}

/** The same attempt, at the other gateway. */
function atOther({ gateway, ...rest }: AttemptState['attempt']): AttemptState['attempt'] {
  return { ...rest, gateway: { ...gateway, id: 'gwb' } };
}

const gateway = (plan: AttemptPlan) => plan.next()?.gateway.id;
const redirected = (serverReference?: string): Ending => ({
  code: 'EMQTT_0x9c',
  text: 'use another server',
  reasonCode: 0x9c,
  ...(serverReference === undefined ? {} : { serverReference }),
});

test('nothing is tried before the access points are ranked, or without a path', () => {
  const plan = new AttemptPlan(config, HALF);
  plan.observe('wan1', up('10.91.1.2'));
  expect(plan.next()).toBeUndefined();
  plan.rank(['gwb']);
  expect(plan.next()).toMatchObject({ gateway: { id: 'gwb' }, path: { uplink: 'wan1' } });
  expect(new AttemptPlan(config, HALF).next()).toBeUndefined();
});

describe('an attempt that ended', () => {
  test('leaves its gateway for the next, quietly, and a returning path may shorten the wait', () => {
    const plan = ranked();
    const retry = plan.afterEnding(connecting(plan), REFUSED, false, 0);
    expect(retry).toEqual({ delayMs: 500, mayHurry: true, effects: [] });
    expect(gateway(plan)).toBe('gwb');
  });

  test('as a registration that had lasted tries the same gateway again', () => {
    const plan = ranked();
    plan.afterEnding(connecting(plan), REFUSED, true, 0);
    expect(gateway(plan)).toBe('gwa');
  });

  test('in another area is slow once every gateway has been of another, and nothing shortens it', () => {
    const plan = ranked();
    const mismatch: Ending = { code: 'EAREA_MISMATCH', text: 'of another area' };
    expect(plan.afterEnding(connecting(plan), mismatch, false, 0).mayHurry).toBe(false);
    expect(plan.afterEnding(connecting(plan), mismatch, false, 0).delayMs).toBeGreaterThan(59_000);
    plan.stable();
    expect(plan.afterEnding(connecting(plan), mismatch, false, 0).delayMs).toBeLessThan(1_000);
  });

  test('is forgotten, with its gateway, when packets go another way', () => {
    const plan = ranked();
    const waits = () => plan.afterEnding(connecting(plan), REFUSED, false, 0).delayMs;
    expect([waits(), waits(), waits()]).toEqual([500, 1_000, 2_000]);
    expect(gateway(plan)).toBe('gwb');
    plan.pathChanged();
    expect(gateway(plan)).toBe('gwa');
    expect(waits()).toBe(500);
  });
});

describe('a redirect', () => {
  test('is followed to a gateway of the list without a word', () => {
    const plan = ranked();
    const retry = plan.afterEnding(connecting(plan), redirected('gwb'), false, 0);
    expect([retry.effects, retry.mayHurry, gateway(plan)]).toEqual([[], false, 'gwb']);
  });

  test.each([undefined, 'evil.example'])(
    'to %s is refused, told, and an ordinary failure',
    (to) => {
      const plan = ranked();
      const note = {
        code: 'redirectRefused',
        level: 'warning',
        gateway: 'gwa',
        reference: to ?? '',
      };
      const retry = plan.afterEnding(connecting(plan), redirected(to), false, 0);
      expect(retry.effects).toEqual([{ type: 'noted', note }]);
      expect([retry.mayHurry, gateway(plan)]).toEqual([true, 'gwb']);
    },
  );

  test('is followed three times in a row, and again after a registration', () => {
    const plan = ranked();
    const follow = () =>
      plan.afterEnding(connecting(plan), redirected('gwa'), false, 0).effects.length === 0;
    expect([follow(), follow(), follow(), follow()]).toEqual([true, true, true, false]);
    plan.registered();
    expect([follow(), follow(), follow(), follow()]).toEqual([true, true, true, false]);
  });
});

describe('a takeover', () => {
  const alarm = (effects: readonly unknown[]) =>
    expect(effects).toEqual([
      {
        type: 'noted',
        note: {
          code: 'identityInUseTwice',
          level: 'error',
          gateway: 'gwa',
          because: 'session taken over',
        },
      },
      { type: 'identityMisused', because: 'session taken over' },
    ]);

  test('of a connection that we had left nowhere is a clone: an alarm, and a long wait', () => {
    const plan = ranked();
    const retry = plan.afterEnding(connecting(plan), TAKEN_OVER, true, 0);
    alarm(retry.effects);
    expect(retry.effects).toEqual(cloneAlarm('gwa', 'session taken over'));
    expect([retry.mayHurry, retry.delayMs]).toEqual([false, 56_250]);
  });

  test('is our own within two minutes of a connection we left open to that gateway, once', () => {
    const plan = ranked();
    const state = connecting(plan);
    const taken = (atMs: number) => plan.afterEnding(state, TAKEN_OVER, true, atMs).effects;
    plan.leftOpen(state.attempt, 1_000);
    expect(taken(120_999)).toEqual([]);
    alarm(taken(121_000));
    plan.leftOpen(state.attempt, 1_000);
    alarm(taken(121_000));
    plan.leftOpen(atOther(state.attempt), 1_000);
    alarm(taken(1_001));
  });

  test('is a clone that follows us when it happens at another gateway as well', () => {
    const plan = ranked();
    const state = connecting(plan);
    plan.leftOpen(state.attempt, 1_000);
    plan.leftOpen(atOther(state.attempt), 1_000);
    expect(plan.afterEnding(state, TAKEN_OVER, true, 1_500).effects).toEqual([]);
    const there = { ...state, attempt: atOther(state.attempt) };
    const { effects } = plan.afterEnding(there, TAKEN_OVER, true, 2_000);
    expect(effects).toEqual(cloneAlarm('gwb', 'session taken over'));
  });
});

test('after silence the uplink is tried last, and a returning path may shorten the wait', () => {
  const plan = ranked();
  plan.observe('wan2', up('10.91.2.2'));
  expect(plan.next()?.path.uplink).toBe('wan1');
  expect(plan.afterSilence('wan1')).toEqual({ delayMs: 0, mayHurry: true, effects: [] });
  expect(plan.next()?.path.uplink).toBe('wan2');
});

test('a spread that a gateway asks for is kept to', () => {
  const plan = ranked();
  plan.hearSpread('60000');
  expect(plan.afterEnding(connecting(plan), redirected('gwb'), false, 0).delayMs).toBe(30_000);
  expect(plan.afterPathReturnedMs()).toBe(500);
});
