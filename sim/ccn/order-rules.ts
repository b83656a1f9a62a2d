/**
 * What an operator orders for one SAG besides its bindings, and what must hold of it here: routes and their publishing
 * policies (ModifyRouteDistributionStrategy), LAN ports (ModifySagLan), the HA role, and the health checks that
 * policies read (CreateHealthCheck).
 *
 * Judged is what the cloud knows: the instance, its CIDRs and its CCN. What only the device knows, such as its ports,
 * the device judges when the document reaches it.
 */
import { POLICY_RULES } from '../../agent/model/branch-route.ts';
import { HEALTH_CHECKS_MAX } from '../../agent/model/health-check.ts';
import { LAN_LENGTH, LAN_PORTS_MAX, LEASE_MINUTES } from '../../agent/model/lan.ts';
import { addressText, type Cidr, contains, overlaps, parseCidr } from './cidr.ts';
import { checkId } from './instance-rules.ts';
import type { NetworkView, SagInstance, SagOrders } from './nouns.ts';
import { doneWith, type Outcome, type Refusal, refused } from './outcome.ts';

type Route = NonNullable<SagOrders['routes']>[number];
type LanPort = NonNullable<SagOrders['lan']>[number];
type Check = NonNullable<SagOrders['healthChecks']>[number];

export type SagOrder =
  | { readonly type: 'setRoute'; readonly route: Route }
  | { readonly type: 'dropRoute'; readonly cidr: string }
  | { readonly type: 'setLan'; readonly port: LanPort }
  | { readonly type: 'dropLan'; readonly id: string }
  | { readonly type: 'setHa'; readonly ha: NonNullable<SagOrders['ha']> }
  | { readonly type: 'setHealthCheck'; readonly check: Check }
  | { readonly type: 'dropHealthCheck'; readonly id: string };

/** All that is ordered of this SAG when this is ordered as well. */
export function withOrder(
  network: NetworkView,
  sag: SagInstance,
  order: SagOrder,
): Outcome<SagOrders> {
  const { orders = {} } = sag;
  const { routes = [], lan = [], healthChecks = [] } = orders;
  if (sag.ccnId === undefined) {
    return refused('NotBoundCCN', `SAG ${sag.serialNumber} is bound to no CCN.`);
  }
  switch (order.type) {
    case 'setRoute': {
      const wrong = checkRoute(network, sag, order.route);
      const others = routes.filter(({ cidr }) => cidr !== order.route.cidr);
      return wrong ?? doneWith({ ...orders, routes: [...others, order.route] });
    }
    case 'dropRoute': {
      const rest = routes.filter(({ cidr }) => cidr !== order.cidr);
      if (rest.length === routes.length) return notOrdered(sag, `route to ${order.cidr}`);
      return doneWith({ ...orders, routes: rest });
    }
    case 'setLan': {
      const others = lan.filter(({ id }) => id !== order.port.id);
      const wrong = checkLan(sag, order.port, others);
      return wrong ?? doneWith({ ...orders, lan: [...others, order.port] });
    }
    case 'dropLan': {
      const rest = lan.filter(({ id }) => id !== order.id);
      if (rest.length === lan.length) return notOrdered(sag, `LAN port ${order.id}`);
      return doneWith({ ...orders, lan: rest });
    }
    case 'setHa': {
      const { ha } = order;
      if (ha.type !== 'no_backup') return doneWith({ ...orders, ha });
      const sentence = 'The only device of a SAG instance is active.';
      if (ha.role === 'standby') return refused('HaInvalid', sentence);
      const { ha: _former, ...alone } = orders;
      return doneWith(alone);
    }
    case 'setHealthCheck': {
      const others = healthChecks.filter(({ id }) => id !== order.check.id);
      const wrong = checkHealthCheck(order.check, others);
      return wrong ?? doneWith({ ...orders, healthChecks: [...others, order.check] });
    }
    case 'dropHealthCheck': {
      const rest = healthChecks.filter(({ id }) => id !== order.id);
      if (rest.length === healthChecks.length) return notOrdered(sag, `health check ${order.id}`);
      const reader = routes.find(({ healthCheck }) => healthCheck === order.id);
      if (reader === undefined) return doneWith({ ...orders, healthChecks: rest });
      const sentence = `The policy of the route to ${reader.cidr} reads health check ${order.id}.`;
      return refused('HealthCheckInUse', sentence);
    }
  }
}

function checkRoute(
  {
    policy: { cidrsPerSagMax: most, ccnPrefixLengthMin: shortest, sagPrefixLengthMax: longest },
  }: NetworkView,
  sag: SagInstance,
  { cidr, nextHop, policy, healthCheck }: Route,
): Refusal | undefined {
  const prefix = parseCidr(cidr);
  if (prefix === undefined || prefix.prefixLength < shortest || prefix.prefixLength > longest) {
    const sentence = `${cidr} is not an IPv4 prefix between /${shortest} and /${longest}.`;
    return refused('SAG.InvalidCidr', sentence);
  }
  const { routes = [], healthChecks = [] } = sag.orders ?? {};
  const others = routes.filter((each) => each.cidr !== cidr);
  if (others.length >= most) {
    return refused('SAG.CidrOverLimit', `A SAG has at most ${most} CIDRs.`);
  }
  if (policy !== 'no_publish' && !isHeld(sag, prefix)) return notHeld(sag, cidr);
  if (nextHop !== undefined) {
    const hop = parseCidr(`${nextHop}/32`);
    if (hop === undefined) return refused('AddressInvalid', `${nextHop} is not an IPv4 address.`);
    if (!isHeld(sag, hop)) return notHeld(sag, nextHop);
  }
  return checkReads(policy, healthCheck, healthChecks);
}

