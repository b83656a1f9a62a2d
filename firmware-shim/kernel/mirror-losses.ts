/**
 * What the kernel lets vanish without a message, concluded from the message it does send.
 *
 * A device without carrier holds no nexthops; one that is down holds no IPv4 routes but the local ones; an
 * IPv4 address takes the routes along that use it as their source, and a device's last one every IPv4 route
 * straight out of it. A nexthop shrinks its groups, an emptied group goes too, and with each its routes.
 * The message may come before the deed and not everything can be concluded: `doubtsAfter` names the kinds
 * that must be looked at again.
 */
import type { Absent, Kind, Present } from './mirror-object.ts';
import type { MirrorTables } from './mirror-tables.ts';
import type { KernelAddress, KernelLink, KernelRoute } from './types.ts';

const TABLE_MAIN = 254;

/** The silent consequences of `event`, in order; `tables` already hold the event itself. */
export function lossesAfter(
  event: Present | Absent,
  tables: MirrorTables,
): readonly (Present | Absent)[] {
  switch (event.type) {
    case 'linkChanged':
      return linkLosses(event.link, tables);
    case 'linkRemoved':
      return deviceLosses(event.index, tables);
    case 'addressRemoved':
      return event.address.family === 'ipv4' ? addressLosses(event.address, tables) : [];
    case 'nexthopRemoved':
      return nexthopLosses([event.id], tables);
    default:
      return [];
  }
}

/** The kinds of which something may have vanished unseen. `before` is the link as it was. */
export function doubtsAfter(
  event: Present | Absent,
  before: KernelLink | undefined,
): readonly Kind[] {
  switch (event.type) {
    case 'linkChanged': {
      const wentDown = before?.adminUp === true && !event.link.adminUp;
      const lostCarrier = before?.carrier === true && !event.link.carrier;
      return wentDown || lostCarrier ? ['nexthops', 'addresses', 'routes'] : [];
    }
    case 'linkRemoved':
      return ['nexthops', 'addresses', 'routes', 'neighbours'];
    case 'addressRemoved':
      return ['nexthops', 'addresses', 'routes'];
    case 'nexthopRemoved':
      return ['nexthops', 'routes'];
    // Rules with selectors unknown here look alike: one of them gone is not all of them gone.
    case 'ruleRemoved':
      return ['rules'];
    default:
      return [];
  }
}

function linkLosses(link: KernelLink, tables: MirrorTables): readonly (Present | Absent)[] {
  if (link.adminUp && link.carrier) return [];
  const losses = nexthopsOn(link.index, tables);
  if (link.adminUp) return losses;
  const routes = routesWhere(
    tables,
    (route) =>
      route.family === 'ipv4' && route.deviceIndex === link.index && route.type !== 'local',
  );
  return [...losses, ...routes];
}

function deviceLosses(index: number, tables: MirrorTables): readonly (Present | Absent)[] {
  const losses: (Present | Absent)[] = [
    ...nexthopsOn(index, tables),
    ...routesWhere(tables, (route) => route.deviceIndex === index),
  ];
  for (const one of tables.all('addresses')) {
    if (one.type === 'addressAdded' && one.address.deviceIndex === index)
      losses.push({ type: 'addressRemoved', address: one.address });
  }
  for (const one of tables.all('neighbours')) {
    if (one.type === 'neighbourChanged' && one.neighbour.deviceIndex === index)
      losses.push({ type: 'neighbourRemoved', neighbour: one.neighbour });
  }
  return losses;
}

function addressLosses(gone: KernelAddress, tables: MirrorTables): readonly Absent[] {
  const left = [...tables.all('addresses')].flatMap((one) =>
    one.type === 'addressAdded' && one.address.family === 'ipv4' ? [one.address] : [],
  );
  const isOurs = left.some((one) => one.address === gone.address);
  const isLast = !left.some((one) => one.deviceIndex === gone.deviceIndex);
  return routesWhere(
    tables,
    (route) =>
      route.family === 'ipv4' &&
      ((!isOurs && route.source === gone.address && route.table === TABLE_MAIN) ||
        (isLast && route.deviceIndex === gone.deviceIndex)),
  );
}

function nexthopsOn(index: number, tables: MirrorTables): readonly (Present | Absent)[] {
  const gone = [...tables.all('nexthops')].flatMap((one) =>
    one.type === 'nexthopAdded' && one.nexthop.deviceIndex === index ? [one.nexthop.id] : [],
  );
  const losses = gone.map((id): Absent => ({ type: 'nexthopRemoved', id }));
  return gone.length === 0 ? [] : [...losses, ...nexthopLosses(gone, tables)];
}

/** What goes with nexthops that went: group members, emptied groups, and the routes on any of these. */
function nexthopLosses(
  ids: readonly number[],
  tables: MirrorTables,
): readonly (Present | Absent)[] {
  const gone = new Set(ids);
  const losses: (Present | Absent)[] = [];
  for (const one of tables.all('nexthops')) {
    const { group } = one.type === 'nexthopAdded' ? one.nexthop : {};
    const left = group?.filter((member) => !gone.has(member.id));
    if (one.type !== 'nexthopAdded' || left === undefined || left.length === group?.length)
      continue;
    if (left.length > 0) losses.push({ ...one, nexthop: { ...one.nexthop, group: left } });
    else {
      gone.add(one.nexthop.id);
      losses.push({ type: 'nexthopRemoved', id: one.nexthop.id });
    }
  }
  const routes = routesWhere(
    tables,
    ({ nexthopId }) => nexthopId !== undefined && gone.has(nexthopId),
  );
  return [...losses, ...routes];
}

function routesWhere(
  tables: MirrorTables,
  isLost: (route: KernelRoute) => boolean,
): readonly Absent[] {
  const lost: Absent[] = [];
  for (const one of tables.all('routes')) {
    if (one.type === 'routeAdded' && isLost(one.route))
      lost.push({ type: 'routeRemoved', route: one.route });
  }
  return lost;
}
