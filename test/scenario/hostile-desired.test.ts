/** Two hundred documents that mean harm, in virtual time: each is refused, kept or undone, and nobody is stranded. */
import { expect, it } from 'vitest';
import type { DesiredDocument } from '../../agent/model/desired.ts';
import { CONFIRM_MS } from '../../agent/state/document-trial.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import { config, desired, tunnel } from '../kit/branch.ts';
import { ReachScene } from '../kit/reach-scene.ts';

const DOCUMENTS = 200;
/** F-38: what a document has cut is back by then. */
const RETURN_MS = CONFIRM_MS + 10_000;
const WRONG_KEY = `${'B'.repeat(42)}A=`;

type Harm = (random: SeededRandom) => Partial<DesiredDocument>;
const octet = (random: SeededRandom): number => 3 + (random.u32() % 250);
const tunnels = (change: object) => ({
  tunnels: [tunnel('wan1-gwa', change), tunnel('wan2-gwa', change)],
});

/** Each well-formed; some are refused by meaning, the others are tried. */
const HARMS: readonly Harm[] = [
  (random) => ({
    uplinks: config.uplinks.map(({ id }, at) => ({
      id,
      gateway: `10.91.${at + 1}.${octet(random)}`,
    })),
  }),
  (random) => ({ uplinks: [{ id: 'wan1', gateway: `10.91.1.${octet(random)}` }] }),
  () => ({ uplinks: [{ id: 'wan1', priority: -1 }], tunnels: [tunnel('wan1-gwa')] }),
  (random) => tunnels({ remote: { address: '10.92.1.1', port: 1_024 + (random.u32() % 40_000) } }),
  () => tunnels({ remotePublicKey: WRONG_KEY }),
  () => tunnels({ mtu: 0 }),
  () => ({ prefixes: ['192.168.10.0/25'] }),
  () => ({ uplinks: [{ id: 'wan9' }] }),
  (random) => ({
    lan: [{ id: 'lan0', ipType: 'STATIC', address: `10.92.1.1/${16 + (random.u32() % 15)}` }],
  }),
  () => ({
    ...tunnels({ remotePublicKey: WRONG_KEY }),
    lan: [{ id: 'lan0', ipType: 'STATIC', address: '192.168.30.1/24' }],
  }),
  () => ({ lan: [{ id: 'lan0', ipType: 'STATIC', address: '10.91.1.9/24' }] }),
  (random) => ({ lan: [{ id: 'lan0', ipType: 'STATIC', address: `10.93.${octet(random)}.1/1` }] }),
  () => ({ lan: [{ id: 'lan9', ipType: 'STATIC', address: '192.168.30.1/24' }] }),
  () => ({ ha: { type: 'no_backup', role: 'standby' } }),
  (random) => ({
    routes: [{ cidr: '10.0.0.0/8', nextHop: `192.168.10.${octet(random)}`, policy: 'publish' }],
  }),
  () => ({ routes: [{ cidr: '0.0.0.0/0', nextHop: '192.168.10.2', policy: 'publish' }] }),
  () => ({ routes: [{ cidr: '10.9.0.0/16', nextHop: '10.91.1.1', policy: 'publish' }] }),
  () => ({ routes: [{ cidr: '192.168.10.0/24', policy: 'publish_and_revoke_on_health_fail' }] }),
  () => ({ uplinks: [{ id: 'wan1', priority: 99 }] }),
  (random) => ({
    ...tunnels({ remotePublicKey: WRONG_KEY }),
    uplinks: [{ id: 'wan2', gateway: `10.91.2.${octet(random)}` }],
    prefixes: ['0.0.0.0/1', '128.0.0.0/1'],
  }),
];

it(`${DOCUMENTS} hostile documents strand nobody, and what they cut is back within deadline + 10 s`, () => {
  const random = new SeededRandom(38);
  const scene = new ReachScene();
  scene.start();
  scene.publish(desired());
  scene.pass(20_000);
  expect(scene.active).toBe('wan1-gwa');
  const outcomes = new Map<string, number>();
  for (let at = 0; at < DOCUMENTS; at += 1) {
    const harm = HARMS[random.u32() % HARMS.length]?.(random) ?? {};
    const revision = 2 * at + 2;
    scene.publish(desired({ revision, ...harm }));
    scene.pass(RETURN_MS);
    const { registration, desired: state } = scene.snapshot();
    const outcome = state.revision === revision ? 'kept' : (state.refused?.code ?? 'ignored');
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const truth = { harm, outcome, trial: state.trial, registration: registration.state };
    expect(truth).toEqual({ harm, outcome, trial: undefined, registration: 'registered' });
    expect({ harm, active: scene.active }).toEqual({ harm, active: expect.any(String) });
    // What was kept may have cut one of two uplinks: the operator corrects it, and the device is there to hear it.
    scene.publish(desired({ revision: revision + 1 }));
    scene.pass(60_000);
    expect(scene.snapshot().desired).toMatchObject({ revision: revision + 1 });
  }
  expect(outcomes.get('EDESIRED_UNCONFIRMED')).toBeGreaterThan(50);
  expect(outcomes.get('ignored')).toBeUndefined();
}, 60_000);
