/**
 * Whether the routes of a well-formed document make sense on this device. Overlaps with others are no reason to refuse
 * it: they are reported of each route (`agent/routes/route-conflicts.ts`).
 */
import { parseAddress } from '../../firmware-shim/kernel/address-text.ts';
import {
  formatPrefix,
  hasHostBits,
  type Prefix,
  parsePrefix,
  prefixContains,
} from '../../firmware-shim/kernel/prefix.ts';
import { type DesiredRoute, POLICY_RULES, ROUTE_LENGTH_MIN } from '../model/branch-route.ts';
import type { DesiredDocument, Refusal } from '../model/desired.ts';

type Found = Refusal | undefined;

export function checkRoutes(
  { routes = [], healthChecks = [] }: Pick<DesiredDocument, 'routes' | 'healthChecks'>,
  lanPrefixes: readonly string[],
): Found {
  const checks = healthChecks.map(({ id }) => id);
  const lan = lanPrefixes.flatMap((text) => parsePrefix(text) ?? []);
  const seen = new Set<string>();
  for (const [index, route] of routes.entries()) {
    const at = `/routes/${index}`;
    const prefix = route.cidr.includes('/') ? parsePrefix(route.cidr) : undefined;
    const found =
      checkCidr(prefix, `${at}/cidr`) ??
      (prefix && checkPlace(route, prefix, lan, at)) ??
      checkHealth(route, checks, at);
    if (found !== undefined || prefix === undefined) return found;
    const text = formatPrefix(prefix);
    if (seen.has(text)) {
      return refuse('EDESIRED_DUPLICATE', `${at}/cidr`, `${route.cidr} is listed twice`);
    }
    seen.add(text);
  }
  return undefined;
}

function checkCidr(prefix: Prefix | undefined, at: string): Found {
  if (prefix === undefined) return refuse('EDESIRED_PREFIX', at, 'not a prefix such as 10.0.0.0/8');
  if (hasHostBits(prefix)) {
    return refuse('EDESIRED_PREFIX', at, 'bits behind the prefix length are set');
  }
  const least = ROUTE_LENGTH_MIN[prefix.family];
  if (prefix.length >= least) return undefined;
  return refuse('EDESIRED_PREFIX', at, `a route of a branch has a length of at least ${least}`);
}

/** In the LAN itself, or behind a next hop there. */
function checkPlace(
  { nextHop }: DesiredRoute,
  prefix: Prefix,
  lan: readonly Prefix[],
  at: string,
): Found {
  if (nextHop === undefined) {
    const text = formatPrefix(prefix);
    if (lan.some((each) => formatPrefix(each) === text)) return undefined;
    const sentence = 'neither a LAN prefix of this device nor behind a next hop';
    return refuse('EDESIRED_ROUTE', `${at}/cidr`, sentence);
  }
  const hop = parseAddress(nextHop) === undefined ? undefined : parsePrefix(nextHop);
  if (hop === undefined) return refuse('EDESIRED_ADDRESS', `${at}/nextHop`, 'not an IP address');
  if (hop.family !== prefix.family) {
    const sentence = 'prefix and next hop are of two address families';
    return refuse('EDESIRED_FAMILY', `${at}/nextHop`, sentence);
  }
  if (lan.some((each) => prefixContains(each, hop))) return undefined;
  return refuse('EDESIRED_ROUTE', `${at}/nextHop`, 'in none of the prefixes of this branch');
}

function checkHealth(
  { policy, healthCheck }: DesiredRoute,
  checks: readonly string[],
  at: string,
): Found {
  const reads = POLICY_RULES[policy].turnsOn !== undefined;
  if (reads && healthCheck !== undefined) {
    if (checks.includes(healthCheck)) return undefined;
    const sentence = `the document has no health check ${healthCheck}`;
    return refuse('EDESIRED_HEALTH', `${at}/healthCheck`, sentence);
  }
  if (reads === (healthCheck !== undefined)) return undefined;
  const sentence = reads
    ? `${policy} needs the id of a health check`
    : `${policy} reads no health check`;
  return refuse('EDESIRED_HEALTH', `${at}/healthCheck`, sentence);
}

function refuse(code: string, pointer: string, sentence: string): Refusal {
  return { code, pointer, sentence };
}
