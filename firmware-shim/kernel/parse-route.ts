/**
 * Route messages, with the several paths of a multipath route.
 */
import { addressOf, prefixOf } from './address-attribute.ts';
import { formatAddress } from './address-text.ts';
import {
  type Attributes,
  align,
  attributeU32,
  readAttributes,
  type Unparsed,
  viewOf,
} from './message-reader.ts';
import { familyOfNumber, RTA, RTM_F_CLONED, RTN } from './netlink-numbers.ts';
import type { KernelEvent, KernelRoute, RoutePath, RouteType } from './types.ts';

const RTMSG_BYTES = 12;
const RTNEXTHOP_BYTES = 8;
const VIA_FAMILY_BYTES = 2;

const ROUTE_TYPES: ReadonlyMap<number, RouteType> = new Map([
  [RTN.UNICAST, 'unicast'],
  [RTN.LOCAL, 'local'],
  [RTN.BROADCAST, 'broadcast'],
  [RTN.BLACKHOLE, 'blackhole'],
  [RTN.UNREACHABLE, 'unreachable'],
]);

export function parseRoute(
  payload: Uint8Array,
  what: 'added' | 'replaced' | 'removed',
): KernelEvent | Unparsed {
  const route = routeIn(payload);
  if (typeof route === 'string') return route;
  if (what === 'removed') return { type: 'routeRemoved', route };
  return { type: 'routeAdded', route, ...(what === 'replaced' && { replaces: true }) };
}

function routeIn(payload: Uint8Array): KernelRoute | Unparsed {
  if (payload.length < RTMSG_BYTES) return 'malformed';
  const [
    familyByte = 0,
    destinationLength = 0,
    ,
    tos = 0,
    tableByte = 0,
    protocol = 0,
    ,
    type = 0,
  ] = payload;
  const family = familyOfNumber(familyByte);
  // Cloned entries are the route cache: what the kernel learned, not what anyone routed.
  if (family === undefined || (viewOf(payload).getUint32(8, true) & RTM_F_CLONED) !== 0) {
    return 'ignored';
  }
  const attributes = readAttributes(payload, RTMSG_BYTES);
  const destination = prefixOf(attributes, RTA.DST, destinationLength, family);
  if (attributes === undefined || destination === undefined) return 'malformed';
  const metric = attributeU32(attributes, RTA.PRIORITY);
  const nexthopId = attributeU32(attributes, RTA.NH_ID);
  const source = addressOf(attributes, RTA.PREFSRC);
  const path = nexthopId === undefined ? ownPath(attributes) : { nexthopId };
  if (path === 'malformed') return 'malformed';
  return {
    family,
    destination,
    table: attributeU32(attributes, RTA.TABLE) ?? tableByte,
    protocol,
    // Through a blackhole nexthop the kernel shows the route itself as a blackhole.
    type: nexthopId === undefined ? (ROUTE_TYPES.get(type) ?? 'other') : 'unicast',
    ...(metric !== undefined && { metric }),
    // With nexthop_compat_mode the kernel repeats the nexthop's content in the route.
    ...path,
    ...(source !== undefined && { source }),
    ...(tos !== 0 && { tos }),
  };
}

type OwnPath = Pick<KernelRoute, 'gateway' | 'deviceIndex' | 'paths'>;

function ownPath(attributes: Attributes): OwnPath | 'malformed' {
  const several = attributes.get(RTA.MULTIPATH);
  if (several !== undefined) {
    const paths = pathsIn(several);
    return paths === 'malformed' ? paths : { paths };
  }
  const gateway = gatewayOf(attributes);
  const deviceIndex = attributeU32(attributes, RTA.OIF);
  return {
    ...(gateway !== undefined && { gateway }),
    ...(deviceIndex !== undefined && { deviceIndex }),
  };
}

function gatewayOf(attributes: Attributes): string | undefined {
  const via = attributes.get(RTA.VIA)?.subarray(VIA_FAMILY_BYTES);
  return addressOf(attributes, RTA.GATEWAY) ?? (via && formatAddress(via));
}

/** A row of rtnexthop structs, each followed by its own attributes. */
function pathsIn(bytes: Uint8Array): readonly RoutePath[] | 'malformed' {
  const view = viewOf(bytes);
  const paths: RoutePath[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.length - at < RTNEXTHOP_BYTES ? 0 : view.getUint16(at, true);
    if (length < RTNEXTHOP_BYTES || length > bytes.length - at) return 'malformed';
    const attributes = readAttributes(bytes.subarray(at, at + length), RTNEXTHOP_BYTES);
    if (attributes === undefined) return 'malformed';
    const gateway = gatewayOf(attributes);
    paths.push({
      deviceIndex: view.getUint32(at + 4, true),
      ...(gateway !== undefined && { gateway }),
      // The weight counts from zero on the wire.
      weight: (bytes[at + 3] ?? 0) + 1,
    });
    at += align(length);
  }
  return paths;
}
