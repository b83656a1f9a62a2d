/**
 * Address, route, rule and nexthop messages.
 */
import { familyBytes, formatAddress } from './address-text.ts';
import {
  type Attributes,
  attributeU32,
  readAttributes,
  type Unparsed,
  viewOf,
} from './message-reader.ts';
import {
  AF_UNSPEC,
  FR_ACT_TO_TBL,
  FRA,
  familyOfNumber,
  IFA,
  NEXTHOP_MEMBER_BYTES,
  NHA,
  RTA,
  RTM_F_CLONED,
  RTN,
} from './netlink-numbers.ts';
import { defaultPrefix } from './prefix.ts';
import type { Family, KernelEvent, NexthopMember, RouteType } from './types.ts';

const IFADDR_BYTES = 8;
const RTMSG_BYTES = 12;
const FIB_RULE_BYTES = 12;
const NHMSG_BYTES = 8;
const VIA_FAMILY_BYTES = 2;

export function parseAddressMessage(payload: Uint8Array, removed: boolean): KernelEvent | Unparsed {
  if (payload.length < IFADDR_BYTES) return 'malformed';
  const family = familyOfNumber(payload[0] ?? 0);
  if (family === undefined) return 'ignored';
  const attributes = readAttributes(payload, IFADDR_BYTES);
  // On a point-to-point device IFA_ADDRESS is the far end and IFA_LOCAL ours.
  const bytes = attributes?.get(IFA.LOCAL) ?? attributes?.get(IFA.ADDRESS);
  if (bytes?.length !== familyBytes(family)) return 'malformed';
  return {
    type: removed ? 'addressRemoved' : 'addressAdded',
    address: {
      deviceIndex: viewOf(payload).getUint32(4, true),
      family,
      address: formatAddress(bytes) ?? '',
      prefixLength: payload[1] ?? 0,
    },
  };
}

const ROUTE_TYPES: ReadonlyMap<number, RouteType> = new Map([
  [RTN.UNICAST, 'unicast'],
  [RTN.LOCAL, 'local'],
  [RTN.BROADCAST, 'broadcast'],
  [RTN.BLACKHOLE, 'blackhole'],
  [RTN.UNREACHABLE, 'unreachable'],
]);

export function parseRoute(payload: Uint8Array, removed: boolean): KernelEvent | Unparsed {
  if (payload.length < RTMSG_BYTES) return 'malformed';
  const [familyByte = 0, destinationLength = 0, , , tableByte = 0, protocol = 0, , type = 0] =
    payload;
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
  return {
    type: removed ? 'routeRemoved' : 'routeAdded',
    route: {
      family,
      destination,
      table: attributeU32(attributes, RTA.TABLE) ?? tableByte,
      protocol,
      // Through a blackhole nexthop the kernel shows the route itself as a blackhole.
      type: nexthopId === undefined ? (ROUTE_TYPES.get(type) ?? 'other') : 'unicast',
      ...(metric !== undefined && { metric }),
      // With nexthop_compat_mode the kernel repeats the nexthop's content in the route.
      ...(nexthopId === undefined ? directPath(attributes) : { nexthopId }),
      ...(source !== undefined && { source }),
    },
  };
}

function directPath(attributes: Attributes): { gateway?: string; deviceIndex?: number } {
  const via = attributes.get(RTA.VIA)?.subarray(VIA_FAMILY_BYTES);
  const gateway = addressOf(attributes, RTA.GATEWAY) ?? (via && formatAddress(via));
  const deviceIndex = attributeU32(attributes, RTA.OIF);
  return {
    ...(gateway !== undefined && { gateway }),
    ...(deviceIndex !== undefined && { deviceIndex }),
  };
}

