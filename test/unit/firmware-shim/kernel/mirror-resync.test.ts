import { beforeEach, describe, expect, test } from 'vitest';
import { RESYNC_OBJECTS_MAX } from '../../../../firmware-shim/kernel/mirror-news.ts';
import { added, link, MirrorScene, nexthop, route } from './mirror-scene.ts';

let scene: MirrorScene;

beforeEach(() => {
  scene = new MirrorScene();
});

describe('after an overrun', () => {
  test('one note says what was different, with the first of the objects', () => {
    const before = Array.from({ length: 50 }, (_, at) =>
      added(route(`10.1.${at}.0/24`, { deviceIndex: 2 })),
    );
    const after = Array.from({ length: 50 }, (_, at) =>
      added(route(`10.1.${at + 5}.0/24`, { deviceIndex: at < 3 ? 3 : 2 })),
    );
    scene.mirror.hear([link(2), ...before]);
    scene.mirror.hear([{ type: 'overrun' }, link(2, { mtu: 1400 }), ...after]);
    expect(scene.news.at(-1)).toMatchObject({
      cause: 'overrun',
      note: { code: 'kernelResynced', level: 'warning', added: 5, removed: 5, changed: 4 },
    });
    // A replaced route is two changes for whoever applies them.
    expect(scene.news.at(-1)?.changes).toHaveLength(5 + 5 + 1 + 2 * 3);
    expect(scene.news.at(-1)?.note?.objects.length).toBeLessThanOrEqual(RESYNC_OBJECTS_MAX);
    expect(scene.destinations()).toHaveLength(50);
  });

  test('from the loss of messages to the whole view nothing is sure', () => {
    scene.mirror.hear([link(2)]);
    scene.mirror.missed();
    scene.mirror.hear([link(2, { mtu: 1400 })]);
    expect(scene.mirror.isSure).toBe(false);
    scene.mirror.hear([{ type: 'overrun' }, link(2, { mtu: 1300 })]);
    expect(scene.mirror.isSure).toBe(true);
  });

  test('a look from before the overrun changes nothing any more', () => {
    scene.mirror.hear([link(2), added(route('10.1.0.0/24', { deviceIndex: 2 }))]);
    scene.mirror.hear([link(2, { carrier: false })]);
    scene.startLook();
    scene.mirror.hear([
      { type: 'overrun' },
      link(2),
      added(route('10.9.0.0/24', { deviceIndex: 2 })),
    ]);
    for (const { done } of scene.asked.splice(0)) done({ ok: true, objects: [] });
    expect(scene.destinations()).toEqual(['10.9.0.0/24']);
  });
});

describe('a mirror of one protocol', () => {
  beforeEach(() => {
    scene = new MirrorScene(196);
    scene.mirror.hear([
      link(2),
      added(route('10.1.0.0/24', { deviceIndex: 2 })),
      added(route('10.2.0.0/24', { protocol: 4 })),
      nexthop(7, { protocol: 4 }),
    ]);
  });

  test('keeps nothing of others and asks for its own', () => {
    expect(scene.destinations()).toEqual(['10.1.0.0/24']);
    expect(scene.mirror.size('nexthops')).toBe(0);
    scene.mirror.hear([link(2, { carrier: false })]);
    scene.startLook();
    expect(scene.asked.map(({ what }) => what)).toContainEqual({ dump: 'routes', protocol: 196 });
  });

  test('looks when another takes the place of one of its routes', () => {
    scene.mirror.hear([added(route('10.1.0.0/24', { protocol: 4 }), true)]);
    scene.look([]);
    expect(scene.destinations()).toEqual([]);
  });
});

describe('devices by index and epoch', () => {
  test('a binding survives a rename and ends with its device, whatever gets its index', () => {
    scene.mirror.hear([link(2, { name: 'wan1' })]);
    const wan1 = scene.mirror.devices.bind('wan1');
    if (wan1 === undefined) throw new Error('not bound');
    scene.mirror.hear([link(2, { name: 'wan9' })]);
    expect(scene.mirror.devices.link(wan1)?.name).toBe('wan9');
    scene.mirror.hear([{ type: 'linkRemoved', index: 2, name: 'wan9' }, link(2, { name: 'wan9' })]);
    expect(scene.mirror.devices.link(wan1)).toBeUndefined();
    expect(scene.mirror.devices.bind('wan9')).not.toEqual(wan1);
    expect(scene.mirror.devices.bind('wan1')).toBeUndefined();
  });

  test('after an overrun a device with another hardware address is another device', () => {
    scene.mirror.hear([link(2, { hardwareAddress: '02:00:00:00:00:01' }), link(3)]);
    const [two, three] = [scene.mirror.devices.bindIndex(2), scene.mirror.devices.bindIndex(3)];
    if (two === undefined || three === undefined) throw new Error('not bound');
    scene.mirror.hear([
      { type: 'overrun' },
      link(2, { hardwareAddress: '02:00:00:00:00:02' }),
      link(3),
    ]);
    expect(scene.mirror.devices.link(two)).toBeUndefined();
    expect(scene.mirror.devices.link(three)?.index).toBe(3);
  });
});
