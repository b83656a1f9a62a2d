/**
 * Decides which CIDRs of the branch the CCN is told of, by the six publishing policies of
 * ModifyRouteDistributionStrategy, and says why.
 *
 * Only the status a policy names changes anything: while a health check has not started (`unknown`) its route is as the
 * policy begins. A LAN prefix that the document does not name is published.
 */
import { type DesiredRoute, POLICY_RULES, type RouteDistribution } from '../model/branch-route.ts';
import type { HealthStatuses } from '../model/health-check.ts';
import { checkPrefixes } from './prefix-overlap.ts';
import type { AddressPlan, RouteConflicts } from './route-conflicts.ts';

/** The routes of the branch: those of the document, then the LAN prefixes it does not name. */
export function branchRoutes({ routes, lanPrefixes }: AddressPlan): readonly DesiredRoute[] {
  const unnamed = lanPrefixes.filter((cidr) => !routes.some((route) => route.cidr === cidr));
  return [...routes, ...unnamed.map((cidr) => ({ cidr, policy: 'publish' as const }))];
}

/** Every local route, with what `routeConflicts` says of each. */
export function distributeRoutes(
  routes: readonly DesiredRoute[],
  conflicts: readonly RouteConflicts[],
  health: HealthStatuses,
): readonly RouteDistribution[] {
  return routes.map((route, at) => distribute(route, health, conflicts[at]));
}

/** As a cold standby has them: nothing is published. */
export function heldOff(routes: readonly RouteDistribution[]): readonly RouteDistribution[] {
  const because = 'a cold standby publishes nothing';
  const taken = { state: 'revoked', published: 'not_publish', because } as const;
  return routes.map((route) => (route.published === 'publish' ? { ...route, ...taken } : route));
}

/** Every route of the cloud. */
export function cloudRoutes({
  prefixes,
  lanPrefixes,
}: Pick<AddressPlan, 'prefixes' | 'lanPrefixes'>): readonly RouteDistribution[] {
  const { refused } = checkPrefixes(prefixes, lanPrefixes);
  return prefixes.map((cidr) => {
    const refusal = refused.find(({ prefix }) => prefix === cidr);
    const shared = { cidr, sourceType: 'cloud', published: 'publish' } as const;
    if (refusal === undefined) {
      return { ...shared, state: 'normal', because: 'the CCN publishes it', conflictCidrs: [] };
    }
    const { because, conflict } = refusal;
    const conflictCidrs = conflict === undefined ? [] : [conflict];
    return { ...shared, state: 'revoked', because, conflictCidrs };
  });
}

function distribute(
  route: DesiredRoute,
  health: HealthStatuses,
  { conflictCidrs, standsBack }: RouteConflicts = { conflictCidrs: [] },
): RouteDistribution {
  const verdict = byPolicy(route, health);
  const isTakenBack = standsBack !== undefined && verdict.published === 'publish';
  return {
    ...route,
    sourceType: 'local',
    ...(isTakenBack
      ? { state: 'revoked', published: 'not_publish', because: standsBack }
      : verdict),
    conflictCidrs,
  };
}

type Verdict = Pick<RouteDistribution, 'state' | 'published' | 'because'>;

function byPolicy({ policy, healthCheck }: DesiredRoute, health: HealthStatuses): Verdict {
  const { begins, turnsOn } = POLICY_RULES[policy];
  if (turnsOn === undefined) {
    return { state: 'normal', published: begins, because: `its policy is ${policy}` };
  }
  const status = (healthCheck === undefined ? undefined : health[healthCheck]) ?? 'unknown';
  const because = `health check ${healthCheck} is ${status}`;
  if (status !== turnsOn) return { state: 'normal', published: begins, because };
  return begins === 'publish'
    ? { state: 'revoked', published: 'not_publish', because }
    : { state: 'normal', published: 'publish', because };
}
