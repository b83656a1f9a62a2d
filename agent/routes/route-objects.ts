/**
 * The kernel objects that carry the prefixes of a plan, and what differs between two sets of them.
 *
 *     prefix ─┐
 *     prefix ─┼─▶ group ──▶ nexthop of the active tunnel's device
 *     prefix ─┘         └─▶ (or) the blackhole nexthop
 *
 * All prefixes of a family point to one group, so that a failover is one replace of that group whatever the
 * number of prefixes. Uplinks that balance traffic are members of that group with their weights. A blackhole
 * cannot share a group with others, so it is always alone.
 */
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import { formatPrefix, type Prefix } from '../../firmware-shim/kernel/prefix.ts';
import {
  type Family,
  type KernelNexthop,
  type KernelRoute,
  ROUTE_PROTOCOL,
} from '../../firmware-shim/kernel/types.ts';
import type { TunnelShare } from '../model/decision.ts';
import type { TunnelId } from '../model/tunnel.ts';

/** Nexthop ids 19600 to 19699 are ours in the namespace of the agent (docs/OPERATIONS.md names them too). */
export const NEXTHOP_IDS = {
  group: { ipv4: 19_600, ipv6: 19_601 },
  blackhole: { ipv4: 19_602, ipv6: 19_603 },
  /** One per tunnel, by its slot. */
  tunnel: { ipv4: 19_610, ipv6: 19_655 },
  last: 19_699,
} as const;
export const TUNNEL_SLOTS_MAX = NEXTHOP_IDS.tunnel.ipv6 - NEXTHOP_IDS.tunnel.ipv4;

/**
 * Behind every metric in ordinary use, so that a route of anybody else to the same prefix wins over ours, and
 * unlike any of them, so that a replace can only ever hit our own.
 */
export const ROUTE_METRIC = 19_600;

/** A tunnel with its place among the ids and the index of its device while that can carry a nexthop. */
export interface TunnelSlot {
  readonly tunnel: TunnelId;
  readonly slot: number;
  readonly deviceIndex: number | undefined;
}

export function isOurNexthop(id: number): boolean {
  return id >= NEXTHOP_IDS.group.ipv4 && id <= NEXTHOP_IDS.last;
}

export function isOurRoute(route: KernelRoute): boolean {
  return route.protocol === ROUTE_PROTOCOL && route.metric === ROUTE_METRIC;
}

export function routeKey(route: KernelRoute): string {
  return `${route.table} ${route.destination}`;
}

function isGroup(nexthop: KernelNexthop): boolean {
  return nexthop.group !== undefined;
}

/** The nexthop id of a slot; undefined when there are more tunnels than ids. */
export function tunnelNexthopId(slot: number, family: Family): number | undefined {
  return slot < TUNNEL_SLOTS_MAX ? NEXTHOP_IDS.tunnel[family] + slot : undefined;
}

/** The nexthops that shall be in the kernel while these members carry the prefixes of these families. */
export function wantedNexthops(
  families: readonly Family[],
  slots: readonly TunnelSlot[],
  members: readonly TunnelShare[],
): ReadonlyMap<number, KernelNexthop> {
  const wanted = new Map<number, KernelNexthop>();
  for (const family of families) addNexthops(wanted, family, slots, members);
  return wanted;
}

/** The routes of a plan, one per prefix, in the kernel's own spelling so that what it tells is recognised. */
export function wantedRoutes(
  prefixes: readonly Prefix[],
  table: number,
): ReadonlyMap<string, KernelRoute> {
  const wanted = new Map<string, KernelRoute>();
  for (const prefix of prefixes) {
    const route: KernelRoute = {
      family: prefix.family,
      destination: formatPrefix(prefix),
      table,
      protocol: ROUTE_PROTOCOL,
      type: 'unicast',
      metric: ROUTE_METRIC,
      nexthopId: NEXTHOP_IDS.group[prefix.family],
    };
    wanted.set(routeKey(route), route);
  }
  return wanted;
}

