/** What an access gateway answers to clients that break the protocol, lie, or are not who they say. */
import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { MqttClient } from 'mqtt';
import { generate, type Packet, parser } from 'mqtt-packet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createAuthority,
  EXPIRED,
  type IssuedCertificate,
  NOT_YET_VALID,
  selfSignedDevice,
} from '../../../sim/live/certificates.ts';
import { PACKET_BYTES_MAX } from '../../../sim/live/gateway/limits.ts';
import { REASON } from '../../../sim/live/gateway/reason-codes.ts';
import {
  connect,
  disconnectOf,
  openPlace,
  type Place,
  refusalOf,
  SERVER_NAME,
  topic,
} from './foreign-client.ts';
import { eventOf } from './messages.ts';

let place: Place;
let clients: MqttClient[];
let refusals: number[];

beforeEach(async () => {
  clients = [];
  refusals = [];
  place = await openPlace({ on: { onRefused: (_who, code) => refusals.push(code) } });
});

afterEach(async () => {
  for (const client of clients) client.end(true);
  await place.gateway.close();
});

async function register(serialNumber: string) {
  const { client } = await connect(place, serialNumber);
  clients.push(client);
  return client;
}

/** A TLS stream with a good certificate, for bytes no client library would send. */
async function rawStream(serialNumber: string): Promise<TLSSocket> {
  const { certificatePem, keyPem } = await place.issue(serialNumber);
  const socket = connectTls({
    host: '127.0.0.1',
    port: place.gateway.port,
    servername: SERVER_NAME,
    ca: place.authority.certificatePem,
    cert: certificatePem,
    key: keyPem,
  });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** Everything the gateway answers until it closes. */
async function answersTo(serialNumber: string, ...writes: Uint8Array[]): Promise<Packet[]> {
  const socket = await rawStream(serialNumber);
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion: 5 });
  reader.on('packet', (packet) => packets.push(packet));
  socket.on('data', (bytes) => reader.parse(bytes));
  for (const bytes of writes) socket.write(bytes);
  await once(socket, 'close');
  return packets;
}

function connectPacket(clientId: string): Uint8Array {
  return generate(
    { cmd: 'connect', clientId, protocolVersion: 5, clean: true, keepalive: 10 },
    { protocolVersion: 5 },
  );
}

