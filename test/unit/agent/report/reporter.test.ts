/** Which changes are SAG events, and what the reported document says. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ABSENCE_MS } from '../../../../agent/model/absence.ts';
import type { HaRole } from '../../../../agent/model/ha.ts';
import type { ActiveTunnelChange, ChangeCause } from '../../../../agent/model/tunnel-change.ts';
import type { UplinkVerdict } from '../../../../agent/model/uplink.ts';
import { type Report, Reporter } from '../../../../agent/report/reporter.ts';
import { planFor } from '../../../../agent/state/fast-path-plan.ts';
import { deriveTunnels } from '../../../../agent/state/tunnel-specs.ts';
import { config, desired, down, hello, up } from '../../../kit/branch.ts';

describe('the reporter', () => {
  let reporter: Reporter;
  beforeEach(() => {
    reporter = new Reporter(config.uplinks);
    plan();
  });

  const plan = (change: Parameters<typeof desired>[0] = {}) => {
    const document = desired(change);
    const tunnels = deriveTunnels(document, config.uplinks);
    return reporter.planSent(planFor(document, tunnels, config), 9);
  };

  const names = (reports: readonly Report[]): readonly string[] =>
    reports.flatMap((report) => (report.type === 'eventRaised' ? [report.name] : []));
  const uplink = (verdict: UplinkVerdict) =>
    reporter.uplinkChanged({ type: 'uplinkChanged', uplink: 'wan1', verdict, atMs: 5 });
  const change = (from: string | undefined, to: string | undefined, cause: ChangeCause) =>
    reporter.activeTunnelChanged({
      from,
      to,
      cause,
      because: 'a test says so',
      detectedAtMs: 7,
      silentForMs: 150,
      decideMs: 1,
      installMs: 0.2,
    } satisfies ActiveTunnelChange);

  it('tells of the other HA role the document gives, in both directions, and of nothing else', () => {
    const cold = (role: HaRole) => ({ ha: { type: 'cold_backup', role } }) as const;
    expect(names(plan(cold('active')))).toEqual([]);
    expect(reporter.health.haState).toBe('Active');
    const switched = plan({ revision: 2, ...cold('standby') });
    expect(switched.find(({ type }) => type === 'eventRaised')).toMatchObject({
      name: 'DeviceSwitched',
      content: { from: 'active', to: 'standby', haType: 'cold_backup', revision: 2 },
      atMs: 9,
    });
    expect(reporter.health.haState).toBe('Standby');
    expect(names(plan(cold('standby')))).toEqual([]);
    expect(names(plan())).toEqual(['DeviceSwitched']);
    expect(reporter.health).not.toHaveProperty('haState');
  });

  it.each([
    [undefined, []],
    ['standby', []],
    ['active', ['DeviceSwitched']],
  ] as const)('a standby that starts and was last told %s tells %s', (told, events) => {
    const other = new Reporter(config.uplinks);
    other.roleRestored(told && { v: 1, role: told });
    const document = desired({ ha: { type: 'warm_backup', role: 'standby' } });
    expect(names(other.planSent(planFor(undefined, [], config), 1))).toEqual([]);
    expect(names(other.planSent(planFor(document, [], config), 2))).toEqual(events);
    expect(names(other.planSent(planFor(document, [], config), 3))).toEqual([]);
    expect(other.health.haState).toBe('Standby');
  });

  it('has the role that is told kept together with its event, once each', () => {
    const ha = { type: 'cold_backup', role: 'standby' } as const;
    const kept = { type: 'storePut', shelf: 'ha-role', value: '{"v":1,"role":"standby"}' };
    const event = { type: 'eventRaised', name: 'DeviceSwitched' };
    expect(plan({ revision: 2, ha })).toMatchObject([kept, event, { type: 'healthChanged' }]);
    expect(plan({ revision: 3, ha })).toEqual([{ type: 'healthChanged' }]);
  });

  it('does not call it a disconnection that a cold standby holds off', () => {
    plan({ ha: { type: 'cold_backup', role: 'standby' } });
    expect(names(change('wan1-gwa', undefined, 'silence'))).toEqual([]);
    plan({ ha: { type: 'warm_backup', role: 'standby' } });
    expect(names(change('wan1-gwa', undefined, 'silence'))).toEqual(['ConnectionDisconnect']);
  });

  it('says nothing of an uplink that is up from the start, and tells of one that is down', () => {
    expect(names(uplink(up('10.91.1.2')))).toEqual([]);
    const other = new Reporter(config.uplinks);
    const fact = { type: 'uplinkChanged', uplink: 'wan1', verdict: down(), atMs: 1 } as const;
    expect(names(other.uplinkChanged(fact))).toEqual(['DeviceWanLinkDown']);
  });

  it('does not take "not observed yet" for down', () => {
    const reason = 'not-observed-yet';
    expect(uplink({ state: 'down', sinceMs: 0, reason })).toEqual([]);
    expect(names(uplink(up('10.91.1.2')))).toEqual([]);
  });

  it('tells down and up once each, whatever reason or address changes meanwhile', () => {
    uplink(up('10.91.1.2'));
    expect(names(uplink(down()))).toEqual(['DeviceWanLinkDown']);
    const reason = 'no-carrier-board';
    expect(names(uplink({ state: 'down', sinceMs: 1, reason }))).toEqual([]);
    expect(names(uplink(up('10.91.1.2')))).toEqual(['DeviceWanLinkUp']);
    expect(names(uplink(up('10.91.1.3')))).toEqual([]);
  });

  it('publishes every verdict as retained state', () => {
    expect(uplink(down())).toContainEqual({ type: 'linkChanged', uplink: 'wan1', verdict: down() });
  });

  it.each<ChangeCause>(['carrier', 'silence', 'session-down', 'engine'])(
    'tells a failover when the active tunnel was lost by %s',
    (cause) => {
      change(undefined, 'wan1-gwa', 'first-choice');
      const [event] = change('wan1-gwa', 'wan2-gwa', cause).filter(
        (report) => report.type === 'eventRaised',
      );
      expect(event).toMatchObject({
        name: 'AccessGatewayFailover',
        atMs: 7,
        content: { from: 'wan1-gwa', to: 'wan2-gwa', cause, silentForMs: 150 },
      });
    },
  );

  it('tells with a failover the rule and why the others do not carry the traffic, within the contract', () => {
    const rejected = Array.from({ length: 8 }, (_, at) => ({
      tunnel: `wan${at}-gwa`,
      why: 'its session is Down '.repeat(10),
    }));
    const [, event] = reporter.activeTunnelChanged({
      from: 'wan1-gwa',
      to: 'wan2-gwa',
      cause: 'silence',
      because: 'a test says so',
      detectedAtMs: 7,
      silentForMs: 150,
      decideMs: 1,
      installMs: 0.2,
      rule: 'rank',
      rejected,
    });
    const content = event?.type === 'eventRaised' ? event.content : {};
    expect(content).toMatchObject({ rule: 'rank' });
    expect(content['rejected']).toMatch(/^wan0-gwa: its session is Down .*; wan1-gwa: /);
    expect(String(content['rejected'])).toHaveLength(1_024);
  });

  it.each<ChangeCause>(['better', 'command', 'plan'])('tells none when it moved by %s', (cause) => {
    change(undefined, 'wan1-gwa', 'first-choice');
    expect(names(change('wan1-gwa', 'wan2-gwa', cause))).not.toContain('AccessGatewayFailover');
  });

  it('tells a disconnection when no tunnel is left, and none when there never was one', () => {
    expect(names(change(undefined, undefined, 'silence'))).toEqual([]);
    change(undefined, 'wan1-gwa', 'first-choice');
    expect(names(change('wan1-gwa', undefined, 'silence'))).toEqual(['ConnectionDisconnect']);
  });

  it('tells the move between wired and LTE, also over a time without any tunnel', () => {
    change(undefined, 'wan1-gwa', 'first-choice');
    change('wan1-gwa', undefined, 'silence');
    expect(names(change(undefined, 'wan2-gwa', 'first-choice'))).toEqual(['DeviceWanLinkSwitched']);
    expect(names(change('wan2-gwa', 'wan1-gwa', 'better'))).toEqual(['DeviceWanLinkSwitched']);
  });

  it('keeps the gateway connection and the tunnels apart as two truths', () => {
    expect(reporter.health).toMatchObject({ controllerState: 'Abnormal', vpnState: 'Abnormal' });
    change(undefined, 'wan1-gwa', 'first-choice');
    expect(reporter.health).toMatchObject({ controllerState: 'Abnormal', vpnState: 'Normal' });
    expect(names(reporter.registered('gwa', 'wan1', 9))).toEqual(['DeviceOnline']);
    change('wan1-gwa', undefined, 'silence');
    expect(reporter.health).toMatchObject({ controllerState: 'Normal', vpnState: 'Abnormal' });
  });

  it('tells of coming online once per run, and again only after an absence', () => {
    expect(names(reporter.registered('gwa', 'wan1', 9))).toEqual(['DeviceOnline']);
    reporter.registrationEnded(1_000);
    expect(names(reporter.registered('gwa', 'wan2', 1_000 + ABSENCE_MS - 1))).toEqual([]);
    reporter.registrationEnded(50_000);
    expect(names(reporter.registered('gwb', 'wan2', 50_000 + ABSENCE_MS))).toEqual([
      'DeviceOnline',
    ]);
  });

  it('tells of a misused identity once an hour, however often it shows', () => {
    const hacked = (atMs: number) => names(reporter.identityMisused('taken over', atMs));
    expect(hacked(0)).toEqual(['DeviceHacked']);
    expect(hacked(3_599_999)).toEqual([]);
    expect(hacked(3_600_000)).toEqual(['DeviceHacked']);
  });

  it('tells that the device is offline when its last uplink goes, and not when it never had one', () => {
    const fact = { type: 'uplinkChanged', atMs: 1 } as const;
    const hear = (id: string, verdict: UplinkVerdict) =>
      names(reporter.uplinkChanged({ ...fact, uplink: id, verdict }));
    expect(hear('wan1', down())).toEqual(['DeviceWanLinkDown']);
    hear('wan1', up('10.91.1.2'));
    hear('wan2', up('10.91.2.2'));
    expect(hear('wan1', down())).toEqual(['DeviceWanLinkDown']);
    expect(hear('wan2', down())).toEqual(['DeviceWanLinkDown', 'DeviceOffline']);
  });

  it('tells of a LAN port that loses its link, over a start of the board too, and of no other port', () => {
    const ports = [
      { port: 5, role: 'WAN', copper: true },
      { port: 3, role: 'LAN', copper: true },
    ] as const;
    const up = { type: 'boardUp', hello: { ...hello, ports } } as const;
    const carrier = (port: number, carries: boolean) => {
      const link = { speedMbps: 1_000, duplex: 'full' } as const;
      const report = { kind: 'portCarrier', port, carrier: carries, ...link } as const;
      return names(reporter.boardHeard({ type: 'boardReported', report }, 9));
    };
    expect(carrier(3, false)).toEqual([]);
    reporter.boardHeard(up, 1);
    expect(carrier(3, false)).toEqual([]);
    expect(carrier(3, true)).toEqual([]);
    reporter.boardHeard(up, 2);
    expect(carrier(3, false)).toEqual(['DeviceLinkDown']);
    expect(carrier(3, false)).toEqual([]);
    expect([carrier(5, true), carrier(5, false)]).toEqual([[], []]);
  });

  it('shows each tunnel of the plan with its state', () => {
    expect(reporter.health.tunnels).toEqual({ 'wan1-gwa': 'absent', 'wan2-gwa': 'absent' });
    const states = { from: 'establishing', to: 'up', because: 'x', atMs: 1 } as const;
    reporter.tunnelStateChanged({ type: 'tunnelStateChanged', tunnel: 'wan1-gwa', ...states });
    expect(reporter.health.tunnels).toEqual({ 'wan1-gwa': 'up', 'wan2-gwa': 'absent' });
  });
});
