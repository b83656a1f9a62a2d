/** mqtt.js as a client that is not ours: what the tests of the access gateway speak through. */
import mqtt, {
  type IClientOptions,
  type IConnackPacket,
  type IDisconnectPacket,
  type IPublishPacket,
  type MqttClient,
} from 'mqtt';
import {
  type Authority,
  createAuthority,
  type IssuedCertificate,
} from '../../../sim/live/certificates.ts';
import {
  type AccessGateway,
  type AccessGatewayOptions,
  startAccessGateway,
} from '../../../sim/live/gateway/access-gateway.ts';
import { MemoryEventStore } from '../../../sim/live/gateway/event-store.ts';

export const TENANT = 'acme';
export const SERVER_NAME = 'gwa.ccn';

export function topic(serialNumber: string, rest: string): string {
  return `sag/v1/${TENANT}/${serialNumber}/${rest}`;
}

export interface Place {
  readonly authority: Authority;
  /** The gateway's own. */
  readonly tls: IssuedCertificate;
  readonly gateway: AccessGateway;
  readonly store: MemoryEventStore;
  issue(serialNumber: string): Promise<IssuedCertificate>;
}

/** A gateway on loopback with a CA of its own. */
export async function openPlace(options: Partial<AccessGatewayOptions> = {}): Promise<Place> {
  const authority = await createAuthority();
  const issued = await authority.issueGateway({ name: SERVER_NAME, addresses: ['127.0.0.1'] });
  const store = new MemoryEventStore();
  const gateway = await startAccessGateway({
    id: 'gwa',
    area: 'Mainland China',
    tenant: TENANT,
    tls: { ...issued, caPem: authority.certificatePem },
    listen: { host: '127.0.0.1', port: 0 },
    store,
    ...options,
  });
  const issue = (serialNumber: string) => authority.issueDevice({ serialNumber });
  return { authority, tls: issued, gateway, store, issue };
}

export interface Registered {
  readonly client: MqttClient;
  readonly connack: IConnackPacket;
  /** Topics of everything that arrived, also right behind the CONNACK. */
  readonly arrived: string[];
}

export function clientOptions(
  place: Place,
  certificate: IssuedCertificate,
  clientId: string,
): IClientOptions {
  return {
    protocol: 'mqtts',
    host: '127.0.0.1',
    port: place.gateway.port,
    servername: SERVER_NAME,
    ca: place.authority.certificatePem,
    cert: certificate.certificatePem,
    key: certificate.keyPem,
    clientId,
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: 10_000,
  };
}

/** Connects, or rejects with the error the client reports. */
export async function connect(
  place: Place,
  serialNumber: string,
  more: Partial<IClientOptions> = {},
  certificate?: IssuedCertificate,
): Promise<Registered> {
  const issued = certificate ?? (await place.issue(serialNumber));
  const client = mqtt.connect({ ...clientOptions(place, issued, serialNumber), ...more });
  const arrived: string[] = [];
  client.on('message', (to) => arrived.push(to));
  const connack = await new Promise<IConnackPacket>((resolve, reject) => {
    client.once('connect', resolve);
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed without a word')));
  }).catch((error: unknown) => {
    client.end(true);
    throw error;
  });
  return { client, connack, arrived };
}

/** The next message that arrives. */
export function messageOf(client: MqttClient): Promise<IPublishPacket> {
  return new Promise((resolve) =>
    client.once('message', (_to, _payload, packet) => resolve(packet)),
  );
}

/** The next DISCONNECT the gateway sends to this client. */
export function disconnectOf(client: MqttClient): Promise<IDisconnectPacket> {
  return new Promise((resolve) => client.once('disconnect', resolve));
}

/** The reason code a connection attempt is refused with, or the name of its network error. */
export async function refusalOf(attempt: Promise<Registered>): Promise<number | string> {
  try {
    const { client } = await attempt;
    client.end(true);
    return 'accepted';
  } catch (error) {
    return (error as { code?: number | string }).code ?? String(error);
  }
}
