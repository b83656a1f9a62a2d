/**
 * Routes and rules of the simulated kernel, as strict as the real one.
 */
import type { KernelResult } from '../../../firmware-shim/kernel/operations.ts';
import {
  formatPrefix,
  hasHostBits,
  networkOf,
  parsePrefix,
} from '../../../firmware-shim/kernel/prefix.ts';
import type {
  KernelAddress,
  KernelRoute,
  KernelRule,
} from '../../../firmware-shim/kernel/types.ts';
import { deviceToward, granted, type KernelState, refused } from './kernel-state.ts';

/** The metric IPv6 routes have when none is given. */
const IPV6_METRIC = 1024;

export function putRoute(
  state: KernelState,
  how: 'routeAdd' | 'routeReplace',
  asked: KernelRoute,
): KernelResult {
  const prefix = parsePrefix(asked.destination);
  if (prefix === undefined || prefix.family !== asked.family) {
    return refused('EINVAL', `not an ${asked.family} prefix: ${JSON.stringify(asked.destination)}`);
  }
  if (asked.family === 'ipv4' && hasHostBits(prefix)) {
    return refused('EINVAL', 'Invalid prefix for given prefix length');
  }
  const path = resolvePath(state, asked);
  if ('ok' in path) return path;
  const route = asRead({ ...path, destination: formatPrefix(networkOf(prefix)) });
  const at = state.routes.findIndex((present) => sameKey(present, route));
  if (at >= 0 && how === 'routeAdd') return refused('EEXIST');
  if (at >= 0) state.routes[at] = route;
  else state.routes.push(route);
  state.tell({ type: 'routeAdded', route, ...(at >= 0 && { replaces: true }) });
  return granted;
}

export function deleteRoute(state: KernelState, asked: KernelRoute): KernelResult {
  const at = state.routes.findIndex((present) => matchesDelete(present, asked));
  const route = state.routes[at];
  if (route === undefined) return refused('ESRCH');
  state.routes.splice(at, 1);
  state.tell({ type: 'routeRemoved', route });
  return granted;
}

/** What a device takes along when it goes down: IPv4 routes silently, IPv6 routes aloud. */
export function flushDeviceRoutes(state: KernelState, deviceIndex: number): void {
  const gone = state.routes.filter((route) => route.deviceIndex === deviceIndex);
  state.routes = state.routes.filter((route) => route.deviceIndex !== deviceIndex);
  for (const route of gone) {
    if (route.family === 'ipv6') state.tell({ type: 'routeRemoved', route });
  }
}

/**
 * What an IPv4 address takes along, silently: routes with it as their source and, when it was the device's
 * last, every route straight out of the device. Routes through nexthop objects stay.
 */
export function flushAddressRoutes(state: KernelState, gone: KernelAddress): void {
  const isLast = !state.addresses.some(
    (address) => address.family === 'ipv4' && address.deviceIndex === gone.deviceIndex,
  );
  state.routes = state.routes.filter(
    (route) =>
      route.family !== 'ipv4' ||
      (route.source !== gone.address && !(isLast && route.deviceIndex === gone.deviceIndex)),
  );
}

export function addRule(state: KernelState, asked: KernelRule): KernelResult {
  // A rule always reads with a protocol; zero is nobody's.
  const rule = { ...asked, protocol: asked.protocol ?? 0 };
  if (state.rules.some((present) => sameRule(present, rule))) return refused('EEXIST');
  state.rules.push(rule);
  state.rules.sort((a, b) => a.priority - b.priority);
  state.tell({ type: 'ruleAdded', rule });
  return granted;
}

/** Deletes the first rule that has everything asked for; what is not asked for may be anything. */
export function deleteRule(state: KernelState, asked: KernelRule): KernelResult {
  const wanted = Object.entries(asked);
  const at = state.rules.findIndex((present) =>
    wanted.every(([field, value]) => present[field as keyof KernelRule] === value),
  );
  const rule = state.rules[at];
  if (rule === undefined) return refused('ENOENT');
  state.rules.splice(at, 1);
  state.tell({ type: 'ruleRemoved', rule });
  return granted;
}

/** The route with its device filled in, or why it cannot be. */
function resolvePath(state: KernelState, asked: KernelRoute): KernelRoute | KernelResult {
  const { family, gateway, nexthopId } = asked;
  if (asked.source !== undefined && !ownsAddress(state, asked.source)) {
    return refused('EINVAL', 'Invalid prefsrc address');
  }
  if (nexthopId !== undefined) return resolveNexthop(state, asked, nexthopId);
  if (asked.type === 'blackhole' || asked.type === 'unreachable') return asked;
  if (gateway !== undefined) {
    const device = deviceToward(state, gateway, family, asked.deviceIndex);
    if (device !== undefined) return { ...asked, deviceIndex: device.index };
    return family === 'ipv4'
      ? refused('ENETUNREACH', 'Nexthop has invalid gateway')
      : refused('EHOSTUNREACH');
  }
  const device = state.devices.get(asked.deviceIndex ?? 0);
  if (device === undefined) return refused('ENODEV');
  if (device.adminUp) return asked;
  const text = family === 'ipv4' ? 'Device for nexthop is not up' : 'Nexthop device is not up';
  return refused('ENETDOWN', text);
}

function resolveNexthop(
  state: KernelState,
  asked: KernelRoute,
  nexthopId: number,
): KernelRoute | KernelResult {
  const nexthop = state.nexthops.get(nexthopId);
  if (nexthop === undefined) return refused('EINVAL', 'Nexthop id does not exist');
  if (asked.deviceIndex !== undefined || asked.gateway !== undefined) {
    return refused('EINVAL', 'Nexthop specification and nexthop id are mutually exclusive');
  }
  if (asked.family === 'ipv6' && nexthop.group === undefined && nexthop.family === 'ipv4') {
    return refused('EINVAL', 'IPv6 routes can not use an IPv4 nexthop');
  }
  return asked;
}

/** The same route as the kernel tells it: metric zero left out, IPv6 with its own default. */
function asRead(route: KernelRoute): KernelRoute {
  const { metric = 0, ...rest } = route;
  if (route.family === 'ipv6') return { ...rest, metric: metric === 0 ? IPV6_METRIC : metric };
  return metric === 0 ? rest : { ...rest, metric };
}

function sameKey(a: KernelRoute, b: KernelRoute): boolean {
  return (
    a.family === b.family &&
    a.table === b.table &&
    a.destination === b.destination &&
    (a.metric ?? 0) === (b.metric ?? 0)
  );
}

/** The key and type must fit; of the path only what is asked for, and a metric only where one is given. */
function matchesDelete(present: KernelRoute, asked: KernelRoute): boolean {
  const { family, table, type, protocol } = asked;
  if (present.family !== family || present.table !== table) return false;
  if (present.type !== type || present.protocol !== protocol) return false;
  const prefix = parsePrefix(asked.destination);
  if (prefix === undefined || present.destination !== formatPrefix(networkOf(prefix))) return false;
  const optional = ['metric', 'gateway', 'deviceIndex', 'nexthopId', 'source'] as const;
  return optional.every((field) => asked[field] === undefined || asked[field] === present[field]);
}

function sameRule(a: KernelRule, b: KernelRule): boolean {
  const fields = ['family', 'priority', 'table', 'protocol', 'from', 'to', 'fwmark'] as const;
  return fields.every((field) => a[field] === b[field]);
}

function ownsAddress(state: KernelState, text: string): boolean {
  return state.addresses.some((address) => address.address === text);
}
