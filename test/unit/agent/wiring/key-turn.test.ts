/** A key pair that a document names is told to the gateway, and told again once it is shown. */
import { expect, test } from 'vitest';
import type { IdentityStand } from '../../../../agent/model/identity-result.ts';
import { desired, received, tunnel } from '../../../kit/branch.ts';
import { ControlScene } from '../../../kit/control-scene.ts';

const KEY = `${'B'.repeat(42)}A=`;

function answer(scene: ControlScene, identity: IdentityStand): void {
  const { stepId = -1 } = scene.of('turnIdentity').at(-1) ?? {};
  scene.hear({ type: 'stepAnswered', stepId, result: { ok: true, identity } });
  scene.pass(1_000);
}

const reported = (scene: ControlScene) => scene.published('state/reported').at(-1);

test('what is prepared is reported with its public half, and what is in use without delay', () => {
  const scene = new ControlScene();
  scene.start();
  scene.register();
  scene.hear(received(desired()));
  scene.pass(1_000);
  const turned = (ownKey: object) => [tunnel('wan1-gwa', { ownKey: { generation: 1, ...ownKey } })];
  scene.hear(received(desired({ revision: 2, tunnels: turned({}) })));
  answer(scene, { stage: 'prepared', publicKey: KEY });
  const meant = { tunnel: 'wan1-gwa', generation: 1, publicKey: KEY };
  expect(reported(scene)).toMatchObject({ identities: [{ ...meant, stage: 'prepared' }] });

  scene.hear(received(desired({ revision: 3, tunnels: turned({ accepted: KEY }) })));
  expect(scene.of('turnIdentity').at(-1)).toMatchObject({ spec: { ownKey: { accepted: KEY } } });
  answer(scene, { stage: 'inUse', publicKey: KEY });
  expect(reported(scene)).toMatchObject({ identities: [{ ...meant, stage: 'inUse' }] });
});