describe('certificates', () => {
  async function refused(issued: IssuedCertificate): Promise<boolean> {
    return (await refusalOf(connect(place, 'sag-1', {}, issued))) !== 'accepted';
  }

  test('one that is expired, not yet valid, self-signed or of another CA gets nobody in', async () => {
    const device = { serialNumber: 'sag-1' };
    const foreign = await createAuthority();
    expect(await refused(await place.authority.issueDevice({ ...device, ...EXPIRED }))).toBe(true);
    expect(await refused(await place.authority.issueDevice({ ...device, ...NOT_YET_VALID }))).toBe(
      true,
    );
    expect(await refused(await selfSignedDevice(device))).toBe(true);
    expect(await refused(await foreign.issueDevice(device))).toBe(true);
    expect(place.gateway.snapshot().connected).toBe(0);
    expect(await refused(await place.issue('sag-1'))).toBe(false);
  });

  test('a gateway under a wrong name is not trusted by the client', async () => {
    const attempt = connect(place, 'sag-1', { servername: 'gwz.ccn' });
    expect(await refusalOf(attempt)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describe('protocol', () => {
  test('MQTT 3.1.1 is refused in its own words: unacceptable protocol version', async () => {
    expect(await refusalOf(connect(place, 'sag-1', { protocolVersion: 4 }))).toBe(1);
  });

  test('an unknown protocol level is refused with unsupported protocol version', async () => {
    const bytes = Buffer.from(connectPacket('sag-1'));
    bytes[8] = 9;
    expect(await answersTo('sag-1', bytes)).toMatchObject([
      { cmd: 'connack', reasonCode: REASON.unsupportedProtocolVersion },
    ]);
  });

  test('a second CONNECT ends the connection as a protocol error', async () => {
    expect(await answersTo('sag-1', connectPacket('sag-1'), connectPacket('sag-1'))).toMatchObject([
      { cmd: 'connack', reasonCode: 0 },
      { cmd: 'disconnect', reasonCode: REASON.protocolError },
    ]);
  });

  test('a remaining length of 268,435,455 is refused before a byte of it is held', async () => {
    const header = Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f);
    expect(await answersTo('sag-1', connectPacket('sag-1'), header)).toMatchObject([
      { cmd: 'connack' },
      { cmd: 'disconnect', reasonCode: REASON.packetTooLarge },
    ]);
  });

  test('a remaining length without end is malformed', async () => {
    const header = Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x01);
    expect(await answersTo('sag-1', connectPacket('sag-1'), header)).toMatchObject([
      { cmd: 'connack' },
      { cmd: 'disconnect', reasonCode: REASON.malformedPacket },
    ]);
  });

  test('anything before CONNECT is closed without a word', async () => {
    expect(await answersTo('sag-1', Uint8Array.of(0xc0, 0x00))).toEqual([]);
  });

  test('QoS 2, a topic alias and a wildcard topic each end with their own reason', async () => {
    const publish = {
      cmd: 'publish',
      topic: 't',
      payload: 'x',
      dup: false,
      retain: false,
    } as const;
    const cases: Array<[Packet, number]> = [
      [{ ...publish, qos: 2, messageId: 1 }, REASON.qosNotSupported],
      [{ ...publish, qos: 0, properties: { topicAlias: 1 } }, REASON.topicAliasInvalid],
      [{ ...publish, qos: 0, topic: 'a/\u0000/b' }, REASON.topicNameInvalid],
    ];
    for (const [packet, reasonCode] of cases) {
      const bytes = generate(packet, { protocolVersion: 5 });
      expect(await answersTo('sag-1', connectPacket('sag-1'), bytes)).toMatchObject([
        { cmd: 'connack' },
        { cmd: 'disconnect', reasonCode },
      ]);
    }
  });

  test('connections full of noise leave the gateway serving', async () => {
    const noise = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 7919) % 251);
    for (let round = 0; round < 20; round += 1) {
      const socket = await rawStream('sag-1');
      socket.write(connectPacket('sag-1'));
      socket.end(noise.subarray(round));
      socket.resume();
      await once(socket, 'close');
    }
    const client = await register('sag-2');
    expect(client.connected).toBe(true);
  });
});

describe('payloads', () => {
  const to = topic('sag-1', 'event/DeviceWanLinkDown');

  function codeOf(client: MqttClient, topicName: string, payload: string): Promise<number> {
    return client.publishAsync(topicName, payload, { qos: 1 }).then(
      () => 0,
      (error: { code?: number }) => error.code ?? -1,
    );
  }

  test('one that is not JSON, or not the agreed shape, is answered with payload format invalid', async () => {
    const client = await register('sag-1');
    const wrong = ['', '{', 'null', '[]', '{"v":2}', '\ud800', '['.repeat(30_000)];
    for (const payload of wrong) {
      expect([payload.slice(0, 9), await codeOf(client, to, payload)]).toEqual([
        payload.slice(0, 9),
        REASON.payloadFormatInvalid,
      ]);
    }
    expect(place.store.all()).toEqual([]);
    expect(client.connected).toBe(true);
  });

  test('one of a megabyte ends the connection as too large', async () => {
    const client = await register('sag-1');
    const told = disconnectOf(client);
    client.stream.write(
      generate(
        {
          cmd: 'publish',
          topic: to,
          payload: 'x'.repeat(PACKET_BYTES_MAX * 16),
          qos: 0,
          dup: false,
          retain: false,
        },
        { protocolVersion: 5 },
      ),
    );
    expect(await told).toMatchObject({ reasonCode: REASON.packetTooLarge });
    expect(refusals).toEqual([REASON.packetTooLarge]);
  });

  test('an event the store cannot keep is not acknowledged', async () => {
    await place.gateway.close();
    place = await openPlace({
      store: {
        append: () => Promise.reject(new Error('disk full')),
        all: () => [],
        close: () => undefined,
      },
    });
    const client = await register('sag-1');
    const acknowledged: unknown[] = [];
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback') acknowledged.push(packet);
    });
    const told = disconnectOf(client);
    client.publish(to, JSON.stringify(eventOf(1)), { qos: 1 });
    expect(await told).toMatchObject({ reasonCode: REASON.implementationSpecificError });
    expect(acknowledged).toEqual([]);
  });

  test('the PUBACK of an event waits for the store, and later ones wait their turn', async () => {
    await place.gateway.close();
    const release: Array<() => void> = [];
    const order: string[] = [];
    place = await openPlace({
      store: {
        append: ({ event }) =>
          new Promise((resolve) => {
            release.push(() => {
              order.push(`stored ${event.seq}`);
              resolve('stored');
            });
            if (release.length === 2) for (const letGo of release.toReversed()) letGo();
          }),
        all: () => [],
        close: () => undefined,
      },
    });
    const client = await register('sag-1');
    await Promise.all(
      [1, 2].map(async (seq) => {
        await client.publishAsync(to, JSON.stringify(eventOf(seq)), { qos: 1 });
        order.push(`acknowledged ${seq}`);
      }),
    );
    expect(order).toEqual(['stored 2', 'stored 1', 'acknowledged 1', 'acknowledged 2']);
  });
});