export function parseRule(payload: Uint8Array, removed: boolean): KernelEvent | Unparsed {
  if (payload.length < FIB_RULE_BYTES) return 'malformed';
  const [familyByte = 0, toLength = 0, fromLength = 0, , tableByte = 0, , , action = 0] = payload;
  const family = familyOfNumber(familyByte);
  if (family === undefined || action !== FR_ACT_TO_TBL) return 'ignored';
  const attributes = readAttributes(payload, FIB_RULE_BYTES);
  const from = prefixOf(attributes, FRA.SRC, fromLength, family);
  const to = prefixOf(attributes, FRA.DST, toLength, family);
  if (attributes === undefined || from === undefined || to === undefined) return 'malformed';
  const protocol = attributes.get(FRA.PROTOCOL)?.[0];
  const fwmark = attributeU32(attributes, FRA.FWMARK);
  return {
    type: removed ? 'ruleRemoved' : 'ruleAdded',
    rule: {
      family,
      // The first rule has priority 0, which the kernel leaves out.
      priority: attributeU32(attributes, FRA.PRIORITY) ?? 0,
      table: attributeU32(attributes, FRA.TABLE) ?? tableByte,
      ...(protocol !== undefined && { protocol }),
      ...(attributes.has(FRA.SRC) && { from }),
      ...(attributes.has(FRA.DST) && { to }),
      ...(fwmark !== undefined && { fwmark }),
    },
  };
}

export function parseNexthop(payload: Uint8Array, removed: boolean): KernelEvent | Unparsed {
  if (payload.length < NHMSG_BYTES) return 'malformed';
  const [familyByte = 0, , protocol = 0] = payload;
  const attributes = readAttributes(payload, NHMSG_BYTES);
  const id = attributes && attributeU32(attributes, NHA.ID);
  if (attributes === undefined || id === undefined) return 'malformed';
  if (removed) return { type: 'nexthopRemoved', id };
  const group = membersOf(attributes.get(NHA.GROUP));
  if (group === 'malformed') return 'malformed';
  const family = familyOfNumber(familyByte);
  if (family === undefined && (familyByte !== AF_UNSPEC || group === undefined)) return 'ignored';
  const deviceIndex = attributeU32(attributes, NHA.OIF);
  const gateway = addressOf(attributes, NHA.GATEWAY);
  return {
    type: 'nexthopAdded',
    nexthop: {
      id,
      // A group belongs to no family; it always reads as ipv4.
      family: family ?? 'ipv4',
      protocol,
      ...(attributes.has(NHA.BLACKHOLE) && { blackhole: true }),
      ...(deviceIndex !== undefined && { deviceIndex }),
      ...(gateway !== undefined && { gateway }),
      ...(group !== undefined && { group }),
    },
  };
}

function membersOf(
  bytes: Uint8Array | undefined,
): readonly NexthopMember[] | undefined | 'malformed' {
  if (bytes === undefined) return undefined;
  if (bytes.length % NEXTHOP_MEMBER_BYTES !== 0) return 'malformed';
  const view = viewOf(bytes);
  const members: NexthopMember[] = [];
  for (let at = 0; at < bytes.length; at += NEXTHOP_MEMBER_BYTES) {
    // Eight bits of weight, then eight higher ones in newer kernels, together counted from zero.
    members.push({ id: view.getUint32(at, true), weight: view.getUint16(at + 4, true) + 1 });
  }
  return members;
}

/** The prefix text of an attribute; the default one where it is absent, undefined where it is broken. */
function prefixOf(
  attributes: Attributes | undefined,
  type: number,
  length: number,
  family: Family,
): string | undefined {
  const bytes = attributes?.get(type);
  if (bytes === undefined) return length === 0 ? defaultPrefix(family) : undefined;
  if (bytes.length !== familyBytes(family) || length > 8 * bytes.length) return undefined;
  return `${formatAddress(bytes) ?? ''}/${length}`;
}

function addressOf(attributes: Attributes, type: number): string | undefined {
  const bytes = attributes.get(type);
  return bytes && formatAddress(bytes);
}
