import { beforeEach, describe, expect, test } from 'vitest';
import { KernelMirror } from '../../../../firmware-shim/kernel/mirror.ts';
import {
  type MirrorNews,
  RESYNC_OBJECTS_MAX,
} from '../../../../firmware-shim/kernel/mirror-news.ts';
import type { KernelDump, KernelDumpResult } from '../../../../firmware-shim/kernel/operations.ts';
import type {
  KernelAddress,
  KernelEvent,
  KernelLink,
  KernelNeighbour,
  KernelNexthop,
  KernelRoute,
} from '../../../../firmware-shim/kernel/types.ts';

let asked: { what: KernelDump; done: (result: KernelDumpResult) => void }[];
let timers: { delayMs: number; run: () => void }[];
let news: MirrorNews[];
let mirror: KernelMirror;

function made(protocol?: number): KernelMirror {
  asked = [];
  timers = [];
  news = [];
  const port = {
    dump: (what: KernelDump, done: (result: KernelDumpResult) => void) =>
      asked.push({ what, done }),
    afterMs: (delayMs: number, run: () => void) => timers.push({ delayMs, run }),
    tell: (one: MirrorNews) => news.push(one),
  };
  return new KernelMirror(port, protocol === undefined ? {} : { protocol });
}

beforeEach(() => {
  mirror = made();
});

const link = (index: number, rest: Partial<KernelLink> = {}): KernelEvent => ({
  type: 'linkChanged',
  link: { index, name: `eth${index}`, adminUp: true, carrier: true, mtu: 1500, ...rest },
});
const address = (deviceIndex: number, text: string): KernelAddress => ({
  deviceIndex,
  family: text.includes(':') ? 'ipv6' : 'ipv4',
  address: text,
  prefixLength: text.includes(':') ? 64 : 24,
});
const route = (destination: string, rest: Partial<KernelRoute>): KernelRoute => ({
  family: destination.includes(':') ? 'ipv6' : 'ipv4',
  destination,
  table: 254,
  protocol: 196,
  type: 'unicast',
  ...rest,
});
const added = (one: KernelRoute, replaces?: true): KernelEvent => ({
  type: 'routeAdded',
  route: one,
  ...(replaces && { replaces }),
});
const nexthop = (id: number, rest: Partial<KernelNexthop>): KernelEvent => ({
  type: 'nexthopAdded',
  nexthop: { id, family: 'ipv4', protocol: 196, ...rest },
});
const group = (id: number, ...members: readonly number[]): KernelEvent =>
  nexthop(id, { group: members.map((member) => ({ id: member, weight: 1 })) });
const neighbour = (state: number, rest: Partial<KernelNeighbour> = {}): KernelEvent => ({
  type: 'neighbourChanged',
  neighbour: { deviceIndex: 2, family: 'ipv6', address: 'fe80::2', state, ...rest },
});

/** Time passes: the look that is due starts, and its dumps are answered from `kernel`. */
function look(kernel: readonly KernelEvent[]): readonly string[] {
  timers.shift()?.run();
  const dumps = asked.splice(0);
  const kinds = {
    links: 'link',
    addresses: 'address',
    routes: 'route',
    rules: 'rule',
    nexthops: 'nexthop',
    neighbours: 'neighbour',
  };
  for (const { what, done } of dumps) {
    const objects = kernel.filter((event) => event.type.startsWith(kinds[what.dump]));
    done({ ok: true, objects });
  }
  return dumps.map(({ what }) => what.dump);
}

const destinations = (): readonly string[] =>
  mirror
    .routes()
    .map(({ destination }) => destination)
    .sort();

