/**
 * Which routes of the branch hold addresses of others, and which of them therefore stand back.
 *
 * The LAN's own prefixes come first, then what the CCN publishes, then routes to next hops in the LAN: such a route is
 * neither installed nor published while it overlaps one of the first two. The default route of the CCN is meant to
 * contain everything and takes nothing. Two routes of the branch may lie within each other: the longer prefix wins, as
 * everywhere, and both name the other.
 */
import { type Prefix, parsePrefix, prefixesOverlap } from '../../firmware-shim/kernel/prefix.ts';
import type { DesiredRoute } from '../model/branch-route.ts';

export interface RouteConflicts {
  readonly conflictCidrs: readonly string[];
  /** Why it stands back; absent: it does not. */
  readonly standsBack?: string;
}

export interface AddressPlan {
  readonly routes: readonly DesiredRoute[];
  readonly lanPrefixes: readonly string[];
  /** What the CCN publishes to the branch. */
  readonly prefixes: readonly string[];
}

interface Named {
  readonly text: string;
  readonly prefix: Prefix;
}

/** A report names the first few: one is enough to find the mistake, and a wide route may overlap thousands. */
const CONFLICTS_TOLD_MAX = 4;

/** The conflicts of each route, in their order. */
export function routeConflicts(plan: AddressPlan): readonly RouteConflicts[] {
  const lan = named(plan.lanPrefixes);
  const cloud = named(plan.prefixes).filter(({ prefix }) => prefix.length > 0);
  const routes = named(plan.routes.map(({ cidr }) => cidr));
  return plan.routes.map(({ cidr, nextHop }) => {
    const own = parsePrefix(cidr);
    if (own === undefined) return { conflictCidrs: [], standsBack: 'it is no prefix' };
    const overlapping = (others: readonly Named[]): readonly string[] =>
      others
        .filter((other) => other.text !== cidr && prefixesOverlap(own, other.prefix))
        .map(({ text }) => text);
    // A LAN prefix that is listed as a route is that same prefix.
    const withLan = nextHop === undefined ? overlapping(lan) : overlappingAny(own, lan);
    const withCloud = overlappingAny(own, cloud);
    const all = new Set([...withLan, ...withCloud, ...overlapping(routes)]);
    const conflictCidrs = [...all].slice(0, CONFLICTS_TOLD_MAX);
    const standsBack = reasonOf(nextHop, withLan[0], withCloud[0]);
    return { conflictCidrs, ...(standsBack !== undefined && { standsBack }) };
  });
}

function reasonOf(
  nextHop: string | undefined,
  lan: string | undefined,
  cloud: string | undefined,
): string | undefined {
  if (nextHop !== undefined && lan !== undefined) return `it overlaps the LAN prefix ${lan}`;
  return cloud === undefined ? undefined : `it overlaps ${cloud}, which the CCN publishes`;
}

function overlappingAny(own: Prefix, others: readonly Named[]): readonly string[] {
  return others.filter(({ prefix }) => prefixesOverlap(own, prefix)).map(({ text }) => text);
}

function named(texts: readonly string[]): readonly Named[] {
  return texts.flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix === undefined ? [] : [{ text, prefix }];
  });
}
