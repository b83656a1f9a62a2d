/**
 * The fake kernel is worth what it shares with the real one: both are given the same operations, and must
 * answer with the same words and look the same afterwards.
 */
import { expect, test } from 'vitest';
import type { KernelOperation } from '../../../firmware-shim/kernel/operations.ts';
import type {
  KernelNexthop,
  KernelRoute,
  KernelRule,
} from '../../../firmware-shim/kernel/types.ts';
import { FakeKernel } from '../../../sim/models/kernel/fake-kernel.ts';
import { awaitedKernel } from '../../kit/awaited-kernel.ts';
import { branchNetnsPerTest } from './branch-netns.ts';

const branch = branchNetnsPerTest();

/** Devices come in this order in both kernels: a veth pair per uplink, the far end first. */
const [FAR1, WAN1, FAR2, WAN2, ABSENT] = [2, 3, 4, 5, 99];

function nexthop(id: number, rest: Partial<KernelNexthop>): KernelOperation {
  return { op: 'nexthopReplace', nexthop: { id, family: 'ipv4', protocol: 196, ...rest } };
}

function group(id: number, ...members: readonly number[]): KernelOperation {
  return nexthop(id, { group: members.map((member) => ({ id: member, weight: 1 })) });
}

function route(
  op: 'routeAdd' | 'routeReplace' | 'routeDelete',
  destination: string,
  rest: Partial<KernelRoute>,
): KernelOperation {
  const family = destination.includes(':') ? 'ipv6' : 'ipv4';
  return {
    op,
    route: { family, destination, table: 254, protocol: 196, type: 'unicast', ...rest },
  };
}

function rule(op: 'ruleAdd' | 'ruleDelete', rest: Partial<KernelRule>): KernelOperation {
  return { op, rule: { family: 'ipv4', priority: 1000, table: 100, ...rest } };
}

function address(
  op: 'addressReplace' | 'addressDelete',
  deviceIndex: number,
  text: string,
): KernelOperation {
  const [bare = '', length] = text.split('/');
  const family = bare.includes(':') ? 'ipv6' : 'ipv4';
  return { op, address: { deviceIndex, family, address: bare, prefixLength: Number(length) } };
}

const DEVICES: readonly KernelOperation[] = [
  { op: 'linkAdd', name: 'wan1', details: { kind: 'veth', peerName: 'far1' } },
  { op: 'linkAdd', name: 'wan2', details: { kind: 'veth', peerName: 'far2' } },
  { op: 'linkAdd', name: 'wan1', details: { kind: 'bridge' } },
  { op: 'linkAdd', name: 'a-name-beyond-the-limit', details: { kind: 'bridge' } },
  { op: 'linkSet', index: FAR1, adminUp: true },
  address('addressReplace', WAN1, '10.1.0.1/24'),
  { op: 'linkSet', index: WAN1, adminUp: true },
  address('addressReplace', WAN2, '10.2.0.1/24'),
  address('addressReplace', ABSENT, '10.3.0.1/24'),
  address('addressReplace', WAN1, '10.3.0.1/33'),
  address('addressDelete', WAN1, '10.9.9.9/24'),
  address('addressDelete', ABSENT, '10.9.9.9/24'),
  { op: 'linkSet', index: ABSENT, adminUp: true },
  { op: 'linkSet', index: WAN2, name: 'wan1' },
  { op: 'linkSet', index: WAN2, master: ABSENT },
  { op: 'linkSet', index: WAN2, master: WAN1 },
  { op: 'linkSet', index: WAN2, mtu: 10 },
  { op: 'linkDelete', index: ABSENT },
  { op: 'linkDelete', index: 1 },
];

const NEXTHOPS: readonly KernelOperation[] = [
  nexthop(1, { gateway: '10.1.0.2', deviceIndex: WAN1 }),
  nexthop(2, { deviceIndex: WAN1 }),
  nexthop(3, { gateway: '10.7.0.2', deviceIndex: WAN1 }),
  nexthop(3, { gateway: '10.1.0.2' }),
  nexthop(3, { deviceIndex: ABSENT }),
  nexthop(3, { deviceIndex: WAN2 }),
  { op: 'linkSet', index: WAN2, adminUp: true },
  nexthop(3, { deviceIndex: WAN2 }),
  { op: 'linkSet', index: FAR2, adminUp: true },
  nexthop(3, { gateway: '10.2.0.2', deviceIndex: WAN2 }),
  nexthop(9, { blackhole: true }),
  nexthop(0, { deviceIndex: WAN1 }),
  group(10, 1, 3),
  group(11, 1),
  group(12, 9),
  group(13),
  group(13, 77),
  group(13, 1, 1),
  group(13, 10),
  group(13, 9, 1),
  group(1, 3),
  nexthop(10, { deviceIndex: WAN1 }),
  { op: 'nexthopDelete', id: 500 },
];