function checkReads(
  policy: Route['policy'],
  healthCheck: string | undefined,
  known: readonly Check[],
): Refusal | undefined {
  const reads = POLICY_RULES[policy].turnsOn !== undefined;
  if (!reads) {
    if (healthCheck === undefined) return undefined;
    return refused('HealthCheckInvalid', `Policy ${policy} reads no health check.`);
  }
  if (known.some(({ id }) => id === healthCheck)) return undefined;
  const sentence =
    healthCheck === undefined
      ? `Policy ${policy} needs a health check.`
      : `There is no health check ${healthCheck}.`;
  return refused('HealthCheckInvalid', sentence);
}

function checkLan(
  sag: SagInstance,
  port: LanPort,
  others: readonly LanPort[],
): Refusal | undefined {
  const wrongId = checkId('LAN port', port.id);
  if (wrongId !== undefined) return wrongId;
  if (others.length >= LAN_PORTS_MAX) {
    return refused('LanPortOverLimit', `A SAG has at most ${LAN_PORTS_MAX} LAN ports.`);
  }
  const network = networkOf(port.address);
  if (network === undefined) {
    const { least, most } = LAN_LENGTH;
    const sentence = `${port.address} is not the address of a host with its length, from /${least} to /${most}.`;
    return refused('AddressInvalid', sentence);
  }
  if (!isHeld(sag, network)) return notHeld(sag, textOf(network));
  for (const { id, address } of others) {
    const other = networkOf(address);
    if (other === undefined || !overlaps(network, other)) continue;
    const sentence = `${textOf(network)} overlaps ${textOf(other)} of LAN port ${id}.`;
    return refused('SAG.CidrOverlap', sentence);
  }
  return checkDhcp(port, network);
}

function checkDhcp({ address, dhcp }: LanPort, network: Cidr): Refusal | undefined {
  if (dhcp === undefined) return undefined;
  const { from, to, leaseMinutes, nameServers = [] } = dhcp;
  const { least, most } = LEASE_MINUTES;
  if (!Number.isInteger(leaseMinutes) || leaseMinutes < least || leaseMinutes > most) {
    return refused('DhcpInvalid', `A lease lasts ${least} to ${most} minutes.`);
  }
  const odd = nameServers.find((each) => hostOf(each) === undefined);
  if (odd !== undefined) return refused('AddressInvalid', `${odd} is not an IPv4 address.`);
  const [first, last] = [from, to].map((text) => hostIn(network, text));
  const own = hostOf(address.split('/')[0] ?? '') ?? 0;
  if (first === undefined || last === undefined || first > last) {
    const sentence = `${from} to ${to} is no range of host addresses in ${textOf(network)}.`;
    return refused('DhcpInvalid', sentence);
  }
  if (own < first || own > last) return undefined;
  return refused('DhcpInvalid', `The address ${address} of the port is among those given out.`);
}

function checkHealthCheck(check: Check, others: readonly Check[]): Refusal | undefined {
  const wrongId = checkId('health check', check.id);
  if (wrongId !== undefined) return wrongId;
  if (others.length >= HEALTH_CHECKS_MAX) {
    return refused('HealthCheckOverLimit', `A SAG has at most ${HEALTH_CHECKS_MAX} health checks.`);
  }
  const odd = [check.destination, check.source].find(
    (text) => text !== undefined && hostOf(text) === undefined,
  );
  if (odd === undefined) return undefined;
  return refused('AddressInvalid', `${JSON.stringify(odd)} is not an IPv4 address.`);
}

/** The network of a host address with its length; undefined for what is no host of a LAN. */
function networkOf(text: string): Cidr | undefined {
  const [address = '', length = ''] = text.split('/');
  const host = hostOf(address);
  const prefixLength = /^\d{1,2}$/.test(length) ? Number(length) : 0;
  if (host === undefined || prefixLength < LAN_LENGTH.least || prefixLength > LAN_LENGTH.most) {
    return undefined;
  }
  const network = { network: host - (host % 2 ** (32 - prefixLength)), prefixLength };
  return hostIn(network, address) === undefined ? undefined : network;
}

/** An address a host of this network may have: neither its first nor its last. */
function hostIn({ network, prefixLength }: Cidr, text: string): number | undefined {
  const host = hostOf(text);
  const last = network + 2 ** (32 - prefixLength) - 1;
  return host !== undefined && host > network && host < last ? host : undefined;
}

function hostOf(text: string): number | undefined {
  return parseCidr(`${text}/32`)?.network;
}

function textOf({ network, prefixLength }: Cidr): string {
  return `${addressText(network)}/${prefixLength}`;
}

/** What the instance does not hold nobody is led to, and may be another's. */
function isHeld({ cidrs }: SagInstance, inner: Cidr): boolean {
  return cidrs.some((text) => {
    const outer = parseCidr(text);
    return outer !== undefined && contains(outer, inner);
  });
}

function notHeld({ serialNumber, cidrs }: SagInstance, what: string): Refusal {
  const held = cidrs.join(', ') || 'none';
  return refused(
    'SAG.InvalidCidr',
    `${what} is not within the CIDRs of SAG ${serialNumber}: ${held}.`,
  );
}

function notOrdered({ serialNumber }: SagInstance, what: string): Refusal {
  return refused('OrderNotFound', `No ${what} was ordered for SAG ${serialNumber}.`);
}