describe('what the kernel tells', () => {
  test('the first view is told whole, and later only what made a difference', () => {
    mirror.hear([link(2), added(route('10.1.0.0/24', { deviceIndex: 2 }))]);
    mirror.hear([link(2)]);
    mirror.hear([link(2, { mtu: 1400 })]);
    expect(news.map(({ cause, changes }) => [cause, changes.length])).toEqual([
      ['view', 2],
      ['told', 1],
    ]);
    expect(mirror.isSure).toBe(true);
  });

  test('a replaced route is gone although only the new one was told', () => {
    mirror.hear([link(2), added(route('10.1.0.0/24', { gateway: '10.0.0.1' }))]);
    mirror.hear([added(route('10.1.0.0/24', { gateway: '10.0.0.2' }), true)]);
    expect(mirror.routes()).toEqual([route('10.1.0.0/24', { gateway: '10.0.0.2' })]);
    expect(news.at(-1)?.changes.map(({ type }) => type)).toEqual(['routeRemoved', 'routeAdded']);
  });

  test('routes to one network out of two devices stand side by side', () => {
    mirror.hear([
      added(route('10.1.0.0/24', { deviceIndex: 2 })),
      added(route('10.1.0.0/24', { deviceIndex: 3 })),
      added(route('fe80::/64', { deviceIndex: 2, metric: 256 })),
      added(route('fe80::/64', { deviceIndex: 3, metric: 256 })),
    ]);
    mirror.hear([{ type: 'routeRemoved', route: route('10.1.0.0/24', { deviceIndex: 2 }) }]);
    expect(destinations()).toEqual(['10.1.0.0/24', 'fe80::/64', 'fe80::/64']);
  });

  test('when it is not told which of several routes was replaced, it looks', () => {
    const [a, b, c] = [1, 2, 3].map((at) => route('10.1.0.0/24', { gateway: `10.0.0.${at}` }));
    if (a === undefined || b === undefined || c === undefined) return;
    mirror.hear([added(a), added(b)]);
    look([added(a), added(b)]);
    mirror.hear([added(c, true)]);
    expect(mirror.isSure).toBe(false);
    expect(look([added(b), added(c)])).toEqual(['routes']);
    expect(mirror.routes()).toEqual([b, c]);
    expect(news.at(-1)).toEqual({ cause: 'found', changes: [{ type: 'routeRemoved', route: a }] });
  });

  test('two IPv6 routes that became one of two paths are found by looking', () => {
    const [one, two] = ['fd01::1', 'fd01::2'].map((gateway) =>
      route('fd09::/64', { gateway, deviceIndex: 2, metric: 1024 }),
    );
    const paths = ['fd01::1', 'fd01::2'].map((gateway) => ({ deviceIndex: 2, gateway, weight: 1 }));
    if (one === undefined || two === undefined) return;
    const both = route('fd09::/64', { metric: 1024, paths });
    mirror.hear([added(one)]);
    mirror.hear([added(both)]);
    look([added(both)]);
    expect(mirror.routes()).toEqual([both]);
    mirror.hear([{ type: 'routeRemoved', route: one }]);
    look([added(two)]);
    expect(mirror.routes()).toEqual([two]);
  });

  test('neighbours come, change and go, and entries nobody resolved are not kept', () => {
    mirror.hear([neighbour(0x40, { address: 'ff02::1' }), neighbour(2)]);
    expect(mirror.size('neighbours')).toBe(1);
    mirror.hear([neighbour(4, { hardwareAddress: '02:00:00:00:00:01' })]);
    expect(mirror.objects('neighbours')).toEqual([
      neighbour(4, { hardwareAddress: '02:00:00:00:00:01' }),
    ]);
    mirror.hear([neighbour(0)]);
    expect(mirror.size('neighbours')).toBe(0);
  });
});

