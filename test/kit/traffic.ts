/**
 * ACL, SNAT and QoS for tests: one of each that makes sense on the branch of `branch.ts`, and many drawn ones.
 */
import fc from 'fast-check';
import {
  type AclRule,
  IP_PROTOCOLS,
  type PacketMatch,
  type SnatRule,
  type ThrottleRule,
  type TrafficPolicy,
} from '../../agent/model/traffic-policy.ts';

export function aclRule(change: Partial<AclRule> = {}): AclRule {
  const words = { direction: 'out', policy: 'drop', type: 'LAN', priority: 10 } as const;
  return { id: 'no-telnet', ...words, ...change };
}

export function snatRule(change: Partial<SnatRule> = {}): SnatRule {
  return { id: 'office', source: '192.168.10.0/24', uplink: 'wan1', ...change };
}

export function throttle(change: Partial<ThrottleRule> = {}): ThrottleRule {
  const limit = { limitType: 'Absolute', mbps: 10 } as const;
  return { id: 'backup', priority: 1, limit, classifiers: [{}], ...change };
}

const prefix = fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '192.168.10.0/24', '172.16.7.9/32');
const ports = fc
  .tuple(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 0, max: 65_535 }))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const match: fc.Arbitrary<PacketMatch> = fc
  .record(
    {
      source: prefix,
      destination: prefix,
      protocol: fc.constantFrom(...IP_PROTOCOLS),
      sourcePorts: ports,
      destinationPorts: ports,
    },
    { requiredKeys: ['protocol'] },
  )
  .map(({ sourcePorts, destinationPorts, ...rest }) =>
    rest.protocol !== 'TCP' && rest.protocol !== 'UDP'
      ? rest
      : {
          ...rest,
          ...(sourcePorts === undefined ? {} : { sourcePorts }),
          ...(destinationPorts === undefined ? {} : { destinationPorts }),
        },
  );
const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/);

/** Policies that pass every check on the branch of `branch.ts`. */
export const trafficPolicies: fc.Arbitrary<TrafficPolicy> = fc.record({
  acl: fc.uniqueArray(
    fc
      .tuple(
        fc.record({
          id,
          direction: fc.constantFrom('in' as const, 'out' as const),
          policy: fc.constantFrom('accept' as const, 'drop' as const),
          type: fc.constantFrom('LAN' as const, 'WAN' as const),
          priority: fc.integer({ min: 1, max: 100 }),
        }),
        match,
      )
      .map(([rule, of]) => ({ ...rule, ...of })),
    { maxLength: 50, selector: (rule) => rule.id },
  ),
  snat: fc.constantFrom(
    [],
    [snatRule(), snatRule({ id: 'fixed', address: '203.0.113.9', uplink: 'wan2' })],
  ),
  qos: fc.uniqueArray(
    fc.record({
      id,
      priority: fc.integer({ min: 1, max: 3 }),
      limit: fc.constantFrom<ThrottleRule['limit'][]>(
        { limitType: 'Absolute', mbps: 10_000 },
        { limitType: 'Percent', percent: 1, of: 'CcnBandwidth' },
        { limitType: 'Percent', percent: 33, of: 'InternetUpBandwidth' },
      ),
      classifiers: fc.array(match, { minLength: 1, maxLength: 50 }),
    }),
    { maxLength: 3, selector: (rule) => rule.id },
  ),
  bandwidthMbps: fc.constant({ CcnBandwidth: 2, InternetUpBandwidth: 500 }),
});
