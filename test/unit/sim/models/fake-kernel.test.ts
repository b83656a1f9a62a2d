import { beforeEach, describe, expect, test } from 'vitest';
import type { KernelOperation } from '../../../../firmware-shim/kernel/operations.ts';
import type { KernelEvent, KernelRoute } from '../../../../firmware-shim/kernel/types.ts';
import { FakeKernel } from '../../../../sim/models/kernel/fake-kernel.ts';

let later: (() => void)[];
let kernel: FakeKernel;
let wan1: number;
let wan2: number;

beforeEach(() => {
  later = [];
  kernel = new FakeKernel({ defer: (run) => later.push(run) });
  wan1 = kernel.addDevice({ name: 'wan1', addresses: ['10.1.0.1/24', 'fd01::1/64'] });
  wan2 = kernel.addDevice({ name: 'wan2', addresses: ['10.2.0.1/24'] });
});

function settle(): void {
  while (later.length > 0) later.shift()?.();
}

/** `ok`, or the errno and the kernel's sentence. */
function perform(operation: KernelOperation): string {
  let answer = '';
  kernel.perform(operation, (result) => {
    answer = result.ok ? 'ok' : `${result.refusal.code} ${result.refusal.text}`.trim();
  });
  settle();
  return answer;
}

function gatewayNexthop(id: number, gateway: string, deviceIndex: number): KernelOperation {
  const family = gateway.includes(':') ? 'ipv6' : 'ipv4';
  return { op: 'nexthopReplace', nexthop: { id, family, protocol: 196, gateway, deviceIndex } };
}

function group(id: number, ...members: readonly number[]): KernelOperation {
  const all = members.map((member) => ({ id: member, weight: 1 }));
  return { op: 'nexthopReplace', nexthop: { id, family: 'ipv4', protocol: 196, group: all } };
}

function routeOf(destination: string, rest: Partial<KernelRoute>): KernelRoute {
  const family = destination.includes(':') ? 'ipv6' : 'ipv4';
  return { family, destination, table: 254, protocol: 196, type: 'unicast', ...rest };
}

function add(destination: string, rest: Partial<KernelRoute>): KernelOperation {
  return { op: 'routeAdd', route: routeOf(destination, rest) };
}

/** Two nexthops, a group of both, a group of the first, and a route on each group. */
function install(): void {
  for (const operation of [
    gatewayNexthop(1, '10.1.0.2', wan1),
    gatewayNexthop(2, '10.2.0.2', wan2),
    group(10, 1, 2),
    group(11, 1),
    add('10.90.0.0/16', { nexthopId: 10 }),
    add('10.91.0.0/16', { nexthopId: 11 }),
  ]) {
    expect(perform(operation)).toBe('ok');
  }
}

describe('what is told', () => {
  test('the whole present state first, then changes, all of them later', () => {
    const batches: (readonly KernelEvent[])[] = [];
    kernel.listen((events) => batches.push(events));
    expect(batches).toEqual([]);
    settle();
    kernel.setCarrier('wan1', false);
    settle();
    expect(batches).toHaveLength(2);
    expect(batches[0]?.filter((event) => event.type === 'linkChanged')).toHaveLength(3);
    expect(batches[1]).toMatchObject([
      { type: 'linkChanged', link: { name: 'wan1', carrier: false } },
    ]);
  });

  test('an operation acts at once and is answered later, in the order of the calls', () => {
    const answers: string[] = [];
    kernel.perform(gatewayNexthop(1, '10.1.0.2', wan1), () => answers.push('first'));
    kernel.dump({ dump: 'nexthops' }, (result) => {
      answers.push(`dump of ${result.ok ? result.objects.length : 0}`);
    });
    expect(kernel.text('nexthop')).toContain('id 1 via 10.1.0.2 dev wan1');
    expect(answers).toEqual([]);
    settle();
    expect(answers).toEqual(['first', 'dump of 1']);
  });

  test('after an overrun only the fresh view, opened by the news of it', () => {
    const batches: (readonly KernelEvent[])[] = [];
    kernel.listen((events) => batches.push(events));
    settle();
    kernel.setCarrier('wan1', false);
    kernel.overrun();
    settle();
    expect(batches).toHaveLength(2);
    expect(batches[1]?.[0]).toEqual({ type: 'overrun' });
    expect(batches[1]).toContainEqual({ type: 'linkChanged', link: kernel.linkNamed('wan1') });
  });

  test('a lost carrier tells of the link and of IPv6 routes, and of nothing else it took along', () => {
    install();
    perform(gatewayNexthop(3, 'fd01::2', wan1));
    perform(add('fd90::/16', { nexthopId: 3 }));
    const told: string[] = [];
    kernel.listen((events) => told.push(...events.map((event) => event.type)));
    settle();
    told.length = 0;
    kernel.setCarrier('wan1', false);
    settle();
    expect(told).toEqual(['routeRemoved', 'linkChanged']);
  });
});

