/**
 * Address, rule and nexthop messages.
 */
import { addressOf, prefixOf } from './address-attribute.ts';
import { familyBytes, formatAddress } from './address-text.ts';
import { attributeU32, readAttributes, type Unparsed, viewOf } from './message-reader.ts';
import {
  AF_UNSPEC,
  FR_ACT_TO_TBL,
  FRA,
  familyOfNumber,
  IFA,
  NEXTHOP_MEMBER_BYTES,
  NHA,
} from './netlink-numbers.ts';
import type { KernelEvent, NexthopMember } from './types.ts';

const IFADDR_BYTES = 8;
const FIB_RULE_BYTES = 12;
const NHMSG_BYTES = 8;

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
