/**
 * Whether the ACL, SNAT and QoS of a well-formed document make sense on this device.
 */
import { parseAddress } from '../../firmware-shim/kernel/address-text.ts';
import {
  hasHostBits,
  type Prefix,
  parsePrefix,
  prefixContains,
} from '../../firmware-shim/kernel/prefix.ts';
import type { AgentConfig } from '../model/config.ts';
import type { Refusal } from '../model/desired.ts';
import type {
  PacketMatch,
  PortRange,
  SnatRule,
  ThrottleRule,
  TrafficPolicy,
} from '../model/traffic-policy.ts';

type Found = Refusal | undefined;

export function checkTraffic(traffic: TrafficPolicy | undefined, config: AgentConfig): Found {
  if (traffic === undefined) return undefined;
  const { acl = [], snat = [], qos = [] } = traffic;
  return (
    checkIds({ acl, snat, qos }) ??
    firstOf(acl, (rule, index) => checkMatch(rule, `/traffic/acl/${index}`)) ??
    firstOf(snat, (rule, index) => checkSnat(rule, `/traffic/snat/${index}`, config)) ??
    firstOf(qos, (rule, index) => checkThrottle(rule, `/traffic/qos/${index}`, traffic))
  );
}

function checkIds(lists: Readonly<Record<string, readonly { readonly id: string }[]>>): Found {
  return firstOf(Object.entries(lists), ([kind, rules]) =>
    firstOf(rules, ({ id }, index) =>
      rules.findIndex((other) => other.id === id) === index
        ? undefined
        : refuse('EDESIRED_DUPLICATE', `/traffic/${kind}/${index}/id`, `two are called ${id}`),
    ),
  );
}

function checkMatch(match: PacketMatch, at: string): Found {
  const { source, destination, protocol } = match;
  const refusal =
    checkPrefix(source, `${at}/source`) ??
    checkPrefix(destination, `${at}/destination`) ??
    checkPorts(match.sourcePorts, protocol, `${at}/sourcePorts`) ??
    checkPorts(match.destinationPorts, protocol, `${at}/destinationPorts`);
  if (refusal !== undefined || source === undefined || destination === undefined) return refusal;
  if (source.includes(':') === destination.includes(':')) return undefined;
  const sentence = 'source and destination are of two address families';
  return refuse('EDESIRED_FAMILY', `${at}/destination`, sentence);
}

function checkPrefix(text: string | undefined, at: string): Found {
  if (text === undefined) return undefined;
  const prefix = prefixOf(text);
  if (prefix === undefined) return refuse('EDESIRED_PREFIX', at, 'not a prefix such as 10.0.0.0/8');
  if (!hasHostBits(prefix)) return undefined;
  return refuse('EDESIRED_PREFIX', at, 'bits behind the prefix length are set');
}

function checkPorts(
  ports: PortRange | undefined,
  protocol: PacketMatch['protocol'],
  at: string,
): Found {
  if (ports === undefined) return undefined;
  if (protocol !== 'TCP' && protocol !== 'UDP') {
    return refuse('EDESIRED_PORTS', at, 'only TCP and UDP have ports');
  }
  if (ports.from <= ports.to) return undefined;
  return refuse('EDESIRED_PORTS', `${at}/to`, 'a range ends where it begins or later');
}

/** Only what is the branch's own is hidden behind another address. */
function checkSnat({ source, uplink, address }: SnatRule, at: string, config: AgentConfig): Found {
  const refusal = checkPrefix(source, `${at}/source`);
  if (refusal !== undefined) return refusal;
  const inner = prefixOf(source);
  const lan = config.lanPrefixes.flatMap((text) => prefixOf(text) ?? []);
  if (inner === undefined || !lan.some((outer) => prefixContains(outer, inner))) {
    return refuse('EDESIRED_SNAT', `${at}/source`, 'in none of the prefixes of this branch');
  }
  if (uplink !== undefined && !config.uplinks.some(({ id }) => id === uplink)) {
    return refuse('EDESIRED_UPLINK', `${at}/uplink`, `this device has no uplink ${uplink}`);
  }
  if (address === undefined) {
    if (uplink !== undefined) return undefined;
    return refuse('EDESIRED_SNAT', at, 'through the tunnels an address is needed');
  }
  if (parseAddress(address) === undefined) {
    return refuse('EDESIRED_ADDRESS', `${at}/address`, 'not an IP address');
  }
  if (address.includes(':') === source.includes(':')) return undefined;
  const sentence = 'source and address are of two address families';
  return refuse('EDESIRED_FAMILY', `${at}/address`, sentence);
}

function checkThrottle(
  { limit, classifiers }: ThrottleRule,
  at: string,
  { bandwidthMbps }: TrafficPolicy,
): Found {
  if (limit.limitType === 'Percent' && bandwidthMbps?.[limit.of] === undefined) {
    const sentence = `a percentage of a ${limit.of} that is not told`;
    return refuse('EDESIRED_QOS', `${at}/limit/of`, sentence);
  }
  return firstOf(classifiers, (match, index) => checkMatch(match, `${at}/classifiers/${index}`));
}

function prefixOf(text: string): Prefix | undefined {
  return text.includes('/') ? parsePrefix(text) : undefined;
}

function firstOf<Item>(items: readonly Item[], check: (item: Item, index: number) => Found): Found {
  for (const [index, item] of items.entries()) {
    const found = check(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refuse(code: string, pointer: string, sentence: string): Refusal {
  return { code, pointer, sentence };
}
