/**
 * What a diagnostic may be aimed at: an IP address, or a host name by RFC 1123 that no resolver reads as a number.
 */
import { parseAddress } from '../../../firmware-shim/kernel/address-text.ts';
import { parsePrefix, prefixContains } from '../../../firmware-shim/kernel/prefix.ts';

export type Target =
  | { readonly kind: 'address'; readonly text: string; readonly family: 'ipv4' | 'ipv6' }
  | { readonly kind: 'name'; readonly text: string };

/** RFC 1123, 2.1. */
const NAME_CHARACTERS_MAX = 253;
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** `127.1`, `0x7f000001` and `0177.0.0.1` are addresses to inet_aton(3), and names to nobody. */
const NUMBER_LIKE = /^(0[xX][0-9A-Fa-f]*|[0-9]+)$/;
const IPV4_BYTES = 4;

export function readTarget(value: unknown): Target | undefined {
  if (typeof value !== 'string' || value.length > NAME_CHARACTERS_MAX) return undefined;
  const bytes = parseAddress(value);
  if (bytes !== undefined) {
    return { kind: 'address', text: value, family: bytes.length === IPV4_BYTES ? 'ipv4' : 'ipv6' };
  }
  return isHostName(value) ? { kind: 'name', text: value } : undefined;
}

export function isHostName(value: string): boolean {
  if (value.length === 0 || value.length > NAME_CHARACTERS_MAX) return false;
  const labels = value.split('.');
  return labels.every((label) => LABEL.test(label)) && !NUMBER_LIKE.test(labels.at(-1) ?? '');
}

/** This box itself, link-local addresses (cloud metadata among them), multicast and the unspecified ones. */
const NEAR: readonly string[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  '::ffff:0:0/96',
  'fe80::/10',
  'ff00::/8',
];

/**
 * Why nobody from far away may aim there; undefined when it is fine. A name is refused as a whole: what it resolves to
 * is for whoever owns the name to say.
 */
export function refusedFromAfar(
  target: Target,
  lanPrefixes: readonly string[],
): string | undefined {
  if (target.kind === 'name') return 'from the cloud a diagnostic is aimed at addresses only';
  const own = parsePrefix(target.text);
  const inside = (prefix: string): boolean => {
    const network = parsePrefix(prefix);
    return own !== undefined && network !== undefined && prefixContains(network, own);
  };
  if (NEAR.some(inside)) return 'from the cloud no diagnostic is aimed at this box itself';
  return lanPrefixes.some(inside) ? "from the cloud the branch's LAN is not looked at" : undefined;
}
