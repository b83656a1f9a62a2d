/** What the CCN is told of the branch's routes, from the document and the health checks to the retained message. */
import { expect, test } from 'vitest';
import { CHANNELS } from '../../../../agent/contract/channels.ts';
import type { DesiredRoute } from '../../../../agent/model/branch-route.ts';
import { RoutesSide } from '../../../../agent/wiring/routes-side.ts';
import { assertContract } from '../../../../sim/checks/contract.ts';
import { desired, received } from '../../../kit/branch.ts';
import { ControlScene } from '../../../kit/control-scene.ts';
import { branchPlan } from '../../../kit/fast-path-lab.ts';

const BEHIND: DesiredRoute = {
  cidr: '192.168.20.0/24',
  nextHop: '192.168.10.254',
  policy: 'no_publish',
};

test('a document publishes its LAN prefixes, and what its routes say', () => {
  const scene = new ControlScene();
  scene.start();
  scene.register();
  expect(scene.published('state/routes').at(-1)).toEqual({
    v: 1,
    revision: 0,
    cost: 10,
    routes: [],
  });
  scene.hear(received(desired({ routes: [BEHIND] })));
  scene.pass(1_000);
  // It may have changed the way to the gateway.
  expect(scene.of('closeAccess')).toHaveLength(1);
  while (scene.wiring.snapshot().registration.state !== 'connecting') scene.pass(1_000);
  scene.register();
  expect(scene.published('state/routes').at(-1)).toMatchObject({
    revision: 1,
    routes: [
      { cidr: BEHIND.cidr, published: 'not_publish' },
      { cidr: '192.168.10.0/24', published: 'publish' },
    ],
  });
  const { routes = [] } = scene.wiring.snapshot().desired;
  expect(routes.map(({ cidr, sourceType }) => `${sourceType} ${cidr}`)).toEqual([
    'local 192.168.20.0/24',
    'local 192.168.10.0/24',
    'cloud 172.16.0.0/16',
  ]);
  const plan = scene.orders('planReceived').at(-1)?.order;
  expect(plan).toMatchObject({ plan: { routes: [BEHIND] } });
});

test('the longest of all reports fits its topic', () => {
  const side = new RoutesSide();
  const v6 = (at: number, length: number) =>
    `fd00:1234:5678:9abc:def0:1234:5678:${(0x1000 + at).toString(16)}/${length}`;
  const lanPrefixes = Array.from({ length: 50 }, (_, at) => v6(at, 127));
  const routes = lanPrefixes.map((_, at) => ({
    cidr: v6(at + 256, 128),
    nextHop: v6(at, 128).replace('/128', ''),
    policy: 'no_publish_and_publish_on_health_success' as const,
    healthCheck: 'h'.repeat(63),
  }));
  const prefixes = Array.from({ length: 2_000 }, (_, at) => v6(at, 128));
  side.planSent(branchPlan({ routes, lanPrefixes, prefixes }));
  const payload = new TextEncoder().encode(JSON.stringify(side.message));
  expect(payload.length).toBeGreaterThan(CHANNELS.routes.bytesMax / 2);
  assertContract({
    topic: 'sag/v1/acme/sag00001/state/routes',
    payload,
    qos: 1,
    retain: true,
    publishId: 1,
  });
});

test('a health check turns a route round', () => {
  const side = new RoutesSide();
  const route = { ...BEHIND, policy: 'publish_and_revoke_on_health_fail', healthCheck: 'hc' };
  side.planSent(branchPlan({ routes: [route as DesiredRoute] }));
  const told = () => side.message.routes.map(({ published }) => published);
  expect(told()).toEqual(['publish']);
  side.healthChanged({ hc: 'failed' });
  expect(told()).toEqual(['not_publish']);
  side.healthChanged({ hc: 'success' });
  expect(told()).toEqual(['publish']);
});

test('a health check of the document that fails takes back what it guards', () => {
  const scene = new ControlScene();
  const healthChecks = [{ id: 'hc', type: 'ICMP_ECHO', destination: '192.168.10.254' }] as const;
  const routes = [
    { cidr: '192.168.10.0/24', policy: 'publish_and_revoke_on_health_fail', healthCheck: 'hc' },
  ] as const;
  scene.start();
  scene.register();
  scene.hear(received(desired({ routes, healthChecks })));
  scene.pass(1_000);
  const told = () => scene.published('state/routes').at(-1);
  expect(told()).toMatchObject({ routes: [{ published: 'publish' }] });
  for (let round = 0; round < 3; round += 1) {
    const { probeId = 0 } = scene.of('sendEcho').at(-1) ?? {};
    scene.hear({ type: 'echoAnswered', probeId, answer: { ok: false, because: 'no answer' } });
    scene.pass(2_500);
  }
  const because = 'health check hc is failed';
  expect(told()).toMatchObject({
    routes: [{ state: 'revoked', published: 'not_publish', because }],
  });
});
