/** The access gateway as a foreign MQTT 5 client sees it, over mutual TLS on loopback. */
import type { MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Birth, Command, Death, EventMessage } from '../../../agent/access/payloads.ts';
import type { DesiredDocument } from '../../../agent/model/desired.ts';
import type { AccessGatewayListener } from '../../../sim/live/gateway/device-messages.ts';
import { REASON } from '../../../sim/live/gateway/reason-codes.ts';
import {
  connect,
  disconnectOf,
  messageOf,
  openPlace,
  type Place,
  refusalOf,
  topic,
} from './foreign-client.ts';
import { birthOf, deathOf, eventOf, willOf } from './messages.ts';

const QOS1 = { qos: 1 } as const;
const RETAINED = { qos: 1, retain: true } as const;
const DESIRED: DesiredDocument = { v: 1, revision: 7, tunnels: [], prefixes: ['172.16.0.0/16'] };

let place: Place;
let clients: MqttClient[];
let heard: {
  births: Birth[];
  deaths: Array<Death & { by: string }>;
  events: EventMessage[];
  takeovers: string[];
};
let toldDeath: () => void;

beforeEach(async () => {
  clients = [];
  heard = { births: [], deaths: [], events: [], takeovers: [] };
  toldDeath = () => undefined;
  const on: AccessGatewayListener = {
    onBirth: (birth) => heard.births.push(birth),
    onDeath: (_serialNumber, death, by) => {
      heard.deaths.push({ ...death, by });
      toldDeath();
    },
    onEventStored: (_serialNumber, event) => heard.events.push(event),
    onTakeover: (serialNumber) => heard.takeovers.push(serialNumber),
  };
  place = await openPlace({ on });
});

afterEach(async () => {
  for (const client of clients) client.end(true);
  await place.gateway.close();
});

async function register(
  ...args: Parameters<typeof connect> extends [Place, ...infer R] ? R : never
) {
  const registered = await connect(place, ...args);
  clients.push(registered.client);
  return registered;
}

async function publish(client: MqttClient, to: string, value: unknown, options: object = QOS1) {
  const packet = await client.publishAsync(to, JSON.stringify(value), options);
  return (packet as { reasonCode?: number } | undefined)?.reasonCode ?? 0;
}

/** The reason code of a refused publish. */
async function publishRefusal(client: MqttClient, to: string, payload: string): Promise<number> {
  try {
    const packet = await client.publishAsync(to, payload, QOS1);
    return (packet as { reasonCode?: number } | undefined)?.reasonCode ?? 0;
  } catch (error) {
    return (error as { code?: number }).code ?? -1;
  }
}

async function death(): Promise<void> {
  if (heard.deaths.length > 0) return;
  await new Promise<void>((resolve) => {
    toldDeath = resolve;
  });
}

describe('registration', () => {
  test('the CONNACK names the area and the gateway and declares what the endpoint lacks', async () => {
    const { connack } = await register('sag-1');
    expect(connack.properties).toMatchObject({
      maximumQoS: 1,
      receiveMaximum: 32,
      topicAliasMaximum: 0,
      maximumPacketSize: 65_536,
      sharedSubscriptionAvailable: false,
      serverKeepAlive: 15,
      userProperties: {
        'ccn-area': 'Mainland China',
        'gateway-id': 'gwa',
        'spread-ms': '1000',
      },
    });
  });

  test('a birth is told, retained, and ended by the goodbye of the device', async () => {
    const { client } = await register('sag-1', { will: willOf('sag-1', 1) });
    await publish(client, topic('sag-1', 'life'), birthOf('sag-1', 1), RETAINED);
    expect(heard.births).toMatchObject([{ serialNumber: 'sag-1', bdSeq: 1 }]);
    expect(place.gateway.snapshot().alive).toEqual(['sag-1']);
    await publish(client, topic('sag-1', 'life'), deathOf(1, 'bye'), RETAINED);
    await client.endAsync();
    expect(heard.deaths).toMatchObject([{ bdSeq: 1, why: 'bye', by: 'device' }]);
    const kept = place.gateway.retainedOf('sag-1').get(topic('sag-1', 'life'));
    expect(Buffer.from(kept ?? []).toString()).toContain('offline');
  });

  test('a device that vanishes is declared dead by its will', async () => {
    const { client } = await register('sag-1', { will: willOf('sag-1', 1) });
    await publish(client, topic('sag-1', 'life'), birthOf('sag-1', 1), RETAINED);
    client.stream.destroy();
    await death();
    expect(heard.deaths).toMatchObject([{ bdSeq: 1, why: 'lost', by: 'will' }]);
  });

  test('a late will does not bury a device that is back with a newer birth', async () => {
    const delayed = { ...willOf('sag-1', 1), properties: { willDelayInterval: 1 } };
    const properties = { sessionExpiryInterval: 60 };
    const { client } = await register('sag-1', { will: delayed, clean: false, properties });
    await publish(client, topic('sag-1', 'life'), birthOf('sag-1', 1), RETAINED);
    client.stream.destroy();

    const back = await register('sag-1', { will: willOf('sag-1', 2), clean: false, properties });
    await publish(back.client, topic('sag-1', 'life'), birthOf('sag-1', 2), RETAINED);
    // The former will, published by hand as another gateway might: it names the former birth.
    const code = await publishRefusal(
      back.client,
      topic('sag-1', 'life'),
      JSON.stringify(deathOf(1)),
    );
    expect(code).toBe(REASON.payloadFormatInvalid);
    expect(heard.deaths).toEqual([]);
    expect(place.gateway.snapshot()).toMatchObject({ alive: ['sag-1'], lateWills: 1 });
  });

  test('a second connection takes over and the first is told so', async () => {
    const certificate = await place.issue('sag-1');
    const first = await register('sag-1', {}, certificate);
    const told = disconnectOf(first.client);
    await register('sag-1', {}, certificate);
    expect(await told).toMatchObject({ reasonCode: REASON.sessionTakenOver });
    expect(heard.takeovers).toEqual(['sag-1']);
    expect(place.gateway.snapshot().connected).toBe(1);
  });

  test('a device can be sent to another server', async () => {
    const { client } = await register('sag-1');
    const told = disconnectOf(client);
    expect(place.gateway.kick('sag-1', REASON.useAnotherServer, 'gwb.ccn:8883')).toBe(true);
    expect(await told).toMatchObject({
      reasonCode: REASON.useAnotherServer,
      properties: { serverReference: 'gwb.ccn:8883' },
    });
    expect(place.gateway.kick('nobody', REASON.useAnotherServer)).toBe(false);
  });
});

