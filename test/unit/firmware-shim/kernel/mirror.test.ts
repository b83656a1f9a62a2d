import { beforeEach, describe, expect, test } from 'vitest';
import {
  added,
  address,
  group,
  link,
  MirrorScene,
  neighbour,
  nexthop,
  route,
} from './mirror-scene.ts';

let scene: MirrorScene;

beforeEach(() => {
  scene = new MirrorScene();
});

describe('what the kernel tells', () => {
  test('the first view is told whole, and later only what made a difference', () => {
    scene.mirror.hear([link(2), added(route('10.1.0.0/24', { deviceIndex: 2 }))]);
    scene.mirror.hear([link(2)]);
    scene.mirror.hear([link(2, { mtu: 1400 })]);
    expect(scene.news.map(({ cause, changes }) => [cause, changes.length])).toEqual([
      ['view', 2],
      ['told', 1],
    ]);
    expect(scene.mirror.isSure).toBe(true);
  });

  test('a replaced route is gone although only the new one was told', () => {
    scene.mirror.hear([link(2), added(route('10.1.0.0/24', { gateway: '10.0.0.1' }))]);
    scene.mirror.hear([added(route('10.1.0.0/24', { gateway: '10.0.0.2' }), true)]);
    expect(scene.mirror.routes()).toEqual([route('10.1.0.0/24', { gateway: '10.0.0.2' })]);
    expect(scene.news.at(-1)?.changes.map(({ type }) => type)).toEqual([
      'routeRemoved',
      'routeAdded',
    ]);
  });

  test('routes to one network out of two devices stand side by side', () => {
    scene.mirror.hear([
      added(route('10.1.0.0/24', { deviceIndex: 2 })),
      added(route('10.1.0.0/24', { deviceIndex: 3 })),
      added(route('fe80::/64', { deviceIndex: 2, metric: 256 })),
      added(route('fe80::/64', { deviceIndex: 3, metric: 256 })),
    ]);
    scene.mirror.hear([{ type: 'routeRemoved', route: route('10.1.0.0/24', { deviceIndex: 2 }) }]);
    expect(scene.destinations()).toEqual(['10.1.0.0/24', 'fe80::/64', 'fe80::/64']);
  });

  test('when it is not told which of several routes was replaced, it looks', () => {
    const [a, b, c] = [1, 2, 3].map((at) => route('10.1.0.0/24', { gateway: `10.0.0.${at}` }));
    if (a === undefined || b === undefined || c === undefined) return;
    scene.mirror.hear([added(a), added(b)]);
    scene.look([added(a), added(b)]);
    scene.mirror.hear([added(c, true)]);
    expect(scene.mirror.isSure).toBe(false);
    expect(scene.look([added(b), added(c)])).toEqual(['routes']);
    expect(scene.mirror.routes()).toEqual([b, c]);
    expect(scene.news.at(-1)).toEqual({
      cause: 'found',
      changes: [{ type: 'routeRemoved', route: a }],
    });
  });

  test('two IPv6 routes that became one of two paths are found by looking', () => {
    const [one, two] = ['fd01::1', 'fd01::2'].map((gateway) =>
      route('fd09::/64', { gateway, deviceIndex: 2, metric: 1024 }),
    );
    const paths = ['fd01::1', 'fd01::2'].map((gateway) => ({ deviceIndex: 2, gateway, weight: 1 }));
    if (one === undefined || two === undefined) return;
    const both = route('fd09::/64', { metric: 1024, paths });
    scene.mirror.hear([added(one)]);
    scene.mirror.hear([added(both)]);
    scene.look([added(both)]);
    expect(scene.mirror.routes()).toEqual([both]);
    scene.mirror.hear([{ type: 'routeRemoved', route: one }]);
    scene.look([added(two)]);
    expect(scene.mirror.routes()).toEqual([two]);
  });

  test('neighbours come, change and go, and entries nobody resolved are not kept', () => {
    scene.mirror.hear([neighbour(0x40, { address: 'ff02::1' }), neighbour(2)]);
    expect(scene.mirror.size('neighbours')).toBe(1);
    scene.mirror.hear([neighbour(4, { hardwareAddress: '02:00:00:00:00:01' })]);
    expect(scene.mirror.objects('neighbours')).toEqual([
      neighbour(4, { hardwareAddress: '02:00:00:00:00:01' }),
    ]);
    scene.mirror.hear([neighbour(0)]);
    expect(scene.mirror.size('neighbours')).toBe(0);
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

  beforeEach(() => scene.mirror.hear(view));

  test('a lost carrier takes nexthops, shrinks groups, and empties one with its routes', () => {
    scene.mirror.hear([link(2, { carrier: false })]);
    expect(scene.destinations()).toEqual(['10.10.0.0/16', '10.2.0.0/24', '10.2.0.1/32']);
    expect(scene.mirror.objects('nexthops')).toEqual([
      nexthop(2, { deviceIndex: 3 }),
      group(10, 2),
    ]);
    expect(
      scene.look([
        nexthop(2, { deviceIndex: 3 }),
        group(10, 2),
        ...view.slice(2, 3),
        view[7],
        view[9],
        view[10],
      ]),
    ).toEqual(['addresses', 'nexthops', 'routes']);
    expect(scene.mirror.counters.found).toBe(0);
    expect(scene.mirror.isSure).toBe(true);
  });

  test('a device taken down keeps only its local IPv4 routes', () => {
    scene.mirror.hear([link(2, { adminUp: false, carrier: false })]);
    expect(scene.destinations()).toEqual(['10.10.0.0/16', '10.2.0.1/32']);
  });

  test('the last IPv4 address takes every route straight out of its device along', () => {
    scene.mirror.hear([{ type: 'addressRemoved', address: address(2, '10.2.0.1') }]);
    expect(scene.destinations()).toEqual(['10.10.0.0/16', '10.11.0.0/16']);
  });

  test('a nexthop that was deleted takes its routes along', () => {
    scene.mirror.hear([{ type: 'nexthopRemoved', id: 1 }]);
    expect(scene.destinations()).not.toContain('10.11.0.0/16');
  });

  test('a device that is gone leaves nothing', () => {
    scene.mirror.hear([neighbour(2), { type: 'linkRemoved', index: 2, name: 'eth2' }]);
    expect(scene.destinations()).toEqual(['10.10.0.0/16']);
    expect(scene.mirror.size('addresses') + scene.mirror.size('neighbours')).toBe(0);
  });

  test('what came in after a look had begun is left alone by what the look finds', () => {
    scene.mirror.hear([link(2, { carrier: false })]);
    scene.startLook();
    scene.mirror.hear([
      added(route('10.77.0.0/16', { deviceIndex: 3 })),
      { type: 'routeRemoved', route: route('10.10.0.0/16', { nexthopId: 10 }) },
    ]);
    for (const { what, done } of scene.asked.splice(0)) {
      const objects = what.dump === 'routes' ? [view[7], view[9], view[10]] : [];
      done({ ok: true, objects });
    }
    expect(scene.destinations()).toEqual(['10.2.0.0/24', '10.2.0.1/32', '10.77.0.0/16']);
  });

  test('a look the kernel refused is made again, after the gap', () => {
    scene.mirror.hear([link(2, { carrier: false })]);
    scene.startLook();
    const refusal = { code: 'EINTR', errno: 4, text: '' };
    for (const { done } of scene.asked.splice(0)) done({ ok: false, refusal });
    expect(scene.mirror.isSure).toBe(false);
    expect(scene.timers).toHaveLength(1);
    scene.look(view);
    expect(scene.mirror.counters).toMatchObject({ looks: 2, looksFailed: 1 });
    expect(scene.mirror.isSure).toBe(true);
  });

  test('many losses cost one look at a time', () => {
    for (let flap = 0; flap < 100; flap += 1) {
      scene.mirror.hear([link(2, { carrier: false }), link(2)]);
    }
    expect(scene.timers).toHaveLength(1);
    scene.startLook();
    scene.mirror.hear([link(2, { carrier: false }), link(2)]);
    expect(scene.timers).toHaveLength(0);
    for (const { done } of scene.asked.splice(0)) done({ ok: true, objects: [] });
    expect(scene.timers).toHaveLength(1);
  });

  test('a mirror that was stopped asks nothing more', () => {
    scene.mirror.hear([link(2, { carrier: false })]);
    scene.mirror.stop();
    scene.look([]);
    expect(scene.asked).toEqual([]);
  });
});
