/** What a registration is made of: the walk over gateways and paths, and how it tells its states and ends. */
import { describe, expect, it } from 'vitest';
import { GatewayWalk, pathsOf, targetOf } from '../../../../agent/access/gateway-walk.ts';
import {
  areaMismatch,
  birthRefusal,
  endingNote,
  isOpen,
  isRegisteredOver,
  noAnswer,
  pathChange,
  type RegistrationState,
  registeredNote,
  snapshotOf,
  stateNote,
  uplinkLoss,
} from '../../../../agent/access/registration-state.ts';
import type { UplinkVerdict } from '../../../../agent/model/uplink.ts';
import { down, up } from '../../../kit/branch.ts';
import { uplink } from '../../../kit/fast-path-lab.ts';

const gateway = (id: string, port = 8883) => ({
  id,
  address: `192.0.2.${id.charCodeAt(0)}`,
  port,
  serverName: `${id}.ccn.example`,
});
const GATEWAYS = [gateway('a'), gateway('b'), gateway('c')];
const PATHS = [
  { uplink: 'wan1', sourceAddress: '10.1.0.2' },
  { uplink: 'wan2', sourceAddress: '10.2.0.2' },
];
const tried = (walk: GatewayWalk, paths = PATHS): string | undefined => {
  const attempt = walk.next(paths);
  return attempt && `${attempt.gateway.id} over ${attempt.path.uplink}`;
};

describe('the paths of a branch', () => {
  it('are its uplinks that are up, best first, and those that carry no user traffic last', () => {
    const uplinks = [
      uplink(1, { priority: -1 }),
      uplink(2, { use: 'management-only', priority: 1 }),
      uplink(3, { priority: 9 }),
      uplink(4, { priority: 2 }),
      uplink(5, { priority: 1 }),
    ];
    const verdicts = new Map<string, UplinkVerdict>([
      ['wan1', up('10.0.0.1')],
      ['wan2', up('10.0.0.2')],
      ['wan3', up('10.0.0.3')],
      ['wan4', up('10.0.0.4')],
      ['wan5', down()],
    ]);
    expect(pathsOf(uplinks, verdicts)).toEqual(
      [4, 3, 1, 2].map((at) => ({ uplink: `wan${at}`, sourceAddress: `10.0.0.${at}` })),
    );
    expect(pathsOf(uplinks, new Map())).toEqual([]);
  });
});

describe('the walk over gateways', () => {
  it('goes through the list over one uplink, and then over the next', () => {
    const walk = new GatewayWalk(GATEWAYS);
    const seen = Array.from({ length: 7 }, () => {
      const each = tried(walk);
      walk.failed();
      return each;
    });
    expect(seen).toEqual([
      'a over wan1',
      'b over wan1',
      'c over wan1',
      'a over wan2',
      'b over wan2',
      'c over wan2',
      'a over wan1',
    ]);
    walk.succeeded();
    expect(tried(walk)).toBe('a over wan1');
  });

  it('leaves an uplink that fell silent for last, until something works', () => {
    const walk = new GatewayWalk(GATEWAYS);
    walk.doubt('wan1');
    expect(tried(walk)).toBe('a over wan2');
    expect(tried(walk, PATHS.slice(0, 1))).toBe('a over wan1');
    for (const _ of GATEWAYS) walk.failed();
    expect(tried(walk)).toBe('a over wan1');
    walk.succeeded();
    expect(tried(walk)).toBe('a over wan1');
  });

  it('has nothing to try without a path or without a gateway', () => {
    expect(tried(new GatewayWalk(GATEWAYS), [])).toBeUndefined();
    const none = new GatewayWalk([]);
    none.failed();
    expect(tried(none)).toBeUndefined();
    expect(none.gatewayCount).toBe(0);
  });

  it('goes by the order it is given, from its head, and tries nobody else', () => {
    const walk = new GatewayWalk(GATEWAYS);
    walk.failed();
    walk.rank(['c', 'x', 'a']);
    expect(walk.gatewayCount).toBe(2);
    expect(tried(walk)).toBe('c over wan1');
    // The failure before the new order counts: both have had their turn over the first uplink.
    walk.failed();
    expect(tried(walk)).toBe('a over wan2');
  });

  it.each([
    'b',
    '192.0.2.98',
    '192.0.2.98:8883',
    '[192.0.2.98]:8883',
    'b.ccn.example',
    'b.ccn.example:8883',
  ])('is redirected by %s', (reference) => {
    const walk = new GatewayWalk(GATEWAYS);
    expect(walk.redirect(reference)).toBe(true);
    expect(tried(walk)).toBe('b over wan1');
  });

  it('is redirected to the head of its list, and to nobody who is not on it', () => {
    const walk = new GatewayWalk(GATEWAYS);
    walk.failed();
    expect(walk.redirect('a')).toBe(true);
    expect(tried(walk)).toBe('a over wan1');
    for (const wrong of [undefined, '', 'evil.example', '192.0.2.98:1', 'B']) {
      expect(walk.redirect(wrong)).toBe(false);
    }
  });
});

