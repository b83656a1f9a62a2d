import { expect, test } from 'vitest';
import { PUT_BACKS_MAX } from '../../../../agent/routes/put-back-limit.ts';
import { RouteKeeper } from '../../../../agent/routes/route-keeper.ts';
import { NEXTHOP_IDS, ROUTE_METRIC } from '../../../../agent/routes/route-objects.ts';
import { ROUTE_PROTOCOL } from '../../../../firmware-shim/kernel/types.ts';
import { branchPlan } from '../../../kit/fast-path-lab.ts';
import { Kept, sharesOf } from '../../../kit/kept-routes.ts';

test('the prefixes stand behind one group, with our protocol and a metric that loses to everybody', () => {
  const kept = new Kept().start();
  expect(kept.routes()).toContain(
    `10.80.0.0/16 nhid ${NEXTHOP_IDS.group.ipv4} proto ${ROUTE_PROTOCOL} metric ${ROUTE_METRIC}`,
  );
});

test('a flip is one replace of the group, whatever the number of prefixes', () => {
  const prefixes = Array.from(
    { length: 1_000 },
    (_, at) => `10.${80 + (at >> 8)}.${at & 255}.0/24`,
  );
  const kept = new Kept().start(branchPlan({ prefixes }));
  kept.activate('t1');
  kept.asked();
  kept.activate('t2', 2);
  expect(kept.asked()).toEqual(['nexthopReplace']);
  expect(kept.effects.at(-1)).toEqual({ type: 'activated', activation: 2 });
});

test('both families flip, each by its own group', () => {
  const kept = new Kept().start(branchPlan({ prefixes: ['10.80.0.0/16', 'fd00:80::/32'] }));
  kept.activate('t1');
  kept.asked();
  kept.activate('t2', 2);
  expect(kept.asked()).toEqual(['nexthopReplace', 'nexthopReplace']);
});

test('without a tunnel the group leads into a blackhole, before anything is taken away', () => {
  const kept = new Kept().start();
  kept.activate('t1');
  kept.activate(undefined, 2);
  expect(kept.kernel.lookUp({ destination: '10.80.1.1' })).toEqual({ to: 'blackhole' });
});

test('a second run adopts everything and asks the kernel for nothing', () => {
  const kept = new Kept().start();
  kept.activate('t2');
  kept.asked();
  kept.start();
  expect(kept.asked()).toEqual([]);
  expect(kept.effects).toContainEqual({ type: 'adopted', tunnel: 't2', members: sharesOf('t2') });
});

test('while nothing is desired yet, what a former run left goes on carrying traffic', () => {
  const kept = new Kept().start();
  kept.activate('t2');
  kept.asked();
  const before = kept.routes();
  kept.start(branchPlan({ revision: 0, tunnels: [], prefixes: [] }));
  kept.activate(undefined);
  expect(kept.asked()).toEqual([]);
  expect(kept.routes()).toBe(before);
});

test('what a former plan left is removed, routes before what they point to', () => {
  const kept = new Kept().start();
  kept.activate('t1');
  kept.asked();
  kept.start(branchPlan({ prefixes: [] }));
  const asked = kept.asked();
  expect(asked.slice(0, 2)).toEqual(['routeDelete', 'routeDelete']);
  expect(new Set(asked.slice(2))).toEqual(new Set(['nexthopDelete']));
  expect(kept.kernel.text('nexthop')).toBe('');
});

test('routes of others are left alone, even to our prefixes and with our protocol', () => {
  const kept = new Kept();
  kept.kernel.addDevice({ name: 'lan', addresses: ['192.168.7.1/24'] });
  const others = [
    { protocol: 4, destination: '10.80.0.0/16' },
    { protocol: ROUTE_PROTOCOL, destination: '10.90.0.0/16' },
  ];
  const deviceIndex = kept.kernel.linkNamed('lan')?.index ?? 0;
  for (const other of others) {
    kept.kernel.perform(
      {
        op: 'routeAdd',
        route: { ...other, family: 'ipv4', table: 254, type: 'unicast', deviceIndex },
      },
      () => undefined,
    );
  }
  kept.start();
  kept.activate('t1');
  kept.hear({ type: 'planReceived', plan: branchPlan({ prefixes: [] }) });
  expect(kept.routes()).toContain('10.80.0.0/16 dev lan');
  expect(kept.routes()).toContain('10.90.0.0/16 dev lan');
});

