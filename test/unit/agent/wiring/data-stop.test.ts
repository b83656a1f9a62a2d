/** What stops user traffic, from the document and the clock to the order to the fast path. */
import { expect, test } from 'vitest';
import { CommandIssuer } from '../../../../sim/live/command-issuer.ts';
import { desired, received } from '../../../kit/branch.ts';
import { ControlScene } from '../../../kit/control-scene.ts';

const issuer = new CommandIssuer('acme');
const stops = (scene: ControlScene) =>
  scene.orders('dataStopChanged').map(({ order }) => 'stop' in order && order.stop);

function withDocument(change: Parameters<typeof desired>[0]): ControlScene {
  const scene = new ControlScene();
  scene.start();
  scene.register();
  scene.hear(received(desired(change)));
  scene.pass(1_000);
  return scene;
}

test('a document in arrears stops traffic before its plan is sent, and is reported; the next resumes it', () => {
  const scene = withDocument({ businessState: 'Arrearage' });
  expect(stops(scene)).toEqual(['arrears']);
  const types = scene.of('orderFastPath').map(({ order }) => order.type);
  expect(types.indexOf('dataStopChanged')).toBeLessThan(types.lastIndexOf('planReceived'));
  expect(scene.published('state/reported').at(-1)).toMatchObject({ dataStop: 'arrears' });
  scene.hear(received(desired({ revision: 2 })));
  scene.pass(1_000);
  expect(stops(scene)).toEqual(['arrears', undefined]);
  expect(scene.published('state/reported').at(-1)).not.toHaveProperty('dataStop');
});

test('a locked device tells so when its gateway returns, and a signed command unlocks it', () => {
  const scene = withDocument({ securityLockThresholdS: 3_600 });
  scene.hear({ type: 'channelClosed', code: 'ECONNRESET', text: 'lost' });
  scene.pass(3_600_000);
  expect(stops(scene)).toEqual(['securityLock']);
  while (scene.wiring.snapshot().registration.state !== 'connecting') scene.pass(1_000);
  scene.register();
  expect(scene.published('state/reported').at(-1)).toMatchObject({ dataStop: 'securityLock' });
  const command = issuer.issue('sag00001', { verb: 'unlock' }, 1_000_000);
  scene.hear({ type: 'commandReceived', command, proof: 'valid', retained: false });
  expect(stops(scene)).toEqual(['securityLock', undefined]);
  expect(scene.published(`cmd/${command.id}/status`).at(-1)).toMatchObject({ state: 'Succeed' });
});
