/**
 * Where the simulated kernel would send a packet: rules in order, then the longest prefix, then the nexthop.
 */
import { type Prefix, parsePrefix, prefixContains } from '../../../firmware-shim/kernel/prefix.ts';
import type {
  KernelNexthop,
  KernelRoute,
  KernelRule,
} from '../../../firmware-shim/kernel/types.ts';
import { type KernelState, TABLE_LOCAL } from './kernel-state.ts';

export interface PacketPath {
  readonly destination: string;
  readonly source?: string;
  readonly fwmark?: number;
}

export type PacketFate =
  | { readonly to: 'device'; readonly deviceIndex: number; readonly gateway?: string }
  | { readonly to: 'local' }
  | { readonly to: 'blackhole' }
  | { readonly to: 'unreachable' };

export function lookUp(state: KernelState, packet: PacketPath): PacketFate {
  const destination = parsePrefix(packet.destination);
  if (destination === undefined) return { to: 'unreachable' };
  for (const rule of state.rules) {
    if (!matches(rule, destination, packet)) continue;
    if (rule.table === TABLE_LOCAL) {
      if (isOwn(state, packet.destination)) return { to: 'local' };
      continue;
    }
    const route = longestMatch(state.routes, rule.table, destination);
    if (route !== undefined) return fateOf(state, route);
  }
  return { to: 'unreachable' };
}

function matches(rule: KernelRule, destination: Prefix, packet: PacketPath): boolean {
  if (rule.family !== destination.family) return false;
  if (rule.fwmark !== undefined && rule.fwmark !== (packet.fwmark ?? 0)) return false;
  if (rule.to !== undefined && !within(rule.to, destination)) return false;
  if (rule.from === undefined) return true;
  const source = packet.source === undefined ? undefined : parsePrefix(packet.source);
  return source !== undefined && within(rule.from, source);
}

function within(outer: string, inner: Prefix): boolean {
  const prefix = parsePrefix(outer);
  return prefix !== undefined && prefixContains(prefix, inner);
}

function isOwn(state: KernelState, address: string): boolean {
  return state.addresses.some((one) => one.address === address);
}

/** Of equally long prefixes the smaller metric wins. */
function longestMatch(
  routes: readonly KernelRoute[],
  table: number,
  destination: Prefix,
): KernelRoute | undefined {
  let best: { route: KernelRoute; length: number } | undefined;
  for (const route of routes) {
    const prefix = route.table === table ? parsePrefix(route.destination) : undefined;
    if (prefix === undefined || !prefixContains(prefix, destination)) continue;
    const better =
      best === undefined ||
      prefix.length > best.length ||
      (prefix.length === best.length && (route.metric ?? 0) < (best.route.metric ?? 0));
    if (better) best = { route, length: prefix.length };
  }
  return best?.route;
}

function fateOf(state: KernelState, route: KernelRoute): PacketFate {
  if (route.type === 'blackhole') return { to: 'blackhole' };
  if (route.nexthopId !== undefined) return nexthopFate(state, state.nexthops.get(route.nexthopId));
  return pathOf(route.deviceIndex, route.gateway);
}

/** Of a group the first member is taken: the simulated world has no flows to spread. */
function nexthopFate(state: KernelState, nexthop: KernelNexthop | undefined): PacketFate {
  const member = nexthop?.group?.[0];
  const path = member === undefined ? nexthop : state.nexthops.get(member.id);
  if (path?.blackhole === true) return { to: 'blackhole' };
  return pathOf(path?.deviceIndex, path?.gateway);
}

function pathOf(deviceIndex: number | undefined, gateway: string | undefined): PacketFate {
  if (deviceIndex === undefined) return { to: 'unreachable' };
  return { to: 'device', deviceIndex, ...(gateway !== undefined && { gateway }) };
}
