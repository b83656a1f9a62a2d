/**
 * Address rules of a configuration: what is an address, and which LAN prefixes can stand side by side.
 */
import { parseAddress } from '../../firmware-shim/kernel/address-text.ts';
import {
  formatPrefix,
  hasHostBits,
  networkOf,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../../firmware-shim/kernel/prefix.ts';
import type { Finding } from './config-problem.ts';

/** A SAG takes static prefixes of /8 to /32; a wider one would swallow the Internet. */
const IPV4_LENGTH_MIN = 8;
const IPV6_LENGTH_MIN = 16;

export function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}

/** Why the address of a LAN port is none; it lies in a prefix of the branch. */
export function lanAddressMistake(
  text: string,
  lanPrefixes: readonly string[],
): string | undefined {
  const prefix = text.includes('/') ? parsePrefix(text) : undefined;
  if (prefix?.family !== 'ipv4' || !hasHostBits(prefix)) {
    return `'${text}' is no IPv4 address of a host with its length; write such as 192.168.10.1/24`;
  }
  const isOwn = lanPrefixes.some((each) => {
    const own = parsePrefix(each);
    return own !== undefined && prefixContains(own, networkOf(prefix));
  });
  return isOwn ? undefined : `${text} is in none of lanPrefixes; add its network there`;
}

/** An address, or a name that nobody can take for a mistyped one. */
export function isHost(text: string): boolean {
  return isAddress(text) || !(text.includes(':') || /^[0-9.]+$/.test(text));
}

/** Prefixes that are none, hold host bits, are too wide, or overlap an earlier one. */
export function prefixFindings(prefixes: readonly (string | undefined)[]): readonly Finding[] {
  const found: Finding[] = [];
  const sound: { readonly text: string; readonly prefix: Prefix }[] = [];
  for (const [index, text] of prefixes.entries()) {
    if (text === undefined) continue;
    const pointer = `/lanPrefixes/${index}`;
    const prefix = parsePrefix(text);
    const mistake = mistakeOf(text, prefix);
    if (prefix === undefined || mistake !== undefined) {
      const sentence = mistake ?? `'${text}' is not a prefix`;
      found.push({ code: 'ECONFIG_PREFIX', pointer, at: 'value', sentence });
      continue;
    }
    const other = sound.find((each) => prefixesOverlap(each.prefix, prefix));
    if (other !== undefined) {
      const sentence = `${text} overlaps ${other.text}; remove the narrower one or correct it`;
      found.push({ code: 'ECONFIG_PREFIX_OVERLAP', pointer, at: 'value', sentence });
    }
    sound.push({ text, prefix });
  }
  return found;
}

function mistakeOf(text: string, prefix: Prefix | undefined): string | undefined {
  if (prefix === undefined || !text.includes('/')) {
    return `'${text}' is not a prefix; write address and length, such as 192.168.10.0/24`;
  }
  const least = prefix.family === 'ipv4' ? IPV4_LENGTH_MIN : IPV6_LENGTH_MIN;
  if (prefix.length < least)
    return `${text} is too wide for a branch; the length is at least ${least}`;
  if (!hasHostBits(prefix)) return undefined;
  return `${text} has bits set behind its length; write ${formatPrefix(networkOf(prefix))}`;
}
