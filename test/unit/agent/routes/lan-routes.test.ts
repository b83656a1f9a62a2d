import { expect, test } from 'vitest';
import type { DesiredRoute } from '../../../../agent/model/branch-route.ts';
import { DeviceView } from '../../../../agent/model/device-view.ts';
import { LanRoutes } from '../../../../agent/routes/lan-routes.ts';
import { ROUTE_METRIC } from '../../../../agent/routes/route-objects.ts';
import { ROUTE_PROTOCOL } from '../../../../firmware-shim/kernel/types.ts';
import { FakeKernel } from '../../../../sim/models/kernel/fake-kernel.ts';
import { branchPlan } from '../../../kit/fast-path-lab.ts';
import { Kept } from '../../../kit/kept-routes.ts';

const BEHIND: DesiredRoute = { cidr: '10.9.0.0/16', nextHop: '192.168.7.254', policy: 'publish' };
const LINE = `10.9.0.0/16 via 192.168.7.254 dev lan0 proto ${ROUTE_PROTOCOL} metric ${ROUTE_METRIC}`;

function branch(...routes: readonly DesiredRoute[]): Kept {
  const kept = new Kept();
  kept.kernel.addDevice({ name: 'lan0', addresses: ['192.168.7.1/24'] });
  return kept.start(branchPlan({ routes, lanPrefixes: ['192.168.7.0/24'] }));
}

test('a route to a next hop in the LAN stands over the device that reaches it', () => {
  const kept = branch(BEHIND);
  expect(kept.routes()).toContain(LINE);
  const snapshot = { cidr: '10.9.0.0/16', nextHop: '192.168.7.254', installed: true };
  expect(kept.keeper.snapshot().lan).toEqual([snapshot]);
});

test('it stays whatever the tunnels do, and goes with the document', () => {
  const kept = branch(BEHIND);
  const plan = branchPlan({ policy: { ...branchPlan().policy, allDown: 'internet' } });
  const withRoute = { ...plan, revision: 2, routes: [BEHIND], lanPrefixes: ['192.168.7.0/24'] };
  kept.hear({ type: 'planReceived', plan: withRoute });
  kept.activate('t1');
  kept.activate(undefined, 2);
  expect(kept.routes()).toContain(LINE);
  expect(kept.routes()).not.toContain('10.80.0.0/16');
  kept.hear({ type: 'planReceived', plan: { ...plan, revision: 3 } });
  expect(kept.routes()).not.toContain('10.9.0.0/16');
});

test('somebody deletes it: it is put back at once', () => {
  const kept = branch(BEHIND);
  kept.kernel.perform(
    {
      op: 'routeDelete',
      route: {
        family: 'ipv4',
        destination: '10.9.0.0/16',
        table: 254,
        protocol: ROUTE_PROTOCOL,
        type: 'unicast',
        metric: ROUTE_METRIC,
      },
    },
    () => undefined,
  );
  kept.settle();
  expect(kept.routes()).toContain(LINE);
});

test('a LAN device that goes down takes it along without a word; when it is back so is the route', () => {
  const kept = branch(BEHIND);
  const lan = kept.kernel.linkNamed('lan0')?.index ?? 0;
  kept.kernel.perform({ op: 'linkSet', index: lan, adminUp: false }, () => undefined);
  kept.settle();
  expect(kept.routes()).not.toContain(LINE);
  const because = 'no device that is up reaches its next hop';
  expect(kept.keeper.snapshot().lan).toMatchObject([{ installed: false, because }]);
  kept.kernel.perform({ op: 'linkSet', index: lan, adminUp: true }, () => undefined);
  kept.settle();
  expect(kept.routes()).toContain(LINE);
});

test('a next hop that no network of this device holds is waited for', () => {
  const kept = new Kept().start(branchPlan({ routes: [BEHIND], lanPrefixes: ['192.168.7.0/24'] }));
  expect(kept.routes()).not.toContain('10.9.0.0/16');
  kept.kernel.addDevice({ name: 'lan0', addresses: ['192.168.7.1/24'] });
  kept.settle();
  expect(kept.routes()).toContain(LINE);
});

