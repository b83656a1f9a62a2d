/**
 * What a DHCP client prints, read with the suspicion that a foreign server deserves.
 *
 * `lease-words.sh` prints one line an event: `lease`, the event, address, length of the prefix, routers and name servers,
 * with tabs between them and blanks within lists. Everything else is the client's own talk.
 */
import {
  networkOf,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../../../firmware-shim/kernel/prefix.ts';
import type { WanTold } from './wan-events.ts';

const NAME_SERVERS_MAX = 3;
const PREFIX_MIN = 8;

/** Undefined for what says nothing new. */
export function readLeaseWords(line: string, lanPrefixes: readonly string[]): WanTold | undefined {
  const [mark, event, ...words] = line.split('\t');
  if (mark !== 'lease') return undefined;
  switch (event) {
    case 'bound':
    case 'renew':
      return judge(words, lanPrefixes);
    case 'deconfig':
      return { is: 'lost' };
    case 'leasefail':
      return trouble('no DHCP server answers');
    case 'nak':
      return trouble('the DHCP server refuses');
    default:
      return undefined;
  }
}

function judge(
  [address = '', mask = '', routers = '', servers = '']: readonly string[],
  lanPrefixes: readonly string[],
): WanTold {
  const prefixLength = Number(mask);
  const own = parsePrefix(`${address}/${mask}`);
  if (own?.family !== 'ipv4' || prefixLength < PREFIX_MIN) {
    return trouble('the DHCP server gave no address that can be used');
  }
  const network = networkOf(own);
  const gateway = routers.split(' ').find((each) => {
    const hop = parsePrefix(`${each}/32`);
    return hop !== undefined && each !== address && prefixContains(network, hop);
  });
  if (gateway === undefined) return trouble('the DHCP server named no next hop of its network');
  const lan = lanPrefixes.find((text) => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && prefixesOverlap(prefix, network);
  });
  if (lan !== undefined) {
    return trouble(`the DHCP server gave ${address}/${mask}, which overlaps the LAN ${lan}`);
  }
  const nameServers = servers
    .split(' ')
    .filter((each) => parsePrefix(`${each}/32`)?.family === 'ipv4')
    .slice(0, NAME_SERVERS_MAX);
  return { is: 'leased', lease: { address, prefixLength, gateway, nameServers } };
}

function trouble(because: string): WanTold {
  return { is: 'trouble', because };
}
