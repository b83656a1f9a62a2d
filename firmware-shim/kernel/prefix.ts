/**
 * Address prefixes: parse, order, containment and overlap.
 *
 * Two prefixes of different families never contain or overlap each other.
 */
import { familyBytes, formatAddress, IPV4_BYTES, parseAddress } from './address-text.ts';
import type { Family } from './types.ts';

export interface Prefix {
  readonly family: Family;
  /** Network-order address bytes; host bits are kept as they were written. */
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** `10.0.0.0/8` or `::/0`; undefined when it is neither. A bare address means the whole address. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', lengthText, ...rest] = text.split('/');
  const bytes = parseAddress(address);
  if (bytes === undefined || rest.length > 0) return undefined;
  const bitsMax = bytes.length * 8;
  if (lengthText !== undefined && !/^(0|[1-9][0-9]{0,2})$/.test(lengthText)) return undefined;
  const length = lengthText === undefined ? bitsMax : Number(lengthText);
  if (length > bitsMax) return undefined;
  return { family: bytes.length === IPV4_BYTES ? 'ipv4' : 'ipv6', bytes, length };
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.bytes) ?? ''}/${prefix.length}`;
}

/** The prefix of a family that contains every address. */
export function defaultPrefix(family: Family): string {
  return family === 'ipv4' ? '0.0.0.0/0' : '::/0';
}

/** The same prefix with every bit behind its length cleared, as a routing table wants it. */
export function networkOf(prefix: Prefix): Prefix {
  const bytes = prefix.bytes.map((byte, at) => byte & maskByte(prefix.length, at));
  return { family: prefix.family, bytes, length: prefix.length };
}

/** True when bits behind the length are set: a route like this is refused by the kernel. */
export function hasHostBits(prefix: Prefix): boolean {
  return prefix.bytes.some((byte, at) => (byte & ~maskByte(prefix.length, at)) !== 0);
}

/** Every address of `inner` is one of `outer`; a prefix contains itself. */
export function prefixContains(outer: Prefix, inner: Prefix): boolean {
  if (outer.family !== inner.family || outer.length > inner.length) return false;
  return outer.bytes.every((byte, at) => {
    const mask = maskByte(outer.length, at);
    return (byte & mask) === ((inner.bytes[at] ?? 0) & mask);
  });
}

/** Some address is in both. Prefixes overlap only by one containing the other. */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return prefixContains(a, b) || prefixContains(b, a);
}

/** A total order: IPv4 first, then by address, then the wider prefix first. */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  if (a.family !== b.family) return a.family === 'ipv4' ? -1 : 1;
  for (let at = 0; at < familyBytes(a.family); at += 1) {
    const difference = (a.bytes[at] ?? 0) - (b.bytes[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function maskByte(length: number, at: number): number {
  const bits = Math.min(8, Math.max(0, length - 8 * at));
  return (0xff << (8 - bits)) & 0xff;
}