test('a device that goes down takes routes along without a word; they are back before anybody asks', () => {
  const kept = new Kept().start();
  kept.activate('t1');
  kept.kernel.setCarrier('wgb1', false);
  kept.settle();
  expect(kept.kernel.lookUp({ destination: '10.80.1.1' })).toEqual({ to: 'blackhole' });
  kept.kernel.setCarrier('wgb1', true);
  kept.settle();
  expect(kept.kernel.lookUp({ destination: '10.80.1.1' })).toMatchObject({ to: 'device' });
});

test('lost events are made good from the fresh view, by the difference only', () => {
  const kept = new Kept().start();
  kept.activate('t1');
  kept.asked();
  kept.kernel.overrun();
  kept.settle();
  expect(kept.asked()).toEqual([]);
});

test('a nexthop of ours that somebody deletes or changes is made good with what hung on it', () => {
  const kept = new Kept().start();
  kept.activate('t1');
  kept.kernel.perform({ op: 'nexthopDelete', id: NEXTHOP_IDS.group.ipv4 }, () => undefined);
  kept.settle();
  expect(kept.kernel.lookUp({ destination: '10.80.1.1' })).toMatchObject({ to: 'device' });
  const deviceIndex = kept.kernel.linkNamed('wgb2')?.index ?? 0;
  const foreign = {
    id: NEXTHOP_IDS.tunnel.ipv4,
    family: 'ipv4',
    protocol: 4,
    deviceIndex,
  } as const;
  kept.kernel.perform({ op: 'nexthopReplace', nexthop: foreign }, () => undefined);
  kept.settle();
  expect(kept.kernel.lookUp({ destination: '10.80.1.1' })).toMatchObject({
    deviceIndex: kept.kernel.linkNamed('wgb1')?.index,
  });
});

test('whoever deletes our routes without end does not keep us busy without end', () => {
  const kept = new Kept().start();
  kept.activate('t1');
  kept.asked();
  const route = {
    family: 'ipv4',
    destination: '10.80.0.0/16',
    table: 254,
    protocol: ROUTE_PROTOCOL,
    type: 'unicast',
    metric: ROUTE_METRIC,
  } as const;
  for (let times = 0; times < PUT_BACKS_MAX + 50; times += 1) {
    kept.kernel.perform({ op: 'routeDelete', route }, () => undefined);
    kept.settle();
  }
  expect(kept.asked().length).toBe(PUT_BACKS_MAX);
  expect(kept.routes()).not.toContain('10.80.0.0/16');
  kept.wait(1_000);
  expect(kept.routes()).toContain('10.80.0.0/16');
});

test('a refused operation is tried again, first soon and then ever later', () => {
  const kept = new Kept().start();
  kept.kernel.refuseNext('nexthopReplace', 'ENOMEM');
  kept.kernel.refuseNext('nexthopReplace', 'ENOMEM');
  kept.activate('t1');
  expect(kept.effects).toContainEqual(
    expect.objectContaining({ type: 'activated', failure: 'the kernel refused it: ENOMEM' }),
  );
  kept.wait(200);
  expect(kept.kernel.lookUp({ destination: '10.80.1.1' })).toMatchObject({ to: 'device' });
});

test('an activation before the kernel was seen is answered, not forgotten', () => {
  const keeper = new RouteKeeper();
  const effects = keeper.handle(
    { type: 'activate', activation: 3, tunnel: 't1', members: sharesOf('t1') },
    0,
  );
  expect(effects).toMatchObject([
    { type: 'activated', activation: 3, failure: 'the kernel has not been seen yet' },
  ]);
});

test.each(['blackhole', 'internet'] as const)(
  'while data is stopped every prefix leads nowhere, whatever tunnel is active, and then where that is (all down: %s)',
  (allDown) => {
    const plan = branchPlan();
    const kept = new Kept().start({ ...plan, policy: { ...plan.policy, allDown } });
    kept.activate('t1');
    const fate = () => kept.kernel.lookUp({ destination: '10.80.1.1' });
    const before = fate();
    kept.operations = [];
    kept.hear({ type: 'dataStopChanged', stop: 'securityLock' });
    expect(kept.operations.map(({ op }) => op)).toEqual(['nexthopReplace']);
    expect(fate()).toEqual({ to: 'blackhole' });
    expect(kept.keeper.snapshot()).toMatchObject({ stop: 'securityLock', via: 'blackhole' });
    kept.activate('t2', 2);
    expect(fate()).toEqual({ to: 'blackhole' });
    kept.activate('t1', 3);
    kept.hear({ type: 'dataStopChanged', stop: undefined });
    expect(fate()).toEqual(before);
    expect(before).not.toEqual({ to: 'blackhole' });
  },
);
