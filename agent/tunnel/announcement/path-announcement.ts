/**
 * The packet by which a branch tells a hub which tunnel it uses, and by which the hub confirms: 32 bytes, to
 * and from bytes. docs/PATH-ANNOUNCEMENT.md shows each byte.
 *
 * The tunnel is named by the branch's inner address in it, which both ends know by configuration; ids are
 * private to each end.
 */
import {
  formatAddress,
  IPV6_BYTES,
  parseAddress,
} from '../../../firmware-shim/kernel/address-text.ts';

export interface PathAnnouncement {
  readonly kind: 'announce' | 'acknowledge';
  /** Random per start of the branch's agent: sequences of different epochs do not compare. */
  readonly epoch: number;
  /** Grows by one with each change of the active tunnel, modulo 2^32. */
  readonly sequence: number;
  /** Inner address of the branch in the tunnel it uses; undefined while it uses none. */
  readonly address: string | undefined;
}

export type AnnouncementDiscard = 'length' | 'version' | 'kind' | 'reserved';

export type AnnouncementDecoded =
  | { readonly ok: true; readonly announcement: PathAnnouncement }
  | { readonly ok: false; readonly discard: AnnouncementDiscard };

const VERSION = 1;
const LENGTH = 32;
const KIND_ANNOUNCE = 1;
const KIND_ACKNOWLEDGE = 2;
const ADDRESS_AT = 16;
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const;

export function encodeAnnouncement(announcement: PathAnnouncement): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, announcement.kind === 'announce' ? KIND_ANNOUNCE : KIND_ACKNOWLEDGE);
  view.setUint16(2, LENGTH);
  view.setUint32(4, announcement.epoch);
  view.setUint32(8, announcement.sequence);
  if (announcement.address !== undefined) bytes.set(addressBytes(announcement.address), ADDRESS_AT);
  return bytes;
}

export function decodeAnnouncement(bytes: Uint8Array): AnnouncementDecoded {
  if (bytes.byteLength !== LENGTH) return { ok: false, discard: 'length' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== VERSION) return { ok: false, discard: 'version' };
  const kind = view.getUint8(1);
  if (kind !== KIND_ANNOUNCE && kind !== KIND_ACKNOWLEDGE) return { ok: false, discard: 'kind' };
  if (view.getUint16(2) !== LENGTH) return { ok: false, discard: 'length' };
  if (view.getUint32(12) !== 0) return { ok: false, discard: 'reserved' };
  return {
    ok: true,
    announcement: {
      kind: kind === KIND_ANNOUNCE ? 'announce' : 'acknowledge',
      epoch: view.getUint32(4),
      sequence: view.getUint32(8),
      address: addressText(bytes.subarray(ADDRESS_AT)),
    },
  };
}

/** Whether `a` comes after `b` in serial number arithmetic (RFC 1982). */
export function isNewer(a: number, b: number): boolean {
  const ahead = (a - b) >>> 0;
  return ahead !== 0 && ahead < 0x8000_0000;
}

/** The same address in one spelling, so that two configurations that spell it differently still match. */
export function canonicalAddress(address: string): string | undefined {
  return addressText(addressBytes(address));
}

/** 16 bytes; IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2). What is no address is announced as none. */
function addressBytes(address: string): Uint8Array {
  const parsed = parseAddress(address);
  if (parsed?.length === IPV6_BYTES) return parsed;
  const bytes = new Uint8Array(IPV6_BYTES);
  if (parsed === undefined) return bytes;
  bytes.set(MAPPED_PREFIX);
  bytes.set(parsed, MAPPED_PREFIX.length);
  return bytes;
}

function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.every((byte) => byte === 0)) return undefined;
  const mapped = MAPPED_PREFIX.every((byte, at) => bytes[at] === byte);
  return formatAddress(mapped ? bytes.subarray(MAPPED_PREFIX.length) : bytes);
}
