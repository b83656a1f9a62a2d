/**
 * `sag-sim sag set-...` and `drop-...`: what an operator orders for one bound SAG, as the pages of its device do. The
 * device gets it with its next document, at once or when it is back.
 */
import { type Block, cell } from '../../agent/diag/text-table.ts';
import { ROUTE_POLICIES, type RoutePolicy } from '../../agent/model/branch-route.ts';
import { HA_ROLES, HA_TYPES, type HaRole, type HaType } from '../../agent/model/ha.ts';
import type { DesiredLanPort } from '../../agent/model/lan.ts';
import type { SagInstance, SagOrders } from '../ccn/nouns.ts';
import type { SagOrder } from '../ccn/order-rules.ts';
import { type Refusal, refused } from '../ccn/outcome.ts';
import { said } from './ccn-command.ts';
import type { Answer, Given, Verb } from './cloud-console.ts';

/** Where nobody says otherwise: a day. */
const LEASE_MINUTES_DEFAULT = '1440';

type Plane = Parameters<Verb['run']>[1];

export const SAG_ORDER_VERBS: Readonly<Record<string, Verb>> = {
  'set-route': {
    words: ['SERIAL', 'CIDR'],
    options: ['policy', 'next-hop', 'health-check'],
    tells: `set a route of the branch and its publishing policy: ${ROUTE_POLICIES.join(', ')}`,
    run: ({ words: [serial = '', cidr = ''], options }, plane) => {
      const { policy = 'publish', 'next-hop': nextHop, 'health-check': healthCheck } = options;
      if (!isPolicy(policy)) {
        const sentence = `There is no policy ${policy}; there are ${ROUTE_POLICIES.join(', ')}.`;
        return refused('PolicyInvalid', sentence);
      }
      const route = {
        cidr,
        policy,
        ...(nextHop !== undefined && { nextHop }),
        ...(healthCheck !== undefined && { healthCheck }),
      };
      const sentence = `The route to ${cidr} of SAG ${serial} has policy ${policy}.`;
      return order(plane, serial, { type: 'setRoute', route }, sentence);
    },
  },
  'drop-route': {
    words: ['SERIAL', 'CIDR'],
    options: [],
    tells: 'take a route back; a LAN prefix of which nothing is said is published',
    run: ({ words: [serial = '', cidr = ''] }, plane) => {
      const sentence = `Nothing is said of ${cidr} of SAG ${serial} any more.`;
      return order(plane, serial, { type: 'dropRoute', cidr }, sentence);
    },
  },
  'set-lan': {
    words: ['SERIAL', 'PORT'],
    options: ['address', 'dhcp-from', 'dhcp-to', 'lease-minutes', 'name-server[]'],
    tells: 'give a LAN port its address with its length, and a range to give out by DHCP',
    run: (given, plane) => {
      const { words, options } = given;
      const [serial = '', id = ''] = words;
      const { address = '' } = options;
      const range = rangeOf(given);
      if (range !== undefined && 'code' in range) return range;
      const port: DesiredLanPort = {
        id,
        ipType: range === undefined ? 'STATIC' : 'DHCP',
        address,
        ...(range !== undefined && { dhcp: range }),
      };
      const sentence = `LAN port ${id} of SAG ${serial} has ${address}.`;
      return order(plane, serial, { type: 'setLan', port }, sentence);
    },
  },
  'drop-lan': {
    words: ['SERIAL', 'PORT'],
    options: [],
    tells: 'leave a LAN port as it is configured at the box',
    run: ({ words: [serial = '', id = ''] }, plane) => {
      const sentence = `LAN port ${id} of SAG ${serial} is as it is configured at the box.`;
      return order(plane, serial, { type: 'dropLan', id }, sentence);
    },
  },
  'set-ha': {
    words: ['SERIAL'],
    options: ['type', 'role'],
    tells: `give the device its HA role: --type ${HA_TYPES.join('|')} --role ${HA_ROLES.join('|')}`,
    run: ({ words: [serial = ''], options: { type = 'no_backup', role = 'active' } }, plane) => {
      if (!isHaType(type) || !isHaRole(role)) {
        const sentence = `A device is ${HA_TYPES.join(', ')} and ${HA_ROLES.join(' or ')}.`;
        return refused('HaInvalid', sentence);
      }
      const sentence = `SAG ${serial} is ${role} (${type}).`;
      return order(plane, serial, { type: 'setHa', ha: { type, role } }, sentence);
    },
  },
  'set-health-check': {
    words: ['SERIAL', 'CHECK'],
    options: ['destination', 'source'],
    tells: 'have a host asked by ICMP, for policies that read a health check',
    run: ({ words: [serial = '', id = ''], options: { destination = '', source } }, plane) => {
      const type = 'ICMP_ECHO' as const;
      const check = { id, type, destination, ...(source !== undefined && { source }) };
      const sentence = `Health check ${id} of SAG ${serial} asks ${destination}.`;
      return order(plane, serial, { type: 'setHealthCheck', check }, sentence);
    },
  },
  'drop-health-check': {
    words: ['SERIAL', 'CHECK'],
    options: [],
    tells: 'end a health check that no policy reads any more',
    run: ({ words: [serial = '', id = ''] }, plane) => {
      const sentence = `SAG ${serial} has no health check ${id} any more.`;
      return order(plane, serial, { type: 'dropHealthCheck', id }, sentence);
    },
  },
  orders: {
    words: ['SERIAL'],
    options: [],
    tells: 'what is ordered for a SAG',
    run: ({ words: [serial = ''] }, plane) => {
      const sag = plane().network.sag(serial);
      return sag === undefined ? refused('SagNotFound', `There is no SAG ${serial}.`) : shown(sag);
    },
  },
};

