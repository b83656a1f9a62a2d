/**
 * Link and neighbour messages.
 */
import { formatAddress } from './address-text.ts';
import {
  type Attributes,
  attributeText,
  attributeU32,
  readAttributes,
  readU32,
  textOf,
  type Unparsed,
  viewOf,
} from './message-reader.ts';
import { AF_UNSPEC, familyOfNumber, IFF_LOWER_UP, IFF_UP, IFLA, NDA } from './netlink-numbers.ts';
import type { KernelEvent } from './types.ts';

const IFINFO_BYTES = 16;
const NDMSG_BYTES = 12;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function parseLink(payload: Uint8Array, removed: boolean): KernelEvent | Unparsed {
  if (payload.length < IFINFO_BYTES) return 'malformed';
  // A bridge tells of its ports in link messages of its own family: "deleted" there means released.
  if (payload[0] !== AF_UNSPEC) return 'ignored';
  const attributes = readAttributes(payload, IFINFO_BYTES);
  if (attributes === undefined) return 'malformed';
  const index = readU32(payload, 4);
  const flags = readU32(payload, 8);
  const name = attributeText(attributes, IFLA.IFNAME);
  const mtu = attributeU32(attributes, IFLA.MTU);
  // Wireless drivers send link messages that carry nothing but their own matters.
  if (name === undefined || mtu === undefined) return 'ignored';
  if (removed) return { type: 'linkRemoved', index, name };
  const kind = linkKind(attributes);
  const hardware = attributes.get(IFLA.ADDRESS);
  const carrierChanges = attributeU32(attributes, IFLA.CARRIER_CHANGES);
  return {
    type: 'linkChanged',
    link: {
      index,
      name,
      ...(kind !== undefined && { kind }),
      adminUp: (flags & IFF_UP) !== 0,
      carrier: (flags & IFF_LOWER_UP) !== 0,
      mtu,
      ...hardwareAddress(hardware),
      ...(carrierChanges !== undefined && { carrierChanges }),
    },
  };
}

function linkKind(attributes: Attributes): string | undefined {
  const nested = attributes.get(IFLA.LINKINFO);
  const kind = nested && readAttributes(nested, 0)?.get(IFLA.INFO_KIND);
  return kind && textOf(kind);
}

export function parseNeighbour(payload: Uint8Array, removed: boolean): KernelEvent | Unparsed {
  if (payload.length < NDMSG_BYTES) return 'malformed';
  const family = familyOfNumber(payload[0] ?? 0);
  if (family === undefined) return 'ignored';
  const view = viewOf(payload);
  const attributes = readAttributes(payload, NDMSG_BYTES);
  const destination = attributes?.get(NDA.DST);
  const address = destination && formatAddress(destination);
  if (attributes === undefined || address === undefined) return 'malformed';
  return {
    type: removed ? 'neighbourRemoved' : 'neighbourChanged',
    neighbour: {
      deviceIndex: view.getUint32(4, true),
      family,
      address,
      ...hardwareAddress(attributes.get(NDA.LLADDR)),
      state: view.getUint16(8, true),
    },
  };
}

/** Absent for devices without one, such as tunnels. */
function hardwareAddress(bytes: Uint8Array | undefined): { hardwareAddress?: string } {
  if (bytes === undefined || bytes.length === 0) return {};
  let text = '';
  for (const byte of bytes) text += `${text === '' ? '' : ':'}${HEX[byte] ?? ''}`;
  return { hardwareAddress: text };
}
