/** What a device does in each HA role, from the document to the fast path and the gateway. */
import { expect, test } from 'vitest';
import { OUTBOX_SHELF } from '../../../../agent/access/outbox.ts';
import { hashed } from '../../../../agent/contract/document-hash.ts';
import { readRestored } from '../../../../agent/contract/restored.ts';
import type { DesiredHa } from '../../../../agent/model/ha.ts';
import { isColdStandby } from '../../../../agent/model/ha.ts';
import { BOOT_ID, desired, received, uplinksPresent } from '../../../kit/branch.ts';
import { ControlScene } from '../../../kit/control-scene.ts';

const COLD_STANDBY: DesiredHa = { type: 'cold_backup', role: 'standby' };
const WARM_STANDBY: DesiredHa = { type: 'warm_backup', role: 'standby' };

function withRole(ha: DesiredHa): ControlScene {
  const scene = new ControlScene();
  scene.start();
  scene.register();
  scene.hear(received(desired()));
  scene.pass(3_000);
  scene.hear(received(desired({ revision: 2, ha })));
  scene.pass(3_000);
  return scene;
}

function keep(scene: ControlScene, disk: Map<string, Map<string, string>>): void {
  for (const effect of scene.seen) {
    if (effect.type !== 'storePut' && effect.type !== 'storeRemove') continue;
    const shelf = disk.get(effect.shelf) ?? new Map<string, string>();
    disk.set(effect.shelf, shelf);
    if (effect.type === 'storePut') shelf.set(effect.key, effect.value);
    else for (const key of effect.keys) shelf.delete(key);
  }
}

const plan = (scene: ControlScene) => {
  const order = scene.orders('planReceived').at(-1)?.order;
  return order?.type === 'planReceived' ? order.plan : undefined;
};

test('a cold standby makes no tunnel, routes no prefix, publishes nothing, and stays registered', () => {
  const scene = withRole(COLD_STANDBY);
  expect(plan(scene)).toMatchObject({ revision: 2, tunnels: [], prefixes: [], ha: COLD_STANDBY });
  expect(scene.of('removeTunnel').map(({ tunnel }) => tunnel)).toEqual(['wan1-gwa', 'wan2-gwa']);
  const because = 'a cold standby publishes nothing';
  expect(scene.published('state/routes').at(-1)).toMatchObject({
    cost: 100,
    routes: [{ state: 'revoked', published: 'not_publish', because }],
  });
  expect(scene.published('state/reported').at(-1)).toMatchObject({
    haState: 'Standby',
    controllerState: 'Normal',
  });
  expect(scene.wiring.snapshot().registration.state).toBe('registered');
  expect(scene.published('event/DeviceSwitched')).toHaveLength(1);
});

test('a warm standby does all of it, and its routes cost the CCN more', () => {
  const scene = withRole(WARM_STANDBY);
  expect(plan(scene)?.tunnels).toHaveLength(2);
  expect(scene.of('removeTunnel')).toEqual([]);
  expect(scene.published('state/routes').at(-1)).toMatchObject({
    cost: 100,
    routes: [{ published: 'publish' }],
  });
  expect(scene.published('event/DeviceSwitched')).toMatchObject([
    { content: { from: 'active', to: 'standby', haType: 'warm_backup' }, level: 'CRITICAL' },
  ]);
});

test('made active it makes its tunnels anew and publishes at the better cost', () => {
  const scene = withRole(COLD_STANDBY);
  const ensured = scene.of('ensureTunnel').length;
  scene.hear(received(desired({ revision: 3, ha: { type: 'cold_backup', role: 'active' } })));
  scene.pass(3_000);
  expect(scene.of('ensureTunnel').length - ensured).toBe(2);
  expect(plan(scene)).toMatchObject({ revision: 3, prefixes: ['172.16.0.0/16'] });
  expect(scene.published('state/routes').at(-1)).toMatchObject({
    cost: 10,
    routes: [{ published: 'publish' }],
  });
  expect(scene.published('event/DeviceSwitched')).toHaveLength(2);
});

test.each([COLD_STANDBY, WARM_STANDBY])(
  '$type: the role survives a restart, and is no switch',
  (ha) => {
    const scene = new ControlScene();
    scene.hear({ type: 'tunnelsFound', tunnels: [] });
    const rest = { bdSeq: 4, events: [], commands: [], refused: [] };
    scene.hear({ type: 'storeRestored', ...rest, desired: hashed(desired({ ha })) });
    scene.hear({ type: 'kernelChanged', events: uplinksPresent });
    scene.pass(3_000);
    expect(plan(scene)).toMatchObject({ ha, tunnels: isColdStandby(ha) ? [] : [{}, {}] });
    expect(scene.of('ensureTunnel')).toHaveLength(isColdStandby(ha) ? 0 : 2);
    expect(scene.wiring.snapshot().desired.ha).toEqual(ha);
    expect(scene.published('event/DeviceSwitched')).toEqual([]);
    expect(scene.wiring.snapshot().agent.bootId).toBe(BOOT_ID);
  },
);

test('a role that a restart within its trial changes back is told once, whatever restarts follow', () => {
  const disk = new Map<string, Map<string, string>>();
  const first = new ControlScene();
  first.start();
  first.register();
  first.hear(received(desired()));
  first.pass(3_000);
  first.isMute = true;
  first.hear(received(desired({ revision: 2, ha: COLD_STANDBY })));
  first.pass(3_000);
  expect(first.published('event/DeviceSwitched')).toHaveLength(1);
  keep(first, disk);
  const switches = [1, 2].map(() => {
    const next = new ControlScene();
    next.hear({ type: 'tunnelsFound', tunnels: [] });
    const load = (shelf: string) =>
      [...(disk.get(shelf) ?? [])].map(([key, value]) => ({ key, value }));
    next.hear(readRestored(load));
    next.hear({ type: 'kernelChanged', events: uplinksPresent });
    next.pass(3_000);
    expect(plan(next)).toMatchObject({ revision: 1, tunnels: [{}, {}] });
    keep(next, disk);
    return next
      .of('storePut')
      .flatMap(({ shelf, value }) => (shelf === OUTBOX_SHELF ? [JSON.parse(value)] : []));
  });
  const back = { name: 'DeviceSwitched', content: { from: 'standby', to: 'active', revision: 1 } };
  expect(switches).toMatchObject([[back], []]);
});

test('a standby whose gateway is gone for hours stays what it is: it takes nothing over by itself', () => {
  const scene = withRole(COLD_STANDBY);
  const orders = scene.orders('planReceived').length;
  scene.hear({ type: 'channelClosed', code: 'ECONNRESET', text: 'lost' });
  scene.pass(2 * 3_600_000);
  expect(scene.orders('planReceived')).toHaveLength(orders);
  expect(scene.wiring.snapshot().desired).toMatchObject({ revision: 2, ha: COLD_STANDBY });
});
