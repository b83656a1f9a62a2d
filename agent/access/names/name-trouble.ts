/** Why name servers were of no use, for people: a clause without a full stop. */
import type { Family } from '../../../firmware-shim/kernel/types.ts';

const FAMILY_WORDS: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

/** Codes of c-ares. */
export function whyUnanswered(
  { name, family }: { readonly name: string; readonly family: Family },
  code: string,
): string {
  switch (code) {
    case 'ENOTFOUND':
      return `no name server knows ${name} (NXDOMAIN)`;
    case 'ENODATA':
      return `${name} has no ${FAMILY_WORDS[family]} address`;
    case 'ESERVFAIL':
      return `the name servers cannot say what ${name} is (SERVFAIL)`;
    case 'EREFUSED':
      return 'the name servers refuse to answer (REFUSED)';
    case 'ECONNREFUSED':
      return 'nobody listens at the name servers';
    case 'ENOSERVER':
      return 'no name server is known';
    case 'ETIMEOUT':
      return 'no name server answered in time';
    default:
      return `the name servers were of no use (${code})`;
  }
}