describe('what the kernel does not tell', () => {
  const view = [
    link(2),
    link(3),
    { type: 'addressAdded', address: address(2, '10.2.0.1') } as const,
    nexthop(1, { deviceIndex: 2, gateway: '10.2.0.2' }),
    nexthop(2, { deviceIndex: 3 }),
    group(10, 1, 2),
    group(11, 1),
    added(route('10.10.0.0/16', { nexthopId: 10 })),
    added(route('10.11.0.0/16', { nexthopId: 11 })),
    added(route('10.2.0.0/24', { deviceIndex: 2, source: '10.2.0.1' })),
    added(route('10.2.0.1/32', { deviceIndex: 2, type: 'local', table: 255 })),
  ] as const;

  beforeEach(() => mirror.hear(view));

  test('a lost carrier takes nexthops, shrinks groups, and empties one with its routes', () => {
    mirror.hear([link(2, { carrier: false })]);
    expect(destinations()).toEqual(['10.10.0.0/16', '10.2.0.0/24', '10.2.0.1/32']);
    expect(mirror.objects('nexthops')).toEqual([nexthop(2, { deviceIndex: 3 }), group(10, 2)]);
    expect(
      look([
        nexthop(2, { deviceIndex: 3 }),
        group(10, 2),
        ...view.slice(2, 3),
        view[7],
        view[9],
        view[10],
      ]),
    ).toEqual(['addresses', 'nexthops', 'routes']);
    expect(mirror.counters.found).toBe(0);
    expect(mirror.isSure).toBe(true);
  });

  test('a device taken down keeps only its local IPv4 routes', () => {
    mirror.hear([link(2, { adminUp: false, carrier: false })]);
    expect(destinations()).toEqual(['10.10.0.0/16', '10.2.0.1/32']);
  });

  test('the last IPv4 address takes every route straight out of its device along', () => {
    mirror.hear([{ type: 'addressRemoved', address: address(2, '10.2.0.1') }]);
    expect(destinations()).toEqual(['10.10.0.0/16', '10.11.0.0/16']);
  });

  test('a nexthop that was deleted takes its routes along', () => {
    mirror.hear([{ type: 'nexthopRemoved', id: 1 }]);
    expect(destinations()).not.toContain('10.11.0.0/16');
  });

  test('a device that is gone leaves nothing', () => {
    mirror.hear([neighbour(2), { type: 'linkRemoved', index: 2, name: 'eth2' }]);
    expect(destinations()).toEqual(['10.10.0.0/16']);
    expect(mirror.size('addresses') + mirror.size('neighbours')).toBe(0);
  });

  test('what came in after a look had begun is left alone by what the look finds', () => {
    mirror.hear([link(2, { carrier: false })]);
    timers.shift()?.run();
    mirror.hear([
      added(route('10.77.0.0/16', { deviceIndex: 3 })),
      { type: 'routeRemoved', route: route('10.10.0.0/16', { nexthopId: 10 }) },
    ]);
    for (const { what, done } of asked.splice(0)) {
      const objects = what.dump === 'routes' ? [view[7], view[9], view[10]] : [];
      done({ ok: true, objects });
    }
    expect(destinations()).toEqual(['10.2.0.0/24', '10.2.0.1/32', '10.77.0.0/16']);
  });

  test('a look the kernel refused is made again, after the gap', () => {
    mirror.hear([link(2, { carrier: false })]);
    timers.shift()?.run();
    const refusal = { code: 'EINTR', errno: 4, text: '' };
    for (const { done } of asked.splice(0)) done({ ok: false, refusal });
    expect(mirror.isSure).toBe(false);
    expect(timers).toHaveLength(1);
    look(view);
    expect(mirror.counters).toMatchObject({ looks: 2, looksFailed: 1 });
    expect(mirror.isSure).toBe(true);
  });

  test('many losses cost one look at a time', () => {
    for (let flap = 0; flap < 100; flap += 1) {
      mirror.hear([link(2, { carrier: false }), link(2)]);
    }
    expect(timers).toHaveLength(1);
    timers.shift()?.run();
    mirror.hear([link(2, { carrier: false }), link(2)]);
    expect(timers).toHaveLength(0);
    for (const { done } of asked.splice(0)) done({ ok: true, objects: [] });
    expect(timers).toHaveLength(1);
  });

  test('a mirror that was stopped asks nothing more', () => {
    mirror.hear([link(2, { carrier: false })]);
    mirror.stop();
    look([]);
    expect(asked).toEqual([]);
  });
});

