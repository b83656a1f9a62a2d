/** ACL, SNAT and QoS as statements of nft: by priority, on the right devices, each named after its rule. */
import { describe, expect, it } from 'vitest';
import type { TrafficPolicy } from '../../../../agent/model/traffic-policy.ts';
import { trafficLines } from '../../../../agent/state/traffic-rules.ts';
import { config } from '../../../kit/branch.ts';
import { aclRule, snatRule, throttle } from '../../../kit/traffic.ts';

const outside = { tunnelDevices: ['sag-t1', 'sag-t2'], uplinks: config.uplinks };

function compiled(traffic: TrafficPolicy, where = outside): readonly string[] {
  return trafficLines('inet t', traffic, where).map(({ text }) => text);
}

describe('an ACL', () => {
  it('is a chain of forwarded packets in which the best priority comes first and the rest passes', () => {
    const acl = [
      aclRule({ id: 'late', priority: 100 }),
      aclRule({
        id: 'web',
        priority: 1,
        policy: 'accept',
        protocol: 'TCP',
        source: '192.168.10.0/24',
        destination: '172.16.0.0/16',
        destinationPorts: { from: 80, to: 443 },
      }),
      aclRule({ id: 'also-late', priority: 100, direction: 'in', type: 'WAN', protocol: 'ICMP' }),
    ];
    expect(compiled({ acl })).toEqual([
      'add chain inet t access { type filter hook forward priority filter; policy accept; }',
      'add rule inet t access oifname { "sag-t1", "sag-t2" } ct direction original ip saddr 192.168.10.0/24 ip daddr 172.16.0.0/16 meta l4proto 6 tcp dport 80-443 counter accept comment "acl/web"',
      'add rule inet t access oifname { "sag-t1", "sag-t2" } ct direction original counter drop comment "acl/late"',
      'add rule inet t access iifname { "wan1", "wan2" } ct direction original meta l4proto { 1, 58 } counter drop comment "acl/also-late"',
    ]);
  });

  it('has nothing to say of tunnels where there are none', () => {
    expect(compiled({ acl: [aclRule()] }, { ...outside, tunnelDevices: [] })).toHaveLength(1);
  });
});

describe('SNAT', () => {
  it('hides a prefix behind the address of an uplink, or behind one of the document', () => {
    const snat = [snatRule(), { id: 'cloud', source: '192.168.10.0/24', address: '10.9.0.1' }];
    expect(compiled({ snat }).slice(1)).toEqual([
      'add rule inet t sources oifname { "wan1" } ip saddr 192.168.10.0/24 counter masquerade comment "snat/office"',
      'add rule inet t sources oifname { "sag-t1", "sag-t2" } ip saddr 192.168.10.0/24 counter snat ip to 10.9.0.1 comment "snat/cloud"',
    ]);
  });
});

describe('a throttle', () => {
  it('is one bucket for all of its classifiers', () => {
    const classifiers = [{ protocol: 'UDP' } as const, { destination: '2001:db8::/32' }];
    expect(compiled({ qos: [throttle({ classifiers })] }).slice(1)).toEqual([
      'add chain inet t rate1',
      'add rule inet t rate1 limit rate over 1250000 bytes/second burst 312500 bytes counter drop comment "qos/backup"',
      'add rule inet t rates oifname { "sag-t1", "sag-t2", "wan1", "wan2" } meta l4proto 17 goto rate1 comment "qos/backup"',
      'add rule inet t rates oifname { "sag-t1", "sag-t2", "wan1", "wan2" } ip6 daddr 2001:db8::/32 goto rate1 comment "qos/backup"',
    ]);
  });

  it('of a percentage is a part of what the document says, on the devices it is about', () => {
    const qos = [
      throttle({
        id: 'b',
        priority: 2,
        limit: { limitType: 'Percent', percent: 50, of: 'CcnBandwidth' },
      }),
      throttle({
        id: 'a',
        limit: { limitType: 'Percent', percent: 10, of: 'InternetUpBandwidth' },
      }),
    ];
    const bandwidthMbps = { CcnBandwidth: 2, InternetUpBandwidth: 100 };
    const all = compiled({ qos, bandwidthMbps });
    expect(all.filter((text) => text.includes('limit'))).toEqual([
      'add rule inet t rate1 limit rate over 1250000 bytes/second burst 312500 bytes counter drop comment "qos/a"',
      'add rule inet t rate2 limit rate over 125000 bytes/second burst 65536 bytes counter drop comment "qos/b"',
    ]);
    expect(all.find((text) => text.includes('goto rate1'))).toContain('{ "wan1", "wan2" }');
    expect(all.find((text) => text.includes('goto rate2'))).toContain('{ "sag-t1", "sag-t2" }');
  });
});
