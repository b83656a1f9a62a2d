/** The channel on loopback: each wrong certificate by its own code, and a conversation with the embedded gateway. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createPlainServer, type Server } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MqttChannel } from '../../../agent/adapters/access/mqtt-channel.ts';
import type { AccessEvent, AccessTarget } from '../../../agent/ports.ts';
import {
  type Authority,
  createAuthority,
  type IssuedCertificate,
  selfSignedDevice,
} from '../../../sim/live/certificates.ts';
import { openPlace, type Place, SERVER_NAME } from '../gateway/foreign-client.ts';
import { birthOf } from '../gateway/messages.ts';

const SERIAL_NUMBER = 'sag00001';
const TOPIC = `sag/v1/acme/${SERIAL_NUMBER}`;
const WILL = { topic: `${TOPIC}/life`, payload: new TextEncoder().encode('{}'), delayS: 1 };
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** What the channel told, with a way to wait for one kind of it. */
class Heard {
  readonly events: AccessEvent[] = [];
  #waiting: (() => void)[] = [];

  readonly listener = (event: AccessEvent): void => {
    this.events.push(event);
    for (const wake of this.#waiting.splice(0)) wake();
  };

  async next<Type extends AccessEvent['type']>(
    type: Type,
    isWanted: (event: Extract<AccessEvent, { readonly type: Type }>) => boolean = () => true,
  ): Promise<Extract<AccessEvent, { readonly type: Type }>> {
    for (;;) {
      const found = this.events.find(
        (event): event is Extract<AccessEvent, { readonly type: Type }> =>
          event.type === type && isWanted(event as Extract<AccessEvent, { readonly type: Type }>),
      );
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

let authority: Authority;
let device: IssuedCertificate;
const servers: Server[] = [];
const channels: MqttChannel[] = [];

beforeAll(async () => {
  authority = await createAuthority();
  device = await authority.issueDevice({ serialNumber: SERIAL_NUMBER });
});

afterEach(async () => {
  for (const channel of channels.splice(0)) {
    channel.close('drop');
    await channel.closed();
  }
  for (const server of servers.splice(0)) server.close();
});

function channelOf(own: IssuedCertificate, ca: string): MqttChannel {
  const channel = new MqttChannel({
    certificate: own.certificatePem,
    key: own.keyPem,
    ca,
    clientId: SERIAL_NUMBER,
    keepAliveS: 30,
    trustedMs: () => Date.now(),
  });
  channels.push(channel);
  return channel;
}

async function listen(server: Server): Promise<AccessTarget> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { gateway: 'gwa', address: '127.0.0.1', port, serverName: SERVER_NAME };
}

/** A TLS server that never says anything of its own. */
async function mute(certificate: IssuedCertificate, more: TlsOptions = {}): Promise<AccessTarget> {
  const server = createServer(
    { cert: certificate.certificatePem, key: certificate.keyPem, ...more },
    (socket) => socket.on('error', () => undefined),
  );
  server.on('tlsClientError', () => undefined);
  return listen(server);
}

async function endingOf(target: AccessTarget, own = device): Promise<string> {
  const heard = new Heard();
  channelOf(own, authority.certificatePem).open(target, WILL, heard.listener);
  const { code } = await heard.next('channelClosed');
  expect(heard.events).toHaveLength(1);
  return code;
}

describe('an attempt ends with', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'ETLS_REFUSED at a gateway that does not want our certificate, over %s',
    async (version) => {
      const good = await authority.issueGateway({ name: SERVER_NAME });
      const picky = { requestCert: true, ca: authority.certificatePem, rejectUnauthorized: true };
      const target = await mute(good, { ...picky, minVersion: version, maxVersion: version });
      const itself = await selfSignedDevice({ serialNumber: SERIAL_NUMBER });
      // Node's own server hangs up without saying why; OpenSSL's sends an alert.
      expect(['ETLS_REFUSED', 'ECONNRESET', 'ECLOSED']).toContain(await endingOf(target, itself));
    },
  );

  it('ETLS_PROTOCOL where something speaks no TLS', async () => {
    const server = createPlainServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    expect(await endingOf(await listen(server))).toBe('ETLS_PROTOCOL');
  });

  it('ECONNREFUSED where nobody listens', async () => {
    const good = await authority.issueGateway({ name: SERVER_NAME });
    const target = await mute(good);
    servers.splice(0).forEach((server) => {
      server.close();
    });
    expect(await endingOf(target)).toBe('ECONNREFUSED');
  });

  it('EADDRNOTAVAIL from an address this machine does not have', async () => {
    const good = await authority.issueGateway({ name: SERVER_NAME });
    const target = { ...(await mute(good)), sourceAddress: '192.0.2.77' };
    expect(await endingOf(target)).toBe('EADDRNOTAVAIL');
  });

  it('EMQTT_0x95 at a gateway that sends a packet without end', async () => {
    const good = await authority.issueGateway({ name: SERVER_NAME });
    const server = createServer({ cert: good.certificatePem, key: good.keyPem }, (socket) => {
      socket.on('error', () => undefined);
      // A PUBLISH that announces 256 MB, and then zeros.
      socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
      const chunk = Buffer.alloc(65_536);
      const pour = (): void => {
        while (!socket.destroyed && socket.write(chunk)) continue;
        if (!socket.destroyed) socket.once('drain', pour);
      };
      pour();
    });
    expect(await endingOf(await listen(server))).toBe('EMQTT_0x95');
  });
});

describe('a channel that is closed by us', () => {
  it('says EBYE once, and falls silent when the next attempt begins', async () => {
    const good = await authority.issueGateway({ name: SERVER_NAME });
    const target = await mute(good);
    const channel = channelOf(device, authority.certificatePem);
    const [first, second] = [new Heard(), new Heard()];
    channel.open(target, WILL, first.listener);
    channel.open(target, WILL, second.listener);
    channel.close('drop');
    expect((await second.next('channelClosed')).code).toBe('EBYE');
    expect(second.events).toHaveLength(1);
    expect(first.events).toEqual([]);
  });
});

describe('with the embedded gateway', () => {
  let place: Place;
  let own: IssuedCertificate;
  beforeAll(async () => {
    place = await openPlace();
    own = await place.issue(SERIAL_NUMBER);
    return () => place.gateway.close();
  });

  const target = (): AccessTarget => ({
    gateway: 'gwa',
    address: '127.0.0.1',
    port: place.gateway.port,
    serverName: SERVER_NAME,
    sourceAddress: '127.0.0.1',
  });

  async function opened(): Promise<{ channel: MqttChannel; heard: Heard; area: string }> {
    const heard = new Heard();
    const channel = channelOf(own, place.authority.certificatePem);
    channel.open(target(), WILL, heard.listener);
    const { properties } = await heard.next('channelOpened');
    return { channel, heard, area: properties['ccn-area'] ?? '' };
  }

  it('hears the area of the gateway with the CONNACK', async () => {
    expect((await opened()).area).toBe('Mainland China');
  });

  it('reads its own life back and is told what was acknowledged', async () => {
    const { channel, heard } = await opened();
    channel.subscribe([`${TOPIC}/life`]);
    const life = birthOf(SERIAL_NUMBER, 1);
    const payload = bytes(life);
    channel.publish({ publishId: 41, topic: `${TOPIC}/life`, payload, qos: 1, retain: true });
    expect(await heard.next('publishAcknowledged')).toMatchObject({ publishId: 41, reasonCode: 0 });
    const echo = await heard.next('messageArrived', ({ retained }) => !retained);
    expect(JSON.parse(new TextDecoder().decode(echo.payload))).toEqual(life);
  });

  it('is told by reason code that a neighbour’s topic is not its own', async () => {
    const { channel, heard } = await opened();
    const topic = 'sag/v1/acme/sag00002/life';
    channel.publish({ publishId: 5, topic, payload: bytes({}), qos: 1, retain: false });
    const answer = await heard.next('publishAcknowledged');
    expect(answer.reasonCode).toBeGreaterThanOrEqual(0x80);
  });

  it('learns of a takeover by its reason code', async () => {
    const first = await opened();
    await opened();
    expect(await first.heard.next('channelClosed')).toMatchObject({
      code: 'EMQTT_0x8e',
      reasonCode: 0x8e,
    });
  });

  it('says goodbye so that its will is discarded', async () => {
    const { channel, heard } = await opened();
    channel.close('bye');
    expect((await heard.next('channelClosed')).code).toBe('EBYE');
    expect(heard.events.filter(({ type }) => type === 'channelClosed')).toHaveLength(1);
  });

  it('resumes its TLS session when it comes back', async () => {
    const { channel, heard } = await opened();
    // A ticket comes with the first data after the handshake; an acknowledged publish is later.
    const message = { publishId: 1, topic: `${TOPIC}/link/wan1`, qos: 1, retain: true } as const;
    const verdict = { state: 'up', sinceMs: 0, address: '10.91.1.2' };
    const payload = bytes({ v: 1, uplink: 'wan1', verdict, wallMs: 0 });
    channel.publish({ ...message, payload });
    await heard.next('publishAcknowledged');
    channel.close('drop');
    await heard.next('channelClosed');
    expect(channel.resumptions).toBe(0);
    const again = new Heard();
    channel.open(target(), WILL, again.listener);
    await again.next('channelOpened');
    expect(channel.resumptions).toBe(1);
  });
});
