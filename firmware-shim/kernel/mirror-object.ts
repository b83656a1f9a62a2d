/**
 * What the mirror keeps, one entry per kernel object: which kind it is, what makes it the same object, and
 * how its absence is told.
 *
 * Several routes may share destination, table, metric and tos (two uplinks in one network, `ip route append`);
 * together they are a slot. Within it the rest of the route tells them apart.
 */
import type { KernelDump } from './operations.ts';
import type { KernelEvent, KernelRoute } from './types.ts';

/** The news that an object is there, as it is now. */
export type Present = Extract<
  KernelEvent,
  {
    type:
      | 'linkChanged'
      | 'addressAdded'
      | 'routeAdded'
      | 'ruleAdded'
      | 'nexthopAdded'
      | 'neighbourChanged';
  }
>;
/** The news that an object is gone. */
export type Absent = Exclude<KernelEvent, Present | { type: 'overrun' }>;
export type Kind = KernelDump['dump'];

/** NUD_NONE and NUD_NOARP: entries nobody resolved; the kernel comes and goes with them without a word. */
const UNRESOLVED_STATES: readonly number[] = [0, 0x40];

export function isPresent(event: Present | Absent): event is Present {
  return !event.type.endsWith('Removed');
}

export function kindOf(event: Present | Absent): Kind {
  switch (event.type) {
    case 'linkChanged':
    case 'linkRemoved':
      return 'links';
    case 'addressAdded':
    case 'addressRemoved':
      return 'addresses';
    case 'routeAdded':
    case 'routeRemoved':
      return 'routes';
    case 'ruleAdded':
    case 'ruleRemoved':
      return 'rules';
    case 'nexthopAdded':
    case 'nexthopRemoved':
      return 'nexthops';
    case 'neighbourChanged':
    case 'neighbourRemoved':
      return 'neighbours';
  }
}

/** Equal for two pieces of news exactly when they speak of one object. */
export function keyOf(event: Present | Absent): string {
  switch (event.type) {
    case 'linkChanged':
      return String(event.link.index);
    case 'linkRemoved':
      return String(event.index);
    case 'addressAdded':
    case 'addressRemoved': {
      const { deviceIndex, address, prefixLength } = event.address;
      return `${deviceIndex} ${address}/${prefixLength}`;
    }
    case 'routeAdded':
    case 'routeRemoved':
      return routeKey(event.route);
    case 'ruleAdded':
    case 'ruleRemoved': {
      const { family, priority, table, protocol = 0, from = '', to = '', fwmark = 0 } = event.rule;
      return `${family} ${priority} ${table} ${protocol} ${from} ${to} ${fwmark}`;
    }
    case 'nexthopAdded':
      return String(event.nexthop.id);
    case 'nexthopRemoved':
      return String(event.id);
    case 'neighbourChanged':
    case 'neighbourRemoved':
      return `${event.neighbour.deviceIndex} ${event.neighbour.address}`;
  }
}

/** What a route competes for: at most one of a slot was meant, and a replace aims at the slot. */
export function routeSlot(route: KernelRoute): string {
  return `${route.table} ${route.destination} ${route.metric ?? 0} ${route.tos ?? 0}`;
}

function routeKey(route: KernelRoute): string {
  const { type, protocol, nexthopId = 0, deviceIndex = 0, gateway = '', source = '' } = route;
  const several = route.paths === undefined ? '' : JSON.stringify(route.paths);
  return `${routeSlot(route)} ${type} ${protocol} ${nexthopId} ${deviceIndex} ${gateway} ${source} ${several}`;
}

export function absenceOf(present: Present): Absent {
  switch (present.type) {
    case 'linkChanged':
      return { type: 'linkRemoved', index: present.link.index, name: present.link.name };
    case 'addressAdded':
      return { type: 'addressRemoved', address: present.address };
    case 'routeAdded':
      return { type: 'routeRemoved', route: present.route };
    case 'ruleAdded':
      return { type: 'ruleRemoved', rule: present.rule };
    case 'nexthopAdded':
      return { type: 'nexthopRemoved', id: present.nexthop.id };
    case 'neighbourChanged':
      return { type: 'neighbourRemoved', neighbour: present.neighbour };
  }
}

/** Neighbour entries nobody resolved are not kept, as `ip neighbour` does not show them. */
export function asKept(event: Present | Absent): Present | Absent {
  if (event.type !== 'neighbourChanged') return event;
  return UNRESOLVED_STATES.includes(event.neighbour.state) ? absenceOf(event) : event;
}

/** rtm_protocol of what carries one. */
export function protocolOf(event: Present | Absent): number | undefined {
  if ('route' in event) return event.route.protocol;
  if ('nexthop' in event) return event.nexthop.protocol;
  return undefined;
}

/** The same content; both are plain data of one kind and key. */
export function sameObject(a: Present, b: Present): boolean {
  // A route's key holds everything a route has.
  if (a.type === 'routeAdded') return true;
  return a === b || JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => [key, sorted(one)]);
}
