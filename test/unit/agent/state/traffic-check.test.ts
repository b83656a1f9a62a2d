/** Which ACL, SNAT and QoS are refused, with what code and where; by their shape and by their meaning. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDesiredValue } from '../../../../agent/contract/desired-schema.ts';
import type { TrafficPolicy } from '../../../../agent/model/traffic-policy.ts';
import { checkTraffic } from '../../../../agent/state/traffic-check.ts';
import { config, desired } from '../../../kit/branch.ts';
import { aclRule, snatRule, throttle, trafficPolicies } from '../../../kit/traffic.ts';

/** As the gateway would send it, so that shape and meaning are both judged. */
function refusalOf(traffic: TrafficPolicy): string {
  const read = readDesiredValue(desired({ traffic }));
  const refusal = read.ok ? checkTraffic(read.value.traffic, config) : read.refusal;
  return refusal === undefined ? 'accepted' : `${refusal.code} ${refusal.pointer}`;
}

const halfOfCcn = { limitType: 'Percent', percent: 50, of: 'CcnBandwidth' } as const;
const toCloud = { id: 'cloud', source: '192.168.10.0/24' } as const;

describe('rules for forwarded traffic', () => {
  it('are accepted when they make sense', () => {
    fc.assert(
      fc.property(trafficPolicies, (traffic) => {
        expect(refusalOf(traffic)).toBe('accepted');
      }),
    );
  });

  it.each<[string, TrafficPolicy, string]>([
    [
      'a priority of 0',
      { acl: [aclRule({ priority: 0 })] },
      'EPAYLOAD_SHAPE /traffic/acl/0/priority',
    ],
    [
      'a priority of 101',
      { acl: [aclRule(), aclRule({ priority: 101 })] },
      'EPAYLOAD_SHAPE /traffic/acl/1/priority',
    ],
    [
      '51 ACL rules',
      { acl: Array.from({ length: 51 }, (_, at) => aclRule({ id: `r${at}` })) },
      'EPAYLOAD_SHAPE /traffic/acl',
    ],
    [
      'four throttles',
      { qos: ['a', 'b', 'c', 'd'].map((id) => throttle({ id })) },
      'EPAYLOAD_SHAPE /traffic/qos',
    ],
    [
      '51 classifiers',
      { qos: [throttle({ classifiers: Array.from({ length: 51 }, () => ({})) })] },
      'EPAYLOAD_SHAPE /traffic/qos/0/classifiers',
    ],
    [
      'a throttle of priority 4',
      { qos: [throttle({ priority: 4 })] },
      'EPAYLOAD_SHAPE /traffic/qos/0/priority',
    ],
    [
      'two rules of one id',
      { acl: [aclRule(), aclRule()] },
      'EDESIRED_DUPLICATE /traffic/acl/1/id',
    ],
    [
      'an id that nft could read as more',
      { acl: [aclRule({ id: 'a" drop' })] },
      'EPAYLOAD_SHAPE /traffic/acl/0/id',
    ],
    [
      'a source that is a name',
      { acl: [aclRule({ source: 'example.com/24' })] },
      'EDESIRED_PREFIX /traffic/acl/0/source',
    ],
    [
      'a source that says more',
      { acl: [aclRule({ source: '10.0.0.0/8 accept' })] },
      'EDESIRED_PREFIX /traffic/acl/0/source',
    ],
    [
      'host bits',
      { acl: [aclRule({ destination: '10.0.0.1/8' })] },
      'EDESIRED_PREFIX /traffic/acl/0/destination',
    ],
    [
      'two families in one rule',
      { acl: [aclRule({ source: '10.0.0.0/8', destination: '2001:db8::/32' })] },
      'EDESIRED_FAMILY /traffic/acl/0/destination',
    ],
    [
      'ports of ICMP',
      { acl: [aclRule({ protocol: 'ICMP', sourcePorts: { from: 1, to: 2 } })] },
      'EDESIRED_PORTS /traffic/acl/0/sourcePorts',
    ],
    [
      'a range that ends before it begins',
      { acl: [aclRule({ protocol: 'TCP', destinationPorts: { from: 9, to: 8 } })] },
      'EDESIRED_PORTS /traffic/acl/0/destinationPorts/to',
    ],
    [
      'SNAT of what is not ours',
      { snat: [snatRule({ source: '10.0.0.0/8' })] },
      'EDESIRED_SNAT /traffic/snat/0/source',
    ],
    [
      'SNAT on an uplink we do not have',
      { snat: [snatRule({ uplink: 'wan9' })] },
      'EDESIRED_UPLINK /traffic/snat/0/uplink',
    ],
    ['SNAT to nothing', { snat: [toCloud] }, 'EDESIRED_SNAT /traffic/snat/0'],
    [
      'SNAT to another family',
      { snat: [{ ...toCloud, address: '2001:db8::1' }] },
      'EDESIRED_FAMILY /traffic/snat/0/address',
    ],
    [
      'SNAT to no address',
      { snat: [snatRule({ address: '10.0.0.256' })] },
      'EDESIRED_ADDRESS /traffic/snat/0/address',
    ],
    [
      'a part of an unknown whole',
      { qos: [throttle({ limit: halfOfCcn })] },
      'EDESIRED_QOS /traffic/qos/0/limit/of',
    ],
    [
      'ports of everything in a classifier',
      { qos: [throttle({ classifiers: [{}, { sourcePorts: { from: 1, to: 1 } }] })] },
      'EDESIRED_PORTS /traffic/qos/0/classifiers/1/sourcePorts',
    ],
  ])('are refused as a whole for %s', (_what, traffic, refusal) => {
    expect(refusalOf(traffic)).toBe(refusal);
  });
});
