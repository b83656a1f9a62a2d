/**
 * Whether the LAN of a well-formed document makes sense on this device.
 */
import {
  formatPrefix,
  networkOf,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../../firmware-shim/kernel/prefix.ts';
import type { AgentConfig } from '../model/config.ts';
import type { DesiredDocument, DesiredTunnel, Refusal } from '../model/desired.ts';
import { type DesiredLanPort, LAN_LENGTH } from '../model/lan.ts';
import { effectiveLan } from './effective-lan.ts';

type Found = Refusal | undefined;

export function checkLan(
  { lan: desired = [], tunnels }: Pick<DesiredDocument, 'lan' | 'tunnels'>,
  config: AgentConfig,
): Found {
  for (const [index, port] of desired.entries()) {
    const at = `/lan/${index}`;
    if (config.lanPorts?.some(({ id }) => id === port.id) !== true) {
      return refuse('EDESIRED_LAN', `${at}/id`, `this device has no LAN port ${port.id}`);
    }
    if (desired.findIndex(({ id }) => id === port.id) !== index) {
      return refuse('EDESIRED_DUPLICATE', `${at}/id`, `${port.id} is set twice`);
    }
    const found =
      checkAddress(port, at) ??
      checkDhcp(port, at) ??
      checkOverlap(port, { desired, tunnels, config }, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkAddress({ address }: DesiredLanPort, at: string): Found {
  const prefix = address.includes('/') ? parsePrefix(address) : undefined;
  const pointer = `${at}/address`;
  if (prefix?.family !== 'ipv4') {
    return refuse('EDESIRED_ADDRESS', pointer, 'not an IPv4 address with its length');
  }
  const { least, most } = LAN_LENGTH;
  if (prefix.length < least || prefix.length > most) {
    return refuse('EDESIRED_ADDRESS', pointer, `a LAN has a length from ${least} to ${most}`);
  }
  if (isHost(prefix, address.split('/')[0] ?? '')) return undefined;
  return refuse('EDESIRED_ADDRESS', pointer, 'the address of the network itself or of all hosts');
}

function checkDhcp({ ipType, address, dhcp }: DesiredLanPort, at: string): Found {
  if ((ipType === 'DHCP') !== (dhcp !== undefined)) {
    const sentence =
      dhcp === undefined ? 'DHCP needs the addresses to give out' : 'STATIC gives no address out';
    return refuse('EDESIRED_DHCP', `${at}/dhcp`, sentence);
  }
  const network = parsePrefix(address);
  if (dhcp === undefined || network === undefined) return undefined;
  for (const end of ['from', 'to'] as const) {
    if (isHost(network, dhcp[end])) continue;
    return refuse(
      'EDESIRED_DHCP',
      `${at}/dhcp/${end}`,
      `no host address in the network of ${address}`,
    );
  }
  const wrong =
    dhcp.nameServers?.findIndex((each) => numberOf(each) === undefined || each.includes('/')) ?? -1;
  if (wrong >= 0) {
    return refuse('EDESIRED_ADDRESS', `${at}/dhcp/nameServers/${wrong}`, 'not an IPv4 address');
  }
  const [from, own, to] = [dhcp.from, address.split('/')[0] ?? '', dhcp.to].map(numberOf);
  if (from === undefined || to === undefined || own === undefined) return undefined;
  if (from > to) {
    return refuse('EDESIRED_DHCP', `${at}/dhcp/to`, 'a range ends where it begins or later');
  }
  if (own < from || own > to) return undefined;
  return refuse(
    'EDESIRED_DHCP',
    `${at}/dhcp/from`,
    "the box's own address is among those given out",
  );
}

interface Others {
  readonly desired: readonly DesiredLanPort[];
  readonly tunnels: readonly DesiredTunnel[];
  readonly config: AgentConfig;
}

/** Other ports, the insides of tunnels and the next hops of uplinks keep their addresses. */
function checkOverlap(port: DesiredLanPort, others: Others, at: string): Found {
  const { desired, tunnels, config } = others;
  const own = parsePrefix(port.address);
  if (own === undefined) return undefined;
  const ports = effectiveLan(config.lanPorts, desired).filter(({ id }) => id !== port.id);
  const taken = [
    ...ports.map(({ id, address }) => ({ text: address, what: `LAN port ${id}` })),
    ...tunnels.map((tunnel) => ({
      text: `${tunnel.innerLocal}/${tunnel.innerPrefixLength}`,
      what: `the inside of tunnel ${tunnel.id}`,
    })),
    ...config.uplinks.map(({ id, gateway }) => ({ text: gateway, what: `the next hop of ${id}` })),
  ];
  const clash = taken.find(({ text }) => {
    const other = parsePrefix(text);
    return other !== undefined && prefixesOverlap(own, other);
  });
  if (clash === undefined) return undefined;
  const sentence = `${formatPrefix(networkOf(own))} overlaps ${clash.what}`;
  return refuse('EDESIRED_OVERLAP', `${at}/address`, sentence);
}

/** An address a host may have: in the network, and neither its first nor its last. */
function isHost(network: Prefix, text: string): boolean {
  const address = text.includes('/') ? undefined : parsePrefix(text);
  if (address === undefined || !prefixContains(network, address)) return false;
  const last = 2 ** (32 - network.length) - 1;
  const place = (numberOf(text) ?? 0) % (last + 1);
  return place !== 0 && place !== last;
}

function numberOf(text: string): number | undefined {
  const bytes = parsePrefix(text)?.bytes;
  return bytes?.length === 4 ? bytes.reduce((sum, byte) => sum * 256 + byte, 0) : undefined;
}

function refuse(code: string, pointer: string, sentence: string): Refusal {
  return { code, pointer, sentence };
}
