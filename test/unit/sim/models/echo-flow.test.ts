import { expect, test } from 'vitest';
import { EchoFlow } from '../../../../sim/models/network/echo-flow.ts';
import { TunnelPath } from '../../../../sim/models/network/network-path.ts';
import { CLEAN_PATH, NetworkPath } from '../../../../sim/world/network.ts';
import { World } from '../../../../sim/world/world.ts';

function flowOver(world: World) {
  const cable = new Map([
    ['wan1', true],
    ['wan2', true],
  ]);
  const make = (uplink: string): TunnelPath =>
    new TunnelPath({
      tunnel: `${uplink}-gw`,
      uplink,
      gateway: 'gw',
      path: new NetworkPath(world, `${uplink}/gw`, { ...CLEAN_PATH, jitterMs: 0 }),
      uplinkCarries: () => cable.get(uplink) === true,
      isOpen: () => true,
    });
  const paths = [make('wan1'), make('wan2')] as const;
  const route = { now: paths[0] as TunnelPath | undefined };
  const flow = new EchoFlow({
    world,
    intervalMs: 10,
    paths,
    branchEgress: () => route.now,
    farEgress: (arrivedOver) => arrivedOver,
  });
  flow.start();
  return { flow, cable, route, paths };
}

test('every request is answered while the route leads somewhere', async () => {
  const world = new World(1);
  const { flow } = flowOver(world);
  await world.run(995);
  flow.stop();
  await world.run(1_100);
  expect([flow.sent, flow.answered, flow.longestGapMs(0, 1_000)]).toEqual([100, 100, 10]);
});

test('a gap lasts from the pulled cable to the changed route', async () => {
  const world = new World(1);
  const { flow, cable, route, paths } = flowOver(world);
  world.at(500, 'pull', () => cable.set('wan1', false));
  world.at(620, 'flip', () => {
    route.now = paths[1];
  });
  await world.run(1_000);
  expect(flow.longestGapMs(500, 1_000)).toBe(140);
});

test('a packet under way when the cable is pulled is lost at the branch', async () => {
  const world = new World(1);
  const { flow, cable } = flowOver(world);
  world.at(6, 'pull', () => cable.set('wan1', false));
  await world.run(100);
  expect(flow.answered).toBe(0);
});
