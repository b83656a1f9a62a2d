/** The LAN of this device as it is in force: configured here, and set by the desired document where it says so. */
import { formatPrefix, networkOf, parsePrefix } from '../../firmware-shim/kernel/prefix.ts';
import type { AgentConfig } from '../model/config.ts';
import type { DesiredLanPort, DhcpRange, LanPort } from '../model/lan.ts';

export interface EffectiveLanPort extends LanPort {
  readonly dhcp?: DhcpRange;
}

export function effectiveLan(
  configured: readonly LanPort[] = [],
  desired: readonly DesiredLanPort[] = [],
): readonly EffectiveLanPort[] {
  return configured.map((port) => {
    const set = desired.find(({ id }) => id === port.id);
    if (set === undefined) return port;
    const { address, dhcp } = set;
    return { ...port, address, ...(dhcp !== undefined && { dhcp }) };
  });
}

/** A port that has another address takes the network of its configured one along. */
export function effectiveLanPrefixes(
  { lanPorts = [], lanPrefixes }: Pick<AgentConfig, 'lanPorts' | 'lanPrefixes'>,
  desired: readonly DesiredLanPort[] = [],
): readonly string[] {
  const moved = lanPorts.flatMap((port) => {
    const set = desired.find(({ id }) => id === port.id);
    return set === undefined || set.address === port.address ? [] : [{ port, set }];
  });
  const left = moved.map(({ port }) => networkText(port.address));
  const kept = lanPrefixes.filter((text) => !left.includes(networkText(text)));
  return [...new Set([...kept, ...moved.map(({ set }) => networkText(set.address))])];
}

/** Of an address with its length: the network it is in. */
export function networkText(text: string): string {
  const prefix = parsePrefix(text);
  return prefix === undefined ? text : formatPrefix(networkOf(prefix));
}
