import { describe, expect, it } from 'vitest';
import { boardView, sensorsView } from '../../../../agent/diag/board-view.ts';
import { offlineView } from '../../../../agent/diag/offline-view.ts';
import { eventsView, routesView } from '../../../../agent/diag/routes-view.ts';
import { renderBlocks } from '../../../../agent/diag/text-table.ts';
import type { View } from '../../../../agent/diag/view.ts';
import { viewOf } from '../../../../agent/diag/view-of.ts';
import type { RouteDistribution } from '../../../../agent/model/branch-route.ts';
import type { AgentSnapshot } from '../../../../agent/model/snapshot.ts';
import { HEALTHY_SNAPSHOT, healthyFacts } from './check/healthy-facts.ts';
import { SAMPLE } from './sample-snapshot.ts';

function shown(view: View): string {
  return renderBlocks(view.blocks, false);
}

function withSensors(state: 'up' | 'lost'): AgentSnapshot {
  const readings = [
    { sensor: 'temperature', index: 0, value: 41_500 },
    { sensor: 'fan', index: 1, value: 3_200 },
    { sensor: 'voltage', index: 0, value: 11_930 },
  ] as const;
  return { ...SAMPLE, board: { ...SAMPLE.board, state, reports: [{ kind: 'sensors', readings }] } };
}

describe('the views of the field', () => {
  it('show the board with its ports, and what is behind them', () => {
    const text = shown(boardView(SAMPLE));
    expect(text).toContain('sag-1000 · SAG1000HZ0001');
    expect(text).toMatch(/5 +WAN +up +1000 Mbit\/s +wan1, carries traffic/);
    expect(boardView(SAMPLE).attention).toEqual([]);
    expect(
      boardView({ ...SAMPLE, board: { ...SAMPLE.board, state: 'lost' } }).attention,
    ).toHaveLength(1);
  });

  it('show sensors in the units of people, and none of a silent board', () => {
    const text = shown(sensorsView(withSensors('up')));
    expect(text).toContain('41.5 °C');
    expect(text).toContain('3200 rpm');
    expect(text).toContain('11.93 V');
    expect(shown(sensorsView(withSensors('lost')))).toContain('the board is silent');
  });

  it('show where prefixes lead, and which are refused and why', () => {
    const refused = [{ prefix: '192.168.10.0/25', because: 'it overlaps the LAN' }];
    const routes = { ...SAMPLE.fastPath.routes, refused };
    const view = routesView({ ...SAMPLE, fastPath: { ...SAMPLE.fastPath, routes } });
    expect(shown(view)).toContain('refused: it overlaps the LAN');
    expect(view.attention).toEqual(['192.168.10.0/25']);
    expect(routesView(SAMPLE).attention).toEqual([]);
  });

  it('show what of the branch is published, what is revoked and why, and what is in conflict', () => {
    const lan = [
      { cidr: '10.9.0.0/16', nextHop: '192.168.10.254', installed: false, because: 'no device' },
    ];
    const shared = { sourceType: 'local', conflictCidrs: [] } as const;
    const distribution: RouteDistribution[] = [
      {
        ...shared,
        cidr: '192.168.10.0/24',
        state: 'normal',
        published: 'publish',
        because: 'its policy is publish',
      },
      {
        ...shared,
        cidr: '10.9.0.0/16',
        nextHop: '192.168.10.254',
        state: 'revoked',
        published: 'not_publish',
        because: 'it overlaps 10.9.4.0/24, which the CCN publishes',
        conflictCidrs: ['10.9.4.0/24'],
      },
    ];
    const view = routesView({
      ...SAMPLE,
      desired: { ...SAMPLE.desired, routes: distribution },
      fastPath: { ...SAMPLE.fastPath, routes: { ...SAMPLE.fastPath.routes, lan } },
    });
    const text = shown(view);
    expect(text).toMatch(/192\.168\.10\.0\/24 +LAN +publish +normal +its policy is publish/);
    expect(text).toMatch(/10\.9\.0\.0\/16 +via 192\.168\.10\.254 +not_publish +revoked/);
    expect(text).toContain('conflicts with 10.9.4.0/24; not installed: no device');
    expect(view.attention).toEqual(['10.9.0.0/16']);
    expect(view.json).toMatchObject({ distribution });
  });

  it('show the newest events, and how many wait', () => {
    const note = {
      code: 'eventRaised',
      level: 'notice',
      event: 'DeviceWanLinkDown',
      id: 'b-7',
    } as const;
    const notes = [1, 2, 3].map((atMs) => ({ atMs, wallMs: atMs, note }));
    const view = eventsView({ ...SAMPLE, notes }, 2);
    expect(shown(view).match(/DeviceWanLinkDown/g)).toHaveLength(2);
    expect(shown(view)).toContain('2 events wait for the gateway, 0 dropped');
  });

  it('tell why of one tunnel only', () => {
    const view = viewOf('why', SAMPLE, { tunnel: 'wan2-agw2' });
    const { choice } = view.json as { choice: { candidates: readonly { tunnel: string }[] } };
    expect(choice.candidates.map(({ tunnel }) => tunnel)).toEqual(['wan2-agw2']);
  });

  it('tell of a dead agent what it left standing', () => {
    const { kernel } = healthyFacts();
    const { prefixes } = HEALTHY_SNAPSHOT.desired;
    const tunnel = {
      id: 'wan1-agw1',
      uplink: 'wan1',
      deviceName: 'sagt1',
      innerLocal: '',
      innerRemote: '',
    };
    const stored = { revision: 12, ccn: 'ccn-1', prefixes, tunnels: [tunnel], eventsWaiting: 3 };
    const { uplinks } = HEALTHY_SNAPSHOT.fastPath;
    const text = shown(offlineView({ uplinks, stored, ...(kernel && { kernel }) }));
    expect(text).toMatch(/wan1 +wan1 +up +10\.91\.1\.2\/24/);
    expect(text).toMatch(/lte +wwan0 +missing/);
    expect(text).toMatch(/wan1-agw1 +sagt1 +up/);
    expect(text).toContain('2 installed, 2 prefixes published');
  });

  it('say what they do not know, instead of showing it as nothing', () => {
    const view = offlineView({ uplinks: [], configProblem: 'ECONFIG_MISSING' });
    expect(view.attention).toHaveLength(4);
    expect(shown(view)).toContain('The kernel could not be asked.');
  });
});