describe('desired documents and commands', () => {
  test('a desired document waits, retained, for the device to subscribe', async () => {
    place.gateway.publishDesired('sag-1', DESIRED);
    const { client } = await register('sag-1');
    const message = messageOf(client);
    await client.subscribeAsync(topic('sag-1', 'state/desired'), QOS1);
    const packet = await message;
    expect(packet).toMatchObject({ topic: topic('sag-1', 'state/desired'), retain: true, qos: 1 });
    expect(JSON.parse(String(packet.payload))).toEqual(DESIRED);
  });

  test('a command reaches a subscribed device and one that is away gets it when it returns', async () => {
    const certificate = await place.issue('sag-1');
    const stays = { clean: false, properties: { sessionExpiryInterval: 60 } };
    const { client } = await register('sag-1', stays, certificate);
    await client.subscribeAsync(topic('sag-1', 'cmd/+'), QOS1);
    const command = {
      v: 1,
      id: 'c1',
      verb: 'switchActiveTunnel',
      tunnel: 'wan2-gwa',
      expiresAtMs: Date.now() + 60_000,
    } as const satisfies Command;
    const message = messageOf(client);
    expect(place.gateway.sendCommand('sag-1', command)).toBe('sent');
    const packet = await message;
    expect(packet.topic).toBe(topic('sag-1', 'cmd/c1'));
    expect(JSON.parse(String(packet.payload))).toEqual(command);
    await client.endAsync();

    expect(place.gateway.sendCommand('sag-1', { ...command, id: 'c2' })).toBe('queued');
    expect(place.gateway.sendCommand('sag-1', { ...command, id: 'c3', expiresAtMs: 0 })).toBe(
      'queued',
    );
    const { tunnel: _, ...rest } = command;
    const blink: Command = { ...rest, id: 'c5', verb: 'blink', durationS: 5 };
    expect(place.gateway.sendCommand('sag-1', blink)).toBe('dropped');
    expect(place.gateway.sendCommand('stranger', command)).toBe('not-subscribed');
    const back = await register('sag-1', stays, certificate);
    expect(back.connack.sessionPresent).toBe(true);
    expect(place.gateway.sendCommand('sag-1', { ...command, id: 'c4' })).toBe('sent');
    while (!back.arrived.includes(topic('sag-1', 'cmd/c4'))) await messageOf(back.client);
    expect(back.arrived).toEqual([topic('sag-1', 'cmd/c2'), topic('sag-1', 'cmd/c4')]);
  });
});

describe('events', () => {
  test('each event is stored once, however often it is sent', async () => {
    const { client } = await register('sag-1');
    const to = topic('sag-1', 'event/DeviceWanLinkDown');
    for (const seq of [1, 2, 2, 1, 3]) {
      expect(await publish(client, to, eventOf(seq))).toBe(0);
    }
    expect(place.store.all().map(({ event }) => event.seq)).toEqual([1, 2, 3]);
    expect(heard.events).toHaveLength(3);
  });
});

describe('identity and permissions', () => {
  test('a client id that is not the CN of the certificate is refused', async () => {
    const certificate = await place.issue('sag-1');
    expect(await refusalOf(register('sag-2', {}, certificate))).toBe(REASON.notAuthorized);
  });

  test('a client id with characters that mean something in a topic is refused', async () => {
    for (const id of ['#', '+', 'a/b', '$SYS']) {
      const certificate = await place.issue(id);
      expect(await refusalOf(register(id, {}, certificate))).not.toBe('accepted');
      const honest = await place.issue('sag-1');
      expect(await refusalOf(register(id, {}, honest))).toBe(REASON.clientIdentifierNotValid);
    }
  });

  test('the topics of a neighbour are neither readable nor writable', async () => {
    const { client } = await register('sag-1');
    const filters = [
      topic('sag-2', 'state/desired'),
      topic('+', 'cmd/+'),
      '#',
      '$SYS/#',
      `sag/v1/acme/sag-1/#`,
      '$share/g/x',
    ];
    for (const filter of filters) {
      const refused = await client.subscribeAsync(filter, QOS1).then(
        () => 'granted',
        (error: { packet?: { granted: number[] } }) => error.packet?.granted[0],
      );
      expect([filter, refused]).toEqual([
        filter,
        filter.startsWith('$share') ? REASON.sharedSubscriptionsNotSupported : REASON.notAuthorized,
      ]);
    }
    expect(await publishRefusal(client, topic('sag-2', 'life'), '{}')).toBe(REASON.notAuthorized);
    expect(await publishRefusal(client, topic('sag-1', 'state/desired'), '{}')).toBe(
      REASON.notAuthorized,
    );
  });

  test('a will to a topic of a neighbour is refused with the connection', async () => {
    const attempt = register('sag-1', { will: willOf('sag-2', 1) });
    expect(await refusalOf(attempt)).toBe(REASON.notAuthorized);
  });
});
