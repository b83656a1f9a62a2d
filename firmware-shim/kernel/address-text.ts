/**
 * IPv4 and IPv6 addresses between text and network-order bytes.
 *
 * Text out is what `ip` prints (inet_ntop), so that a view of ours and `ip -j` compare as strings. Text in is
 * strict: no leading zeros, no zone, no shortened IPv4.
 */
import type { Family } from './types.ts';

export const IPV4_BYTES = 4;
export const IPV6_BYTES = 16;
const GROUPS = 8;

export function familyBytes(family: Family): number {
  return family === 'ipv4' ? IPV4_BYTES : IPV6_BYTES;
}

/** The address's bytes, or undefined when the text is no address. The length tells the family. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Accepts 4 or 16 bytes; anything else has no text. */
export function formatAddress(bytes: Uint8Array): string | undefined {
  if (bytes.length === IPV4_BYTES) return bytes.join('.');
  return bytes.length === IPV6_BYTES ? formatIpv6(bytes) : undefined;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== IPV4_BYTES) return undefined;
  const bytes = new Uint8Array(IPV4_BYTES);
  for (const [at, part] of parts.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[at] = Number(part);
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = GROUPS - head.length - tail.length;
  // The double colon stands for at least one group of zeros.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  const bytes = new Uint8Array(IPV6_BYTES);
  for (const [at, group] of groups.entries()) {
    bytes[2 * at] = group >> 8;
    bytes[2 * at + 1] = group & 0xff;
  }
  return bytes;
}

/** Colon-separated groups; the last may be a dotted IPv4 address where that is the end of the text. */
function parseGroups(text: string, atEnd: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    const ipv4 = part.includes('.') ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined && atEnd && at === parts.length - 1) {
      const [a = 0, b = 0, c = 0, d = 0] = ipv4;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: GROUPS },
    (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0),
  );
  const zeros = longestZeros(groups);
  if (zeros.start === 0 && (zeros.length === 6 || (zeros.length === 5 && groups[5] === 0xffff))) {
    const ipv4 = bytes.subarray(IPV6_BYTES - IPV4_BYTES).join('.');
    return zeros.length === 6 ? `::${ipv4}` : `::ffff:${ipv4}`;
  }
  const text = groups.map((group) => group.toString(16));
  if (zeros.length < 2) return text.join(':');
  const head = text.slice(0, zeros.start).join(':');
  return `${head}::${text.slice(zeros.start + zeros.length).join(':')}`;
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}
