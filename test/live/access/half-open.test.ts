/** Gateways that answer nothing (F-13), and the measurement of a path, on loopback with real sockets. */
import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer as createPlainServer,
  type Server,
} from 'node:net';
import { createServer } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { MqttChannel } from '../../../agent/adapters/access/mqtt-channel.ts';
import { TcpProber } from '../../../agent/adapters/access/tcp-prober.ts';
import type { ProbeAnswer, ProbeTarget } from '../../../agent/model/path-probe.ts';
import { createAuthority } from '../../../sim/live/certificates.ts';
import { openPlace, SERVER_NAME } from '../gateway/foreign-client.ts';

/** Success, no properties (MQTT 5, 3.2). */
const CONNACK = Buffer.from([0x20, 3, 0, 0, 0]);
const WILL = { topic: 'sag/v1/acme/sag00001/life', payload: new Uint8Array([0x7b, 0x7d]) };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function portOf(server: Server): Promise<number> {
  closers.push(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function probe(target: ProbeTarget): Promise<ProbeAnswer> {
  return new Promise((resolve) => new TcpProber().probe(target, resolve));
}

test('a gateway that takes the connection and then answers no keep-alive is given up by the channel', async () => {
  const authority = await createAuthority();
  const { certificatePem, keyPem } = await authority.issueGateway({ name: SERVER_NAME });
  const device = await authority.issueDevice({ serialNumber: 'sag00001' });
  const server = createServer({ cert: certificatePem, key: keyPem }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(CONNACK));
    closers.push(() => socket.destroy());
  });
  const port = await portOf(server);
  const channel = new MqttChannel({
    certificate: device.certificatePem,
    key: device.keyPem,
    ca: authority.certificatePem,
    clientId: 'sag00001',
    keepAliveS: 1,
    trustedMs: () => Date.now(),
  });
  const codes: string[] = [];
  const closed = Promise.withResolvers<void>();
  const target = { gateway: 'gwa', address: '127.0.0.1', port, serverName: SERVER_NAME };
  channel.open(target, { ...WILL, delayS: 1 }, (event) => {
    codes.push(event.type === 'channelClosed' ? event.code : event.type);
    if (event.type === 'channelClosed') closed.resolve();
  });
  await closed.promise;
  await channel.closed();
  expect(codes).toEqual(['channelOpened', 'EKEEPALIVE']);
});

test('a path is measured by whoever answers at its end, and a refusal is an answer', async () => {
  const server = createPlainServer((socket) => socket.on('error', () => undefined));
  const port = await portOf(server);
  const target = { address: '127.0.0.1', port, sourceAddress: '127.0.0.1' };
  expect(await probe(target)).toMatchObject({ ok: true });
  server.close();
  await once(server, 'close');
  expect(await probe(target)).toMatchObject({ ok: true });
});

test('an access gateway takes the measurement for no refused device', async () => {
  const refused: string[] = [];
  const place = await openPlace({
    on: { onRefused: (_who, _code, sentence) => refused.push(sentence) },
  });
  const target = { address: '127.0.0.1', port: place.gateway.port, sourceAddress: '127.0.0.1' };
  for (let round = 0; round < 20; round += 1)
    expect(await probe(target)).toMatchObject({ ok: true });
  const noise = connect({ host: '127.0.0.1', port: place.gateway.port });
  noise.on('error', () => undefined).write('this is no TLS');
  await once(noise.resume(), 'close');
  await place.gateway.close();
  expect(refused).toHaveLength(1);
});

test('a probe that cannot leave says why', async () => {
  const answer = await probe({ address: '127.0.0.1', port: 9, sourceAddress: '192.0.2.1' });
  expect(answer).toMatchObject({ ok: false, because: expect.stringContaining('EADDRNOTAVAIL') });
});
