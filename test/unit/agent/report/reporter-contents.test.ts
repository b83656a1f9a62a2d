/** What each report says, word by word, where its name alone is not enough. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ActiveTunnelChange } from '../../../../agent/model/tunnel-change.ts';
import { Reporter } from '../../../../agent/report/reporter.ts';
import { planFor } from '../../../../agent/state/fast-path-plan.ts';
import { deriveTunnels } from '../../../../agent/state/tunnel-specs.ts';
import { config, desired, down, hello, up } from '../../../kit/branch.ts';

const HEALTH = { type: 'healthChanged' };
const CHANGE: ActiveTunnelChange = {
  from: undefined,
  to: 'wan1-gwa',
  cause: 'first-choice',
  because: 'it is the first',
  detectedAtMs: 7,
  silentForMs: 150,
  decideMs: 1,
  installMs: 0.2,
};

let reporter: Reporter;
beforeEach(() => {
  reporter = new Reporter(config.uplinks);
  plan();
});

function plan(change: Parameters<typeof desired>[0] = {}) {
  const document = desired(change);
  return reporter.planSent(planFor(document, deriveTunnels(document, config.uplinks), config), 9);
}

const event = (name: string, content: object, atMs: number) => ({
  type: 'eventRaised',
  name,
  content,
  atMs,
});

describe('a report of the device', () => {
  it('names the gateway and the uplink it came online over, and that its health is another', () => {
    const online = event('DeviceOnline', { gateway: 'gwa', uplink: 'wan1' }, 5);
    expect(reporter.registered('gwa', 'wan1', 5)).toEqual([online, HEALTH]);
    expect(reporter.health.controllerState).toBe('Normal');
    expect(reporter.registrationEnded(6)).toEqual([HEALTH]);
    expect(reporter.health.controllerState).toBe('Abnormal');
    expect(reporter.registered('gwb', 'wan2', 7)).toEqual([HEALTH]);
  });

  it('says why its identity is thought to be misused', () => {
    const hacked = event('DeviceHacked', { because: 'taken over' }, 5);
    expect(reporter.identityMisused('taken over', 5)).toEqual([hacked]);
    expect(reporter.identityMisused('taken over', 6)).toEqual([]);
  });
});

describe('a report of an uplink', () => {
  const hear = (verdict: ReturnType<typeof up>, uplink = 'wan1') =>
    reporter.uplinkChanged({ type: 'uplinkChanged', uplink, verdict, atMs: 5 });

  it('says why it went down and at which address it is back', () => {
    const link = (verdict: object) => ({ type: 'linkChanged', uplink: 'wan1', verdict });
    const lost = down();
    const reason = lost.state === 'down' ? lost.reason : '';
    const back = up('10.91.1.2');
    expect(hear(lost)).toEqual([
      link(lost),
      event('DeviceWanLinkDown', { uplink: 'wan1', reason }, 5),
    ]);
    expect(hear(lost)).toEqual([link(lost)]);
    expect(hear(back)).toEqual([
      link(back),
      event('DeviceWanLinkUp', { uplink: 'wan1', address: '10.91.1.2' }, 5),
    ]);
    expect(hear(up('10.91.1.3'))).toEqual([link(up('10.91.1.3'))]);
  });

  it('is only of its state while nothing was observed, and of nothing before', () => {
    const unseen = { state: 'down', reason: 'not-observed-yet', sinceMs: 0 } as const;
    expect(hear({ ...down(), ...unseen })).toEqual([]);
    expect(hear(up('10.91.1.2'))).toEqual([
      { type: 'linkChanged', uplink: 'wan1', verdict: up('10.91.1.2') },
    ]);
  });

  it('tells the last one that goes as the device that is offline', () => {
    hear(up('10.91.1.2'));
    hear(down(), 'wan2');
    const lost = down();
    const content = { uplink: 'wan1', reason: lost.state === 'down' ? lost.reason : '' };
    expect(hear(lost).slice(1)).toEqual([
      event('DeviceWanLinkDown', content, 5),
      event('DeviceOffline', content, 5),
    ]);
  });
});

describe('a report of tunnels', () => {
  const move = (over: Partial<ActiveTunnelChange> = {}) =>
    reporter.activeTunnelChanged({ ...CHANGE, ...over });

  it('is one of health, with the active tunnel as long as there is one', () => {
    expect(plan()).toEqual([HEALTH]);
    expect(reporter.health).not.toHaveProperty('activeTunnel');
    expect(move()).toEqual([HEALTH]);
    expect(reporter.health.activeTunnel).toBe('wan1-gwa');
    const state = { from: 'establishing', to: 'up', because: 'x', atMs: 1 } as const;
    const fact = { type: 'tunnelStateChanged', tunnel: 'wan1-gwa', ...state } as const;
    expect([reporter.tunnelStateChanged(fact), reporter.tunnelStateChanged(fact)]).toEqual([
      [HEALTH],
      [],
    ]);
  });

  it('keeps the states of tunnels that stay, and forgets those that go, with a new plan', () => {
    const state = { from: 'establishing', to: 'up', because: 'x', atMs: 1 } as const;
    reporter.tunnelStateChanged({ type: 'tunnelStateChanged', tunnel: 'wan1-gwa', ...state });
    reporter.tunnelStateChanged({ type: 'tunnelStateChanged', tunnel: 'gone', ...state });
    plan({ revision: 2 });
    expect(reporter.health.tunnels).toEqual({ 'wan1-gwa': 'up', 'wan2-gwa': 'absent' });
    expect([reporter.uplinkOf('wan2-gwa'), reporter.uplinkOf('gone')]).toEqual(['wan2', undefined]);
  });

  it('says of a disconnection from where, why, and how long it took, with empty words for what is not known', () => {
    move();
    const { cause, because } = { cause: 'silence' as const, because: 'nothing came' };
    const lost = move({ from: 'wan1-gwa', to: undefined, cause, because });
    const times = { silentForMs: 150, decideMs: 1, installMs: 0.2 };
    const words = { from: 'wan1-gwa', to: '', cause, because, rule: '', rejected: '' };
    expect(lost).toEqual([HEALTH, event('ConnectionDisconnect', { ...words, ...times }, 7)]);
  });

  it('names both uplinks of a move between wired and LTE, and none of a move that is none', () => {
    move();
    expect(move({ from: 'wan1-gwa', to: 'wan1-gwb', cause: 'better' })).toEqual([HEALTH]);
    expect(move({ from: 'wan1-gwa', to: 'wan2-gwa', cause: 'better' })).toEqual([
      HEALTH,
      event('DeviceWanLinkSwitched', { from: 'wan1', to: 'wan2' }, 7),
    ]);
    expect(move({ from: 'wan2-gwa', to: 'wan2-gwa', cause: 'better' })).toEqual([HEALTH]);
  });
});

describe('a report of the board', () => {
  it('names the LAN port that lost its link, and is of nothing else the board says', () => {
    const ports = [{ port: 3, role: 'LAN', copper: true }] as const;
    expect(reporter.boardHeard({ type: 'boardUp', hello: { ...hello, ports } }, 1)).toEqual([]);
    const link = { speedMbps: 1_000, duplex: 'full' } as const;
    const carrier = (carries: boolean) => {
      const report = { kind: 'portCarrier', port: 3, carrier: carries, ...link } as const;
      return reporter.boardHeard({ type: 'boardReported', report }, 9);
    };
    expect(carrier(true)).toEqual([]);
    expect(reporter.boardHeard({ type: 'boardLost', why: 'silent' }, 9)).toEqual([]);
    expect(carrier(false)).toEqual([event('DeviceLinkDown', { port: 3 }, 9)]);
  });
});
