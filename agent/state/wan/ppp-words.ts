/**
 * What a PPPoE daemon is told, and what its talk means.
 *
 * The options are written to a file for root alone, so that the password is in no argument vector; see pppd(8) for the
 * quoting. Its log lines are those of pppd 2.4 and 2.5.
 */
import { parsePrefix } from '../../../firmware-shim/kernel/prefix.ts';
import type { WanClient, WanLease } from '../../model/wan.ts';
import type { WanTold } from './wan-events.ts';

type Pppoe = Extract<WanClient, { readonly ipType: 'PPPOE' }>;

/** Ethernet's 1500 less PPPoE's 8 (RFC 2516 section 7). */
const MTU = 1_492;
/** Seconds between two questions to the far end, and how many of them unanswered end the session. */
const ECHO_S = 10;
const ECHOES_LOST_MAX = 3;

export function pppOptions({ deviceName, pppName, user, password }: Pppoe): string {
  const lines = [
    'plugin pppoe.so',
    `nic-${deviceName}`,
    `ifname ${pppName}`,
    `user ${quoted(user)}`,
    `password ${quoted(password)}`,
    'hide-password',
    'noauth',
    'noipdefault',
    // Routes are ours to make; the far end is the next hop in the uplink's own table.
    'nodefaultroute',
    'usepeerdns',
    'noipv6',
    `mtu ${MTU}`,
    `mru ${MTU}`,
    `lcp-echo-interval ${ECHO_S}`,
    `lcp-echo-failure ${ECHOES_LOST_MAX}`,
    'nodetach',
    'noproxyarp',
  ];
  return `${lines.join('\n')}\n`;
}

/** pppd(8): within double quotes a backslash takes the next character as it is. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

const TROUBLES: readonly (readonly [RegExp, string])[] = [
  [/authentication failed|Authentication failure/i, 'the PPPoE server refuses user or password'],
  [/Timeout waiting for PADO/i, 'no PPPoE server answers'],
  [/Timeout waiting for PADS/i, 'the PPPoE server opens no session'],
  [/No response to \d+ echo-requests/i, 'the PPPoE server fell silent'],
  [/driver does not support PPP|\/dev\/ppp/i, 'the kernel of this box has no PPP'],
  [/[Cc]ouldn't (?:load|open) plugin|Plugin .* not found/, 'the PPPoE plugin of pppd is missing'],
];

/** One session's lines, put together: the address is complete when both ends of it have been told. */
export class PppWords {
  #lease: { local?: string; remote?: string; nameServers: string[] } = { nameServers: [] };

  /** Undefined for what says nothing new. */
  read(line: string): WanTold | undefined {
    const [, what, address] =
      /(local {2}IP|remote IP|primary {3}DNS|secondary DNS) address ([\d.]{7,15})/.exec(line) ?? [];
    if (what !== undefined && address !== undefined) return this.#address(what, address);
    if (/Connection terminated|Modem hangup|LCP terminated/.test(line)) {
      this.#lease = { nameServers: [] };
      return { is: 'lost' };
    }
    const because = TROUBLES.find(([pattern]) => pattern.test(line))?.[1];
    return because === undefined ? undefined : { is: 'trouble', because };
  }

  #address(what: string, address: string): WanTold | undefined {
    if (parsePrefix(`${address}/32`) === undefined) return undefined;
    if (what.startsWith('local')) this.#lease = { local: address, nameServers: [] };
    else if (what.startsWith('remote')) this.#lease.remote = address;
    else this.#lease.nameServers.push(address);
    const { local, remote: gateway, nameServers } = this.#lease;
    if (local === undefined || gateway === undefined) return undefined;
    const lease: WanLease = {
      address: local,
      prefixLength: 32,
      gateway,
      nameServers: nameServers.slice(0, 2),
    };
    return { is: 'leased', lease };
  }
}
