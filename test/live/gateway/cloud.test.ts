/** The cloud side as a whole: gateways, controller, and a listening socket that was opened elsewhere. */
import { connect as connectTcp } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { CloudNetwork } from '../../../sim/ccn/cloud-network.ts';
import { doorTo } from '../../../sim/ccn/network-door.ts';
import { createAuthority } from '../../../sim/live/certificates.ts';
import { type Cloud, startCloud } from '../../../sim/live/cloud.ts';
import type { HubTunnel } from '../../../sim/live/cloud-desired.ts';
import { MemoryEventStore } from '../../../sim/live/gateway/event-store.ts';
import type { ListenAt } from '../../../sim/live/gateway/listen-tls.ts';
import { connect, messageOf, type Place, SERVER_NAME, TENANT, topic } from './foreign-client.ts';
import { birthOf } from './messages.ts';

const QOS1 = { qos: 1 } as const;
let cloud: Cloud | undefined;

afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});

async function openCloud(listen: ListenAt, onHubTunnels?: (tunnels: readonly HubTunnel[]) => void) {
  const network = new CloudNetwork();
  network.createSag({ serialNumber: 'sag-1', area: 'Mainland China', cidrs: ['10.1.0.0/24'] });
  network.createCcn({ id: 'ccn-1', area: 'Mainland China', name: 'branches' });
  network.createCen({ id: 'cen-1' });
  network.attachVpc('cen-1', { id: 'vpc-1', regionId: 'cn-shanghai', cidr: '172.16.0.0/16' });
  network.bindSag('sag-1', 'ccn-1');
  const authority = await createAuthority();
  const issued = await authority.issueGateway({ name: SERVER_NAME });
  const store = new MemoryEventStore();
  const bfd = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };
  const opened = await startCloud({
    door: doorTo(network),
    area: 'Mainland China',
    tenant: TENANT,
    gateways: [
      {
        id: 'gwa',
        tls: { ...issued, caPem: authority.certificatePem },
        listen,
        hub: { address: '10.91.11.2', publicKey: 'key' },
      },
    ],
    store,
    settings: { bfd, mtu: 1_400 },
    onHubTunnels: (_gateway, tunnels) => onHubTunnels?.(tunnels),
  });
  cloud = opened;
  const place = (): Place => {
    const gateway = opened.gateway('gwa');
    if (gateway === undefined) throw new Error('the gateway is not running');
    const issue = (serialNumber: string) => authority.issueDevice({ serialNumber });
    return { authority, tls: issued, gateway, store, issue };
  };
  return { cloud: opened, place };
}

test('a birth brings the desired document, a new binding the next revision, a restart loses neither', async () => {
  const hubTunnels: HubTunnel[][] = [];
  const opened = await openCloud({ host: '127.0.0.1', port: 0 }, (tunnels) =>
    hubTunnels.push([...tunnels]),
  );
  const { client } = await connect(opened.place(), 'sag-1');
  const desired = topic('sag-1', 'state/desired');
  await client.subscribeAsync(desired, QOS1);
  const first = messageOf(client);
  await client.publishAsync(topic('sag-1', 'life'), JSON.stringify(birthOf('sag-1', 1)), QOS1);
  expect(JSON.parse(String((await first).payload))).toMatchObject({
    revision: 1,
    ccn: { id: 'ccn-1' },
    tunnels: [{ id: 'wan1-gwa' }],
    prefixes: [],
  });
  expect(hubTunnels).toMatchObject([[{ serialNumber: 'sag-1', tunnelId: 'wan1-gwa' }]]);

  const second = messageOf(client);
  opened.cloud.controller.change((network) => network.bindCen('ccn-1', 'cen-1'));
  const published = { revision: 2, prefixes: ['172.16.0.0/16'] };
  expect(JSON.parse(String((await second).payload))).toMatchObject(published);
  client.end(true);

  await opened.cloud.stopGateway('gwa');
  await opened.cloud.startGateway('gwa');
  const back = await connect(opened.place(), 'sag-1');
  const third = messageOf(back.client);
  await back.client.subscribeAsync(desired, QOS1);
  expect(JSON.parse(String((await third).payload))).toMatchObject(published);
  back.client.end(true);
});

test('a gateway listens on a descriptor that was opened elsewhere', async () => {
  const fd = loadNative().tcpListen({ address: '127.0.0.1', port: 0 });
  const { place } = await openCloud({ fd });
  expect(place().gateway.port).toBeGreaterThan(0);
  const { client, connack } = await connect(place(), 'sag-1');
  expect(connack.reasonCode).toBe(0);
  client.end(true);
});

test('a port that speaks no TLS is closed on whoever tries', async () => {
  const { place } = await openCloud({ host: '127.0.0.1', port: 0 });
  const socket = connectTcp(place().gateway.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end('CONNECT please\r\n');
  await new Promise((resolve) => socket.resume().once('close', resolve));
  expect(place().gateway.snapshot().connected).toBe(0);
});