const attempt = { gateway: gateway('a'), path: { uplink: 'wan1', sourceAddress: '10.1.0.2' } };
const connecting: RegistrationState = { name: 'connecting', attempt };
const registered: RegistrationState = { name: 'registered', attempt, area: 'Europe' };

it('an attempt is told to the channel with its source address', () => {
  expect(targetOf(attempt)).toEqual({
    gateway: 'a',
    address: '192.0.2.97',
    port: 8883,
    serverName: 'a.ccn.example',
    sourceAddress: '10.1.0.2',
  });
});

describe('how a registration ends', () => {
  it('is told of the area of a gateway that is not ours, or not told', () => {
    expect(areaMismatch(attempt, 'Europe', 'Europe')).toBeUndefined();
    expect(areaMismatch(attempt, 'Europe', 'Asia')).toEqual({
      code: 'EAREA_MISMATCH',
      text: 'gateway a serves Asia, this device belongs to Europe',
    });
    expect(areaMismatch(attempt, 'Europe', undefined)?.text).toBe(
      'gateway a does not say its area, this device belongs to Europe',
    );
  });

  it('is told of a birth that is refused, from 0x80 on', () => {
    expect(birthRefusal(0x7f)).toBeUndefined();
    expect(birthRefusal(0x80)).toEqual({
      code: 'EMQTT_0x80',
      text: 'the gateway refused our birth',
      reasonCode: 0x80,
    });
  });

  it('is told of its own uplink only, when that is down or has another address', () => {
    expect(uplinkLoss(registered, 'wan1', down())).toEqual({
      code: 'EUPLINK_LOST',
      text: 'wan1 is down: no-carrier-kernel',
    });
    expect(uplinkLoss(connecting, 'wan1', up('10.9.9.9'))).toEqual({
      code: 'EUPLINK_LOST',
      text: 'wan1 no longer has the address 10.1.0.2',
    });
    expect(uplinkLoss(registered, 'wan1', up('10.1.0.2'))).toBeUndefined();
    expect(uplinkLoss(registered, 'wan2', down())).toBeUndefined();
    expect(uplinkLoss({ name: 'idle' }, 'wan1', down())).toBeUndefined();
  });

  it('is told of silence and of another path', () => {
    expect(noAnswer(10_000)).toEqual({ code: 'ETIMEOUT', text: 'no answer within 10000 ms' });
    expect(pathChange('it is better')).toEqual({ code: 'EPATH_CHANGED', text: 'it is better' });
  });

  it('is a loss when it was one, and a failed attempt otherwise', () => {
    const ending = { code: 'ECONNRESET', text: 'hung up' };
    expect(endingNote(registered, ending, 500)).toEqual({
      code: 'registrationLost',
      level: 'warning',
      gateway: 'a',
      because: 'ECONNRESET: hung up',
      retryInMs: 500,
    });
    expect(endingNote({ name: 'connecting', attempt }, ending, 500)).toEqual({
      code: 'attemptFailed',
      level: 'warning',
      gateway: 'a',
      overUplink: 'wan1',
      reason: 'ECONNRESET',
      because: 'hung up',
      retryInMs: 500,
    });
  });
});

describe('what is told of a registration', () => {
  it('is its state, its gateway and its reasons', () => {
    expect(stateNote('idle', 'waiting', 'no path')).toEqual({
      code: 'registrationStateChanged',
      level: 'debug',
      from: 'idle',
      to: 'waiting',
      because: 'no path',
    });
    expect(registeredNote(attempt, 'Europe', 120)).toEqual({
      code: 'registered',
      level: 'notice',
      gateway: 'a',
      area: 'Europe',
      overUplink: 'wan1',
      afterMs: 120,
    });
  });

  it('is open with a gateway that has answered, and over one uplink', () => {
    const registering: RegistrationState = { name: 'registering', attempt, area: 'Europe' };
    expect([connecting, registering, registered].map(isOpen)).toEqual([false, true, true]);
    expect(isRegisteredOver(registered, 'wan1')).toBe(true);
    expect(isRegisteredOver(registered, 'wan2')).toBe(false);
    expect(isRegisteredOver(registering, 'wan1')).toBe(false);
  });

  it('is a snapshot of what is true in its state', () => {
    const about = { sinceMs: 5, attempts: 3, lastEnding: undefined, retryAtMs: undefined };
    expect(snapshotOf(registered, about)).toEqual({
      state: 'registered',
      sinceMs: 5,
      attempts: 3,
      gateway: 'a',
      overUplink: 'wan1',
      area: 'Europe',
    });
    const lastEnding = { code: 'EX', text: 'x', reasonCode: 0x80 };
    expect(
      snapshotOf({ name: 'waiting', mayHurry: true }, { ...about, lastEnding, retryAtMs: 9 }),
    ).toEqual({
      state: 'waiting',
      sinceMs: 5,
      attempts: 3,
      lastError: { code: 'EX', text: 'x' },
      retryAtMs: 9,
    });
    const states = [{ name: 'leaving', byeId: 1 }, { name: 'left' }, { name: 'idle' }] as const;
    expect(states.map((state) => snapshotOf(state, about).state)).toEqual(['idle', 'idle', 'idle']);
  });
});
