/** A LAN address that cuts the way to the gateway, in virtual time: it is undone, and what is harmless is kept. */
import { expect, it } from 'vitest';
import { CONFIRM_MS } from '../../agent/state/document-trial.ts';
import { desired } from '../kit/branch.ts';
import { ReachScene } from '../kit/reach-scene.ts';

const lan = (address: string) => ({ lan: [{ id: 'lan0', ipType: 'STATIC', address }] });

it('a LAN port that takes the address of the access gateway is given its former one within deadline + 10 s', () => {
  const scene = new ReachScene();
  scene.start();
  scene.publish(desired());
  scene.pass(20_000);
  scene.publish({ ...desired({ revision: 2 }), ...lan('10.92.1.1/24') });
  scene.pass(5_000);
  expect([...scene.lan]).toEqual(['10.92.1.1']);
  scene.pass(CONFIRM_MS + 5_000);
  expect([...scene.lan]).toEqual(['192.168.10.1']);
  const { registration, desired: state } = scene.snapshot();
  expect(registration.state).toBe('registered');
  expect(state).toMatchObject({ revision: 1, refused: { code: 'EDESIRED_UNCONFIRMED' } });
});

it('a LAN port that moves to another network is kept once the gateway was reached anew, and moves back with the document', () => {
  const scene = new ReachScene();
  scene.start();
  scene.publish(desired());
  scene.pass(20_000);
  scene.publish({ ...desired({ revision: 2 }), ...lan('192.168.30.1/24') });
  scene.pass(60_000);
  expect(scene.snapshot().desired).toMatchObject({ revision: 2 });
  expect(scene.snapshot().desired.trial).toBeUndefined();
  expect([...scene.lan]).toEqual(['192.168.30.1']);
  scene.publish(desired({ revision: 3 }));
  scene.pass(60_000);
  expect([...scene.lan]).toEqual(['192.168.10.1']);
});
