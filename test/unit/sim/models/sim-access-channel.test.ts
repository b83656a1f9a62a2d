import { expect, test } from 'vitest';
import type { AccessEvent } from '../../../../agent/ports.ts';
import { SimAccessChannel } from '../../../../sim/models/branch/sim-access-channel.ts';
import { SimFinder } from '../../../../sim/models/branch/sim-finder.ts';
import { GatewayModel } from '../../../../sim/models/far-end/gateway-model.ts';
import { GatewayStore } from '../../../../sim/models/far-end/gateway-store.ts';
import { NameServers } from '../../../../sim/models/far-end/name-servers.ts';
import { CLEAN_PATH, NetworkPath } from '../../../../sim/world/network.ts';
import { World } from '../../../../sim/world/world.ts';

const TARGET = { gateway: 'gw-a', address: '10.0.0.1', port: 8883, serverName: 'gw-a' };
const WILL = { topic: 'life', payload: new TextEncoder().encode('gone'), delayS: 1 };

function setUp() {
  const world = new World(1);
  const store = new GatewayStore();
  const gateway = new GatewayModel({
    world,
    id: 'gw-a',
    area: 'Mainland China',
    store,
    onPublished: () => undefined,
  });
  const path = new NetworkPath(world, 'wan1/gw-a', CLEAN_PATH);
  const finder = new SimFinder({
    world,
    servers: new NameServers(world),
    isOpen: () => true,
    kept: [],
    keep: () => undefined,
    onNote: () => undefined,
  });
  const channel = new SimAccessChannel({
    world,
    finder,
    serialNumber: 'sn-1',
    keepAliveS: 4,
    routeTo: () => ({ gateway, path, uplinkCarries: () => true }),
  });
  const seen: AccessEvent[] = [];
  const types = () => seen.map((event) => ('code' in event ? event.code : event.type));
  const open = () => channel.open(TARGET, WILL, (event) => seen.push(event));
  const publish = (publishId: number, topic: string, text: string, retain = false) =>
    channel.publish({ publishId, topic, payload: encode(text), qos: 1, retain });
  open();
  return { world, store, gateway, path, channel, seen, types, open, publish };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

test('opening takes the round trips of TCP, TLS and CONNECT, and tells the area', async () => {
  const { world, seen, types } = setUp();
  await world.run(25);
  expect(seen).toEqual([]);
  await world.run(40);
  expect(types()).toEqual(['channelOpened']);
  expect(seen[0]).toMatchObject({ properties: { 'ccn-area': 'Mainland China' } });
});

test('a publish is acknowledged once it is kept, and a subscriber hears what was retained', async () => {
  const { world, channel, seen, publish } = setUp();
  await world.run(100);
  publish(7, 'a/b/c', 'hello', true);
  await world.run(200);
  channel.subscribe(['a/+/c']);
  await world.run(300);
  expect(seen.slice(1)).toMatchObject([
    { type: 'publishAcknowledged', publishId: 7 },
    { type: 'messageArrived', topic: 'a/b/c', retained: true },
  ]);
});

test('what is lost on the way arrives late, once and in order', async () => {
  const { world, path, seen, publish } = setUp();
  await world.run(100);
  path.change({ blocked: ['out'] });
  publish(1, 't', 'one');
  publish(2, 't', 'two');
  await world.run(600);
  expect(seen).toHaveLength(1);
  path.change({ blocked: [] });
  await world.run(1_500);
  expect(seen.slice(1)).toMatchObject([{ publishId: 1 }, { publishId: 2 }]);
});

test('a silent path is noticed within one and a half keep-alives, and the will follows', async () => {
  const { world, store, path, types } = setUp();
  await world.run(100);
  path.change({ blocked: ['in'] });
  await world.run(6_800);
  expect(types()).toEqual(['channelOpened', 'EKEEPALIVE']);
  await world.run(20_000);
  expect(decode(store.retained('life'))).toBe('gone');
});

test('a goodbye discards the will', async () => {
  const { world, store, channel, types } = setUp();
  await world.run(100);
  channel.close('bye');
  await world.run(20_000);
  expect(types()).toEqual(['channelOpened', 'EBYE']);
  expect(store.retained('life')).toBeUndefined();
});

test('a gateway that restarts resets its connections and refuses new ones until it is back', async () => {
  const { world, gateway, types, open } = setUp();
  await world.run(100);
  gateway.restart(1_000);
  await world.run(200);
  open();
  await world.run(300);
  await world.run(2_000);
  open();
  await world.run(3_000);
  expect(types()).toEqual(['channelOpened', 'ECONNRESET', 'ECONNREFUSED', 'channelOpened']);
});

test('opening again silences the attempt before it', async () => {
  const { world, types, open } = setUp();
  await world.run(10);
  open();
  await world.run(1_000);
  expect(types()).toEqual(['channelOpened']);
});
