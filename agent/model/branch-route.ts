/**
 * Routes of the branch and what the cloud is told of them: the six publishing policies of
 * ModifyRouteDistributionStrategy, the states of DescribeRouteDistributionStrategies.
 */
import type { HealthCheckId, HealthStatus } from './health-check.ts';

export const ROUTE_POLICIES = [
  'publish',
  'no_publish',
  'no_publish_and_publish_on_health_success',
  'no_publish_and_publish_on_health_fail',
  'publish_and_revoke_on_health_success',
  'publish_and_revoke_on_health_fail',
] as const;
export type RoutePolicy = (typeof ROUTE_POLICIES)[number];

interface PolicyRule {
  readonly begins: 'publish' | 'not_publish';
  /** The status of its health check that turns it round; absent: it reads none. */
  readonly turnsOn?: HealthStatus;
}

export const POLICY_RULES: Readonly<Record<RoutePolicy, PolicyRule>> = {
  publish: { begins: 'publish' },
  no_publish: { begins: 'not_publish' },
  no_publish_and_publish_on_health_success: { begins: 'not_publish', turnsOn: 'success' },
  no_publish_and_publish_on_health_fail: { begins: 'not_publish', turnsOn: 'failed' },
  publish_and_revoke_on_health_success: { begins: 'publish', turnsOn: 'success' },
  publish_and_revoke_on_health_fail: { begins: 'publish', turnsOn: 'failed' },
};

/** The SAG quota for prefixes of one device, raised by ticket. */
export const BRANCH_ROUTES_MAX = 50;
/** SAG takes static CIDRs of /8 to /32; what is wider would swallow the Internet. */
export const ROUTE_LENGTH_MIN = { ipv4: 8, ipv6: 16 } as const;

/** One CIDR of the branch: of the LAN itself, or behind a next hop in it. */
export interface DesiredRoute {
  readonly cidr: string;
  /** A router in the LAN; absent: the CIDR is a LAN prefix of this device. */
  readonly nextHop?: string;
  readonly policy: RoutePolicy;
  /** Whose status decides; the four policies that speak of health need one. */
  readonly healthCheck?: HealthCheckId;
}

/** What has become of a route, in the words of DescribeRouteDistributionStrategies. */
export interface RouteDistribution {
  readonly cidr: string;
  /** `local`: of the branch; `cloud`: the CCN publishes it to the branch. */
  readonly sourceType: 'cloud' | 'local';
  readonly nextHop?: string;
  /** Of a local route. */
  readonly policy?: RoutePolicy;
  readonly healthCheck?: HealthCheckId;
  /** `revoked`: taken back although its policy or the CCN publishes it. */
  readonly state: 'normal' | 'revoked';
  readonly published: 'publish' | 'not_publish';
  /** One sentence. */
  readonly because: string;
  /** Others that hold addresses of it (DescribeSagRouteList `ConflictCidrs`). */
  readonly conflictCidrs: readonly string[];
}