describe('after an overrun', () => {
  test('one note says what was different, with the first of the objects', () => {
    const before = Array.from({ length: 50 }, (_, at) =>
      added(route(`10.1.${at}.0/24`, { deviceIndex: 2 })),
    );
    const after = Array.from({ length: 50 }, (_, at) =>
      added(route(`10.1.${at + 5}.0/24`, { deviceIndex: at < 3 ? 3 : 2 })),
    );
    mirror.hear([link(2), ...before]);
    mirror.hear([{ type: 'overrun' }, link(2, { mtu: 1400 }), ...after]);
    expect(news.at(-1)).toMatchObject({
      cause: 'overrun',
      note: { code: 'kernelResynced', level: 'warning', added: 5, removed: 5, changed: 4 },
    });
    // A replaced route is two changes for whoever applies them.
    expect(news.at(-1)?.changes).toHaveLength(5 + 5 + 1 + 2 * 3);
    expect(news.at(-1)?.note?.objects.length).toBeLessThanOrEqual(RESYNC_OBJECTS_MAX);
    expect(destinations()).toHaveLength(50);
  });

  test('a look from before the overrun changes nothing any more', () => {
    mirror.hear([link(2), added(route('10.1.0.0/24', { deviceIndex: 2 }))]);
    mirror.hear([link(2, { carrier: false })]);
    timers.shift()?.run();
    mirror.hear([{ type: 'overrun' }, link(2), added(route('10.9.0.0/24', { deviceIndex: 2 }))]);
    for (const { done } of asked.splice(0)) done({ ok: true, objects: [] });
    expect(destinations()).toEqual(['10.9.0.0/24']);
  });
});

describe('a mirror of one protocol', () => {
  beforeEach(() => {
    mirror = made(196);
    mirror.hear([
      link(2),
      added(route('10.1.0.0/24', { deviceIndex: 2 })),
      added(route('10.2.0.0/24', { protocol: 4 })),
      nexthop(7, { protocol: 4 }),
    ]);
  });

  test('keeps nothing of others and asks for its own', () => {
    expect(destinations()).toEqual(['10.1.0.0/24']);
    expect(mirror.size('nexthops')).toBe(0);
    mirror.hear([link(2, { carrier: false })]);
    timers.shift()?.run();
    expect(asked.map(({ what }) => what)).toContainEqual({ dump: 'routes', protocol: 196 });
  });

  test('looks when another takes the place of one of its routes', () => {
    mirror.hear([added(route('10.1.0.0/24', { protocol: 4 }), true)]);
    look([]);
    expect(destinations()).toEqual([]);
  });
});

describe('devices by index and epoch', () => {
  test('a binding survives a rename and ends with its device, whatever gets its index', () => {
    mirror.hear([link(2, { name: 'wan1' })]);
    const wan1 = mirror.devices.bind('wan1');
    if (wan1 === undefined) throw new Error('not bound');
    mirror.hear([link(2, { name: 'wan9' })]);
    expect(mirror.devices.link(wan1)?.name).toBe('wan9');
    mirror.hear([{ type: 'linkRemoved', index: 2, name: 'wan9' }, link(2, { name: 'wan9' })]);
    expect(mirror.devices.link(wan1)).toBeUndefined();
    expect(mirror.devices.bind('wan9')).not.toEqual(wan1);
    expect(mirror.devices.bind('wan1')).toBeUndefined();
  });

  test('after an overrun a device with another hardware address is another device', () => {
    mirror.hear([link(2, { hardwareAddress: '02:00:00:00:00:01' }), link(3)]);
    const [two, three] = [mirror.devices.bindIndex(2), mirror.devices.bindIndex(3)];
    if (two === undefined || three === undefined) throw new Error('not bound');
    mirror.hear([{ type: 'overrun' }, link(2, { hardwareAddress: '02:00:00:00:00:02' }), link(3)]);
    expect(mirror.devices.link(two)).toBeUndefined();
    expect(mirror.devices.link(three)?.index).toBe(3);
  });
});