test.each([
  ['a prefix of the LAN', '192.168.0.0/16', 'it overlaps the LAN prefix 192.168.7.0/24'],
  ['what the CCN publishes', '10.80.4.0/24', 'it overlaps 10.80.0.0/16, which the CCN publishes'],
])('a route that would take addresses of %s is not installed', (_, cidr, because) => {
  const kept = branch({ ...BEHIND, cidr });
  expect(kept.routes()).not.toContain('192.168.7.254');
  expect(kept.keeper.snapshot().lan).toMatchObject([{ cidr, installed: false, because }]);
});

test('of two, the one that leaves the document goes and the other stays', () => {
  const other: DesiredRoute = { ...BEHIND, cidr: '10.8.0.0/16', nextHop: '192.168.7.253' };
  const kept = branch(other, BEHIND);
  const lan = kept.keeper.snapshot().lan ?? [];
  expect(lan.map(({ cidr, installed }) => ({ cidr, installed }))).toEqual([
    { cidr: '10.8.0.0/16', installed: true },
    { cidr: '10.9.0.0/16', installed: true },
  ]);
  const plan = branchPlan({ revision: 2, routes: [BEHIND], lanPrefixes: ['192.168.7.0/24'] });
  kept.hear({ type: 'planReceived', plan });
  expect(kept.routes()).toContain(LINE);
  expect(kept.routes()).not.toContain('10.8.0.0/16');
});

test('another next hop for the same prefix takes the place of the former', () => {
  const kept = branch(BEHIND);
  const moved = { ...BEHIND, nextHop: '192.168.7.253' };
  const plan = branchPlan({ revision: 2, routes: [moved], lanPrefixes: ['192.168.7.0/24'] });
  kept.hear({ type: 'planReceived', plan });
  expect(kept.routes()).toContain(LINE.replace('.254', '.253'));
  expect(kept.routes()).not.toContain('192.168.7.254');
});

test('is told as installed however its prefix is spelled', () => {
  const kept = new Kept();
  kept.kernel.addDevice({ name: 'lan0', addresses: ['2001:db8:7::1/64'] });
  const route = { ...BEHIND, cidr: '2001:0DB8:9::/48', nextHop: '2001:db8:7::fe' };
  kept.start(branchPlan({ routes: [route], lanPrefixes: ['2001:db8:7::/64'] }));
  expect(kept.routes()).toContain('2001:db8:9::/48 via 2001:db8:7::fe');
  const { cidr, nextHop } = route;
  expect(kept.keeper.snapshot().lan).toEqual([{ cidr, nextHop, installed: true }]);
});

test('a prefix of the LAN itself is the kernel’s own, and no route of ours', () => {
  const own: DesiredRoute = { cidr: '192.168.7.0/24', policy: 'publish' };
  const kept = branch(own, BEHIND);
  expect(kept.keeper.snapshot().lan).toMatchObject([{ cidr: BEHIND.cidr, installed: true }]);
  expect(kept.routes()).not.toContain(`192.168.7.0/24 dev lan0 proto ${ROUTE_PROTOCOL}`);
});

test('as long as the devices stand, nothing is compared anew', () => {
  const routes = new LanRoutes();
  const devices = new DeviceView();
  expect(routes.wanted(devices)).toBe(routes.wanted(devices));
  routes.plan(branchPlan({ routes: [BEHIND, { ...BEHIND, cidr: '10.8.0.0/16' }] }));
  const kernel = new FakeKernel({ defer: (run) => run() });
  kernel.listen((events) => devices.apply(events));
  kernel.addDevice({ name: 'lan0', addresses: ['192.168.7.1/24'] });
  const wanted = routes.wanted(devices);
  expect(wanted.size).toBe(2);
  kernel.addDevice({ name: 'lan1', addresses: ['192.168.8.1/24'] });
  expect(routes.wanted(devices)).toBe(wanted);
});
