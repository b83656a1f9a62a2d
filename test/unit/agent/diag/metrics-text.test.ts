import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mayAsk } from '../../../../agent/diag/control-peer.ts';
import { metricsText } from '../../../../agent/diag/metrics-text.ts';
import { WORN } from '../../../kit/netlink-counters.ts';
import { SAMPLE } from './sample-snapshot.ts';

function promtool(input: string): string {
  return execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
}

describe('the metrics', () => {
  const text = metricsText(SAMPLE);

  it('say what is so, in base units, and nothing that was not measured', () => {
    expect(text).toContain(
      'sag_tunnel_active{tunnel="wan1-agw1",uplink="wan1",gateway="agw-hangzhou-1"} 1\n',
    );
    expect(text).toContain('sag_uplink_up{uplink="lte",kind="lte"} 0\n');
    expect(text).toContain('sag_lte_signal_dbm -104\n');
    expect(text).not.toContain('sag_tunnel_rtt');
    expect(text).not.toContain('sag_host');
  });

  it('tell of either thread what its sockets to the kernel have been through', () => {
    const worn = metricsText({ ...SAMPLE, netlink: WORN });
    const of = (name: string) =>
      worn.split('\n').filter((line) => line.startsWith(`sag_netlink_${name}`));
    expect(of('overruns')).toEqual(['sag_netlink_overruns_total{thread="control"} 3']);
    expect(of('resyncs')).toEqual(['sag_netlink_resyncs_total{thread="control"} 2']);
    expect(of('dumps_failed')).toEqual(['sag_netlink_dumps_failed_total{thread="control"} 1']);
    expect(of('dumps_torn')).toEqual(['sag_netlink_dumps_torn_total{thread="control"} 9']);
    expect(of('operations')).toEqual([
      'sag_netlink_operations_total{thread="control",result="acknowledged"} 40',
      'sag_netlink_operations_total{thread="control",result="refused"} 5',
    ]);
    expect(of('requests_dropped')).toEqual([
      'sag_netlink_requests_dropped_total{thread="control"} 10',
    ]);
    expect(of('messages_discarded')).toEqual([
      'sag_netlink_messages_discarded_total{thread="control",reason="malformed"} 13',
      'sag_netlink_messages_discarded_total{thread="control",reason="unexpected"} 8',
      'sag_netlink_messages_discarded_total{thread="control",reason="foreign"} 11',
    ]);
    const both = metricsText({
      ...SAMPLE,
      netlink: WORN,
      fastPath: { ...SAMPLE.fastPath, netlink: WORN },
    });
    expect(both).toContain('sag_netlink_overruns_total{thread="fast-path"} 3\n');
    expect(text).not.toContain('sag_netlink');
  });

  it('escape whatever a label holds', () => {
    const agent = { ...SAMPLE.agent, area: 'a"b\\c\nd' };
    expect(metricsText({ ...SAMPLE, agent })).toContain('area="a\\"b\\\\c\\nd"');
  });

  it('pass promtool', (ctx) => {
    try {
      execFileSync('promtool', ['--version'], { stdio: 'pipe' });
    } catch (error) {
      if (process.env['CI'] !== undefined) throw error;
      ctx.skip('promtool is not installed: apt-get install prometheus');
    }
    const fastPath = { ...SAMPLE.fastPath, netlink: WORN };
    expect(promtool(metricsText({ ...SAMPLE, netlink: WORN, fastPath }))).toBe('');
  });

  it('are all that the dashboard asks for', () => {
    const dashboard = readFileSync('deploy/grafana-dashboard.json', 'utf8');
    const asked = new Set([...dashboard.matchAll(/\bsag_[a-z0-9_]+/g)].map(([name]) => name));
    const source = readFileSync('agent/diag/metrics-text.ts', 'utf8');
    const known = [...source.matchAll(/'([a-z0-9_]+)',/g)].flatMap(([, name]) => [
      `sag_${name}`,
      `sag_${name}_total`,
    ]);
    expect(asked.size).toBeGreaterThan(10);
    expect([...asked].filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('who may ask at the control socket', () => {
  const own = { uid: 900, gid: 901 };
  const peer = { pid: 1, uid: 1_000, gid: 1_000, groups: [1_000] };

  it('is root, the own user, and members of the own group', () => {
    expect(mayAsk({ ...peer, uid: 0 }, own)).toBe(true);
    expect(mayAsk({ ...peer, uid: 900 }, own)).toBe(true);
    expect(mayAsk({ ...peer, gid: 901 }, own)).toBe(true);
    expect(mayAsk({ ...peer, groups: [27, 901] }, own)).toBe(true);
  });

  it('is nobody else', () => {
    expect(mayAsk(peer, own)).toBe(false);
    expect(mayAsk({ ...peer, uid: 65_534, gid: 65_534, groups: [] }, own)).toBe(false);
  });
});