function order(plane: Plane, serial: string, wanted: SagOrder, sentence: string): Answer | Refusal {
  const made = plane().change((network) => network.orderSag(serial, wanted));
  return made.ok ? said(sentence, { orders: made.value.orders ?? {} }) : made;
}

/** Undefined without any of it. */
function rangeOf({ options, lists }: Given): DesiredLanPort['dhcp'] | Refusal {
  const { 'dhcp-from': from, 'dhcp-to': to, 'lease-minutes': lease } = options;
  const { 'name-server': nameServers } = lists;
  const isAny = [from, to, lease, nameServers].some((each) => each !== undefined);
  if (!isAny) return undefined;
  if (from === undefined || to === undefined) {
    return refused('DhcpInvalid', 'A range has a first and a last address.');
  }
  const leaseMinutes = Number(lease ?? LEASE_MINUTES_DEFAULT);
  return { from, to, leaseMinutes, ...(nameServers !== undefined && { nameServers }) };
}

function shown({ serialNumber, ccnId, orders = {} }: SagInstance): Answer {
  const rows = rowsOf(orders).map((row) => row.map((text) => cell(text)));
  const head = ['WHAT', 'OF', 'IS'];
  const none = `Nothing is ordered for SAG ${serialNumber}: it is as it is configured at the box.`;
  const table: Block = { block: 'table', head, rows, none };
  return { ok: true, value: { serialNumber, ccnId: ccnId ?? '', orders }, blocks: [table] };
}

function rowsOf({ routes = [], lan = [], ha, healthChecks = [] }: SagOrders): readonly string[][] {
  return [
    ...routes.map(({ cidr, nextHop, policy, healthCheck }) => [
      'route',
      nextHop === undefined ? cidr : `${cidr} via ${nextHop}`,
      healthCheck === undefined ? policy : `${policy} (${healthCheck})`,
    ]),
    ...lan.map(({ id, address, dhcp }) => [
      'LAN port',
      id,
      dhcp === undefined ? address : `${address}, gives out ${dhcp.from} to ${dhcp.to}`,
    ]),
    ...(ha === undefined ? [] : [['HA', ha.type, ha.role]]),
    ...healthChecks.map(({ id, destination }) => ['health check', id, destination]),
  ];
}

function isPolicy(text: string): text is RoutePolicy {
  return ROUTE_POLICIES.some((policy) => policy === text);
}

function isHaType(text: string): text is HaType {
  return HA_TYPES.some((type) => type === text);
}

function isHaRole(text: string): text is HaRole {
  return HA_ROLES.some((role) => role === text);
}