describe('nexthops', () => {
  test.each(['carrier', 'admin'])(
    'of a device go when it loses its %s, groups shrink, emptied ones go with their routes',
    (what) => {
      install();
      if (what === 'carrier') kernel.setCarrier('wan1', false);
      else perform({ op: 'linkSet', index: wan1, adminUp: false });
      expect(kernel.text('nexthop')).toBe(
        'id 2 via 10.2.0.2 dev wan2 scope link proto 196\nid 10 group 2 proto 196\n',
      );
      expect(kernel.text('route')).toContain('10.90.0.0/16 nhid 10 proto 196\n');
      expect(kernel.text('route')).not.toContain('10.91.0.0/16');
    },
  );

  test('do not come back with the carrier', () => {
    install();
    kernel.setCarrier('wan1', false);
    kernel.setCarrier('wan1', true);
    expect(kernel.text('nexthop')).not.toContain('id 1 ');
  });

  test('deleted by hand are told, with the groups they shrink', () => {
    install();
    const told: KernelEvent[] = [];
    kernel.listen((events) => told.push(...events));
    settle();
    told.length = 0;
    perform({ op: 'nexthopDelete', id: 1 });
    expect(told.map((event) => event.type)).toEqual([
      'nexthopRemoved',
      'nexthopRemoved',
      'nexthopAdded',
    ]);
  });

  test('a group moved to a blackhole keeps its routes when the last tunnel goes', () => {
    install();
    perform({
      op: 'nexthopReplace',
      nexthop: { id: 9, family: 'ipv4', protocol: 196, blackhole: true },
    });
    expect(perform(group(11, 9))).toBe('ok');
    kernel.setCarrier('wan1', false);
    expect(kernel.text('route')).toContain('10.91.0.0/16 nhid 11');
    expect(kernel.lookUp({ destination: '10.91.0.1' })).toEqual({ to: 'blackhole' });
  });
});

describe('routes and rules', () => {
  test('of a device stay when its carrier goes, and go when it is set down', () => {
    perform(add('10.93.0.0/16', { gateway: '10.1.0.2' }));
    kernel.setCarrier('wan1', false);
    expect(kernel.text('route')).toContain('10.93.0.0/16 via 10.1.0.2 dev wan1 proto 196 linkdown');
    perform({ op: 'linkSet', index: wan1, adminUp: false });
    expect(kernel.text('route')).not.toContain('10.93.0.0/16');
    expect(kernel.text('route')).not.toContain('10.1.0.0/24');
  });

  test('rules choose the table by source and mark, the longest prefix the route', () => {
    install();
    perform(add('0.0.0.0/0', { table: 100, gateway: '10.2.0.2' }));
    perform(add('10.0.0.0/8', { gateway: '10.1.0.2' }));
    perform({ op: 'ruleAdd', rule: { family: 'ipv4', priority: 1000, table: 100, fwmark: 7 } });
    const path = (gateway: string, deviceIndex: number): unknown => ({
      to: 'device',
      gateway,
      deviceIndex,
    });
    expect(kernel.lookUp({ destination: '10.80.0.1' })).toEqual(path('10.1.0.2', wan1));
    expect(kernel.lookUp({ destination: '10.80.0.1', fwmark: 7 })).toEqual(path('10.2.0.2', wan2));
    expect(kernel.lookUp({ destination: '10.2.0.1', fwmark: 7 })).toEqual({ to: 'local' });
    expect(kernel.lookUp({ destination: '192.0.2.1' })).toEqual({ to: 'unreachable' });
  });
});

test('a refusal can be ordered for the next operation of a kind', () => {
  kernel.refuseNext('routeAdd', 'ENOMEM');
  expect(perform(add('10.93.0.0/16', { gateway: '10.1.0.2' }))).toBe('ENOMEM');
  expect(perform(add('10.93.0.0/16', { gateway: '10.1.0.2' }))).toBe('ok');
});

test('both ends of a veth pair have a carrier once both are up, and a bridge with its first port', () => {
  perform({ op: 'linkAdd', name: 'v0', details: { kind: 'veth', peerName: 'v1' } });
  perform({ op: 'linkAdd', name: 'br0', details: { kind: 'bridge' } });
  const index = (name: string): number => kernel.linkNamed(name)?.index ?? 0;
  perform({ op: 'linkSet', index: index('br0'), adminUp: true });
  perform({ op: 'linkSet', index: index('v1'), adminUp: true, master: index('br0') });
  expect(kernel.linkNamed('br0')?.carrier).toBe(false);
  perform({ op: 'linkSet', index: index('v0'), adminUp: true });
  expect(['v0', 'v1', 'br0'].map((name) => kernel.linkNamed(name)?.carrier)).toEqual([
    true,
    true,
    true,
  ]);
});

test('prints itself as iproute2 would', () => {
  install();
  perform(add('0.0.0.0/0', { gateway: '10.1.0.2', metric: 5 }));
  perform({
    op: 'ruleAdd',
    rule: {
      family: 'ipv4',
      priority: 1000,
      table: 100,
      from: '10.1.0.1/32',
      fwmark: 7,
      protocol: 196,
    },
  });
  expect(kernel.text('link')).toBe(
    '1: lo: <UP,LOWER_UP> mtu 65536\n2: wan1: <UP,LOWER_UP> mtu 1500\n3: wan2: <UP,LOWER_UP> mtu 1500\n',
  );
  expect(kernel.text('addr')).toContain('2: wan1    inet 10.1.0.1/24\n');
  expect(kernel.text('route')).toBe(
    [
      '10.1.0.0/24 dev wan1 proto kernel scope link src 10.1.0.1',
      'fd01::/64 dev wan1 proto kernel metric 256',
      '10.2.0.0/24 dev wan2 proto kernel scope link src 10.2.0.1',
      '10.90.0.0/16 nhid 10 proto 196',
      '10.91.0.0/16 nhid 11 proto 196',
      'default via 10.1.0.2 dev wan1 proto 196 metric 5',
      '',
    ].join('\n'),
  );
  expect(kernel.text('rule').split('\n')[1]).toBe(
    '1000:\tfrom 10.1.0.1 fwmark 0x7 lookup 100 proto 196',
  );
});