const ROUTES: readonly KernelOperation[] = [
  route('routeAdd', '10.50.0.0/16', { gateway: '10.77.0.1' }),
  route('routeAdd', '10.51.0.0/16', { gateway: '10.1.0.2' }),
  route('routeAdd', '10.51.0.0/16', { gateway: '10.1.0.2' }),
  route('routeAdd', '10.51.0.0/16', { gateway: '10.1.0.2', metric: 7 }),
  route('routeAdd', '10.51.0.1/16', { gateway: '10.1.0.2' }),
  route('routeAdd', '10.52.0.0/16', { deviceIndex: ABSENT }),
  route('routeAdd', '10.52.0.0/16', { deviceIndex: WAN2 }),
  route('routeAdd', '10.53.0.0/16', {}),
  route('routeAdd', '10.53.0.0/16', { nexthopId: 500 }),
  route('routeAdd', '10.53.0.0/16', { nexthopId: 1, deviceIndex: WAN1 }),
  route('routeAdd', '10.53.0.0/16', { nexthopId: 1, source: '10.66.0.1' }),
  route('routeAdd', '10.53.0.0/16', { nexthopId: 1, source: '10.1.0.1' }),
  route('routeAdd', '10.54.0.0/16', { type: 'blackhole' }),
  route('routeAdd', '10.55.0.0/16', { type: 'unreachable' }),
  route('routeAdd', '10.56.0.0/16', { nexthopId: 10 }),
  route('routeAdd', '10.57.0.0/16', { nexthopId: 11 }),
  route('routeAdd', '10.58.0.0/16', { nexthopId: 12 }),
  route('routeAdd', '0.0.0.0/0', { nexthopId: 10, table: 100 }),
  route('routeReplace', '10.51.0.0/16', { nexthopId: 10 }),
  route('routeReplace', '10.59.0.0/16', { nexthopId: 10 }),
  route('routeDelete', '10.99.0.0/16', {}),
  route('routeDelete', '10.56.0.0/16', { nexthopId: 10, protocol: 4 }),
  route('routeDelete', '10.56.0.0/16', { nexthopId: 1 }),
  route('routeDelete', '10.56.0.0/16', { nexthopId: 10 }),
  route('routeAdd', 'fd53::/16', {}),
  route('routeAdd', 'fd53::/16', { nexthopId: 1 }),
  route('routeAdd', 'fd53::/16', { type: 'blackhole' }),
  route('routeAdd', 'fd53::/16', { type: 'blackhole' }),
  route('routeDelete', 'fd99::/16', {}),
];

const RULES: readonly KernelOperation[] = [
  rule('ruleAdd', { fwmark: 7 }),
  rule('ruleAdd', { fwmark: 7 }),
  rule('ruleAdd', { fwmark: 7, protocol: 196 }),
  rule('ruleAdd', { from: '10.1.0.1/32', to: '10.0.0.0/8', priority: 900 }),
  rule('ruleDelete', { fwmark: 8 }),
  rule('ruleDelete', { fwmark: 7, protocol: 4 }),
  rule('ruleDelete', {}),
];

const LOSSES: readonly KernelOperation[][] = [
  [{ op: 'nexthopDelete', id: 1 }],
  [{ op: 'linkSet', index: FAR1, adminUp: false }],
  [
    { op: 'linkSet', index: WAN1, adminUp: false },
    { op: 'linkSet', index: WAN1, adminUp: true },
  ],
  [address('addressDelete', WAN1, '10.1.0.1/24')],
  [{ op: 'linkDelete', index: WAN1 }],
];

test.each(LOSSES.map((loss) => ({ what: JSON.stringify(loss), loss })))(
  'the fake answers and ends like the real kernel, up to $what',
  async ({ loss }) => {
    const { kernel, netns } = branch();
    const fake = new FakeKernel({ defer: (run) => queueMicrotask(run) });
    const faked = awaitedKernel(fake);
    for (const operation of [...DEVICES, ...NEXTHOPS, ...ROUTES, ...RULES, ...loss]) {
      const [real, ours] = [await kernel.perform(operation), await faked.perform(operation)];
      expect({ operation, answer: ours }).toEqual({
        operation,
        answer: inFakeWords(operation, real),
      });
    }
    expect(linesOf(fake.text('nexthop'))).toEqual(linesOf(named(netns.ip('-N', 'nexthop'))));
    expect(linesOf(fake.text('rule'))).toEqual(
      ['-4', '-6'].flatMap((family) => linesOf(named(netns.ip('-N', family, 'rule')))).sort(),
    );
    const routes = named(netns.ip('-N', '-4', 'route', 'show', 'table', 'all'));
    expect(pathless(linesOf(fake.text('route'), IPV4_ROUTE))).toEqual(
      pathless(linesOf(routes, IPV4_ROUTE)),
    );
  },
);

/** The kernel's own numbers by their names; those of others differ from machine to machine. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/\bproto 2\b/g, 'proto kernel'],
  [/\bproto 4\b/g, 'proto static'],
  [/\bscope 253\b/g, 'scope link'],
  [/\bscope 254\b/g, 'scope host'],
  [/\b(table|lookup) 255\b/g, '$1 local'],
  [/\b(table|lookup) 254\b/g, '$1 main'],
  [/\b(table|lookup) 253\b/g, '$1 default'],
  [/^6 /gm, 'blackhole '],
  [/^7 /gm, 'unreachable '],
];

/** What `ip -N` printed, in words. */
function named(text: string): string {
  let result = text;
  for (const [number, name] of NAMES) result = result.replace(number, name);
  return result;
}

/** The fake does not print an IPv6 route's `pref`, and keeps no local table. */
const IPV4_ROUTE = /^(?!.*(table local|fd53|nexthop via)).*$/;

function linesOf(text: string, keep = /^/): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && keep.test(line))
    .sort();
}

/** `ip` repeats a nexthop's content in the routes that use it; the nexthop says it already. */
function pathless(lines: readonly string[]): readonly string[] {
  const bare = lines.map((line) =>
    line.includes(' nhid ')
      ? line.replace(/^blackhole /, '').replace(/( via \S+)? dev \S+/, '')
      : line,
  );
  return bare.sort();
}

/** The fake has no notion of a table without routes. */
function inFakeWords(operation: KernelOperation, answer: string): string {
  return operation.op === 'routeDelete' ? answer.replace(' FIB table does not exist', '') : answer;
}
