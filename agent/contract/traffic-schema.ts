/**
 * The shape of ACL, SNAT and QoS in the desired document, and of what is reported of their rules.
 */
import { Type } from '@sinclair/typebox';
import {
  ACL_PRIORITY_MAX,
  ACL_RULES_MAX,
  CLASSIFIERS_MAX,
  IP_PROTOCOLS,
  QOS_PRIORITY_MAX,
  RATE_MBPS_MAX,
  SNAT_RULES_MAX,
  THROTTLES_MAX,
} from '../model/traffic-policy.ts';
import { oneOf, strict, text, whole, word } from './payload-parts.ts';

const port = whole(0, 65_535, 'a port');
const ports = Type.Object({ from: port, to: port }, { ...strict, description: 'a range of ports' });
const mbps = whole(1, RATE_MBPS_MAX, 'a rate in Mbit/s');

const match = {
  source: Type.Optional(text('a prefix such as 10.0.0.0/8')),
  destination: Type.Optional(text('a prefix such as 10.0.0.0/8')),
  protocol: Type.Optional(oneOf(IP_PROTOCOLS, 'ALL, TCP, UDP or ICMP')),
  sourcePorts: Type.Optional(ports),
  destinationPorts: Type.Optional(ports),
};

const AclRuleSchema = Type.Object(
  {
    id: word('the id of an ACL rule'),
    direction: oneOf(['in', 'out'], 'in or out'),
    policy: oneOf(['accept', 'drop'], 'accept or drop'),
    type: oneOf(['LAN', 'WAN'], 'LAN or WAN'),
    priority: whole(1, ACL_PRIORITY_MAX, 'a priority'),
    ...match,
  },
  strict,
);

const SnatRuleSchema = Type.Object(
  {
    id: word('the id of an SNAT rule'),
    source: text('a prefix such as 10.0.0.0/8'),
    uplink: Type.Optional(word('an uplink id')),
    address: Type.Optional(text('an IP address')),
  },
  strict,
);

const RateLimitSchema = Type.Union(
  [
    Type.Object({ limitType: Type.Literal('Absolute'), mbps }, strict),
    Type.Object(
      {
        limitType: Type.Literal('Percent'),
        percent: whole(1, 100, 'a percentage'),
        of: oneOf(['CcnBandwidth', 'InternetUpBandwidth'], 'CcnBandwidth or InternetUpBandwidth'),
      },
      strict,
    ),
  ],
  {
    description: `a limit: Absolute with mbps from 1 to ${RATE_MBPS_MAX}, or Percent with percent from 1 to 100 and of`,
  },
);

const ThrottleRuleSchema = Type.Object(
  {
    id: word('the id of a QoS rule'),
    priority: whole(1, QOS_PRIORITY_MAX, 'a priority'),
    limit: RateLimitSchema,
    classifiers: Type.Array(Type.Object(match, strict), {
      minItems: 1,
      maxItems: CLASSIFIERS_MAX,
      description: `a list of 1 to ${CLASSIFIERS_MAX} classifiers`,
    }),
  },
  strict,
);

export const TrafficPolicySchema = Type.Object(
  {
    acl: Type.Optional(
      Type.Array(AclRuleSchema, {
        maxItems: ACL_RULES_MAX,
        description: `a list of at most ${ACL_RULES_MAX} ACL rules`,
      }),
    ),
    snat: Type.Optional(
      Type.Array(SnatRuleSchema, {
        maxItems: SNAT_RULES_MAX,
        description: `a list of at most ${SNAT_RULES_MAX} SNAT rules`,
      }),
    ),
    qos: Type.Optional(
      Type.Array(ThrottleRuleSchema, {
        maxItems: THROTTLES_MAX,
        description: `a list of at most ${THROTTLES_MAX} throttle rules`,
      }),
    ),
    bandwidthMbps: Type.Optional(
      Type.Object(
        { CcnBandwidth: Type.Optional(mbps), InternetUpBandwidth: Type.Optional(mbps) },
        strict,
      ),
    ),
  },
  { ...strict, description: 'ACL, SNAT and QoS of what the branch forwards' },
);

export const RuleResultsSchema = Type.Array(
  Type.Object({
    kind: oneOf(['acl', 'snat', 'qos'], 'acl, snat or qos'),
    id: word('the id of a rule'),
    state: oneOf(['applied', 'error'], 'applied or error'),
    code: Type.Optional(text('a stable code')),
  }),
  { description: 'what became of each rule for forwarded traffic' },
);
