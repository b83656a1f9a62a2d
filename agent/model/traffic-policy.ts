/**
 * What a branch lets through, behind which address and how fast: ACL, SNAT and QoS of the desired document.
 *
 * Words and bounds are the SAG API's (AddACLRule, CreateQosCar, CreateQosPolicy). All of it concerns forwarded packets
 * alone: what the agent itself sends and receives is none of its business, so no rule can cut the management path.
 */
import type { UplinkId } from './uplink.ts';

/** SAG quotas: rules of an ACL; throttle rules of a QoS policy and classifiers of each. */
export const ACL_RULES_MAX = 50;
export const THROTTLES_MAX = 3;
export const CLASSIFIERS_MAX = 50;
/** One for each CIDR of a SAG by its quota. */
export const SNAT_RULES_MAX = 10;
/** 1 comes first (AddACLRule). */
export const ACL_PRIORITY_MAX = 100;
/** 1 comes first (CreateQosCar). */
export const QOS_PRIORITY_MAX = 3;
export const RATE_MBPS_MAX = 10_000;

export const IP_PROTOCOLS = ['ALL', 'TCP', 'UDP', 'ICMP'] as const;
export type IpProtocol = (typeof IP_PROTOCOLS)[number];

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Packets told apart by where they come from and go to; what is absent matches everything. */
export interface PacketMatch {
  readonly source?: string;
  readonly destination?: string;
  readonly protocol?: IpProtocol;
  /** Of TCP and UDP only. */
  readonly sourcePorts?: PortRange;
  readonly destinationPorts?: PortRange;
}

export interface AclRule extends PacketMatch {
  readonly id: string;
  /** As the branch sees it. Judged by who opened a connection: its answers pass with it. */
  readonly direction: 'in' | 'out';
  readonly policy: 'accept' | 'drop';
  /** `LAN`: private traffic through the tunnels; `WAN`: Internet traffic over the uplinks. */
  readonly type: 'LAN' | 'WAN';
  readonly priority: number;
}

export interface SnatRule {
  readonly id: string;
  readonly source: string;
  /** Of packets that leave there; absent: of those that leave through a tunnel. */
  readonly uplink?: UplinkId;
  /** Absent: the address of the uplink, whatever it is. */
  readonly address?: string;
}

/** An upper bound on what leaves the branch. */
export interface ThrottleRule {
  readonly id: string;
  readonly priority: number;
  readonly limit: RateLimit;
  readonly classifiers: readonly PacketMatch[];
}

export type RateLimit =
  | { readonly limitType: 'Absolute'; readonly mbps: number }
  | {
      readonly limitType: 'Percent';
      readonly percent: number;
      readonly of: 'CcnBandwidth' | 'InternetUpBandwidth';
    };

export interface TrafficPolicy {
  readonly acl?: readonly AclRule[];
  readonly snat?: readonly SnatRule[];
  readonly qos?: readonly ThrottleRule[];
  /** What a percentage is a part of. */
  readonly bandwidthMbps?: {
    readonly CcnBandwidth?: number;
    readonly InternetUpBandwidth?: number;
  };
}

/** What became of one rule in the kernel. */
export interface RuleResult {
  readonly kind: 'acl' | 'snat' | 'qos';
  readonly id: string;
  /** SAG says Functioning and Error of a QoS rule. */
  readonly state: 'applied' | 'error';
  readonly code?: string;
}

export type RuleName = Pick<RuleResult, 'kind' | 'id'>;

export function ruleKey({ kind, id }: RuleName): string {
  return `${kind}/${id}`;
}