export function familiesOf(routes: ReadonlyMap<string, KernelRoute>): readonly Family[] {
  return [...new Set([...routes.values()].map((route) => route.family))];
}

/** Replaces of what differs, members before groups. */
export function nexthopAdds(
  actual: ReadonlyMap<number, KernelNexthop>,
  wanted: ReadonlyMap<number, KernelNexthop>,
): readonly KernelOperation[] {
  const changed = [...wanted.values()].filter((each) => !sameNexthop(actual.get(each.id), each));
  return [...changed.filter((each) => !isGroup(each)), ...changed.filter(isGroup)].map(
    (nexthop) => ({ op: 'nexthopReplace', nexthop }),
  );
}

/** Deletes of what nobody wants, groups before members. */
export function nexthopDeletes(
  actual: ReadonlyMap<number, KernelNexthop>,
  wanted: ReadonlyMap<number, KernelNexthop>,
): readonly KernelOperation[] {
  const stale = [...actual.values()].filter(({ id }) => !wanted.has(id));
  return [...stale.filter(isGroup), ...stale.filter((each) => !isGroup(each))].map(({ id }) => ({
    op: 'nexthopDelete',
    id,
  }));
}

/** Adds before deletes, so that a prefix that only moves is never without a route. */
export function routeDifference(
  actual: ReadonlyMap<string, KernelRoute>,
  wanted: ReadonlyMap<string, KernelRoute>,
): readonly KernelOperation[] {
  const missing = [...wanted].filter(([key, route]) => !isSameWay(actual.get(key), route));
  const stale = [...actual].filter(([key]) => !wanted.has(key));
  return [
    ...missing.map(([, route]) => ({ op: 'routeReplace', route }) as const),
    ...stale.map(([, route]) => ({ op: 'routeDelete', route }) as const),
  ];
}

/** Whether a route to that destination leads the same way. */
export function isSameWay(known: KernelRoute | undefined, wanted: KernelRoute): boolean {
  if (known === undefined) return false;
  // Of a route with a nexthop object the kernel may also tell where that leads.
  if (wanted.nexthopId !== undefined) return known.nexthopId === wanted.nexthopId;
  return (
    known.nexthopId === undefined &&
    known.gateway === wanted.gateway &&
    known.deviceIndex === wanted.deviceIndex
  );
}

function addNexthops(
  wanted: Map<number, KernelNexthop>,
  family: Family,
  slots: readonly TunnelSlot[],
  members: readonly TunnelShare[],
): void {
  const add = (nexthop: Omit<KernelNexthop, 'family' | 'protocol'>): void => {
    wanted.set(nexthop.id, { ...nexthop, family, protocol: ROUTE_PROTOCOL });
  };
  const blackholeId = NEXTHOP_IDS.blackhole[family];
  add({ id: blackholeId, blackhole: true });
  for (const { slot, deviceIndex } of slots) {
    const id = tunnelNexthopId(slot, family);
    if (id !== undefined && deviceIndex !== undefined) add({ id, deviceIndex });
  }
  const group = members.flatMap(({ tunnel, weight }) => {
    const place = slots.find((each) => each.tunnel === tunnel && each.deviceIndex !== undefined);
    const id = place && tunnelNexthopId(place.slot, family);
    return id === undefined ? [] : [{ id, weight }];
  });
  if (group.length === 0) group.push({ id: blackholeId, weight: 1 });
  add({ id: NEXTHOP_IDS.group[family], group });
}

function sameNexthop(a: KernelNexthop | undefined, b: KernelNexthop): boolean {
  if (a === undefined || a.protocol !== b.protocol) return false;
  // A group belongs to no family; the kernel tells it as IPv4.
  if (b.group === undefined && a.family !== b.family) return false;
  if (a.blackhole === true || b.blackhole === true) return a.blackhole === b.blackhole;
  const members = (nexthop: KernelNexthop): string =>
    (nexthop.group ?? []).map((member) => `${member.id}x${member.weight}`).join(' ');
  return a.deviceIndex === b.deviceIndex && members(a) === members(b);
}
