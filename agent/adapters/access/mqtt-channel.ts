/**
 * MQTT 5 over mutual TLS: the agent's channel to an access gateway.
 *
 * One `mqtt` client per attempt, told never to reconnect; TLS 1.2 or later, the CCN's own CA and nothing else, the
 * gateway's name checked, and TLS sessions kept per gateway so that returning is cheap for both. There is no way to
 * switch a check off.
 */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { type IClientOptions, type IConnackPacket, MqttClient } from 'mqtt';
import type {
  AccessChannel,
  AccessEvent,
  AccessPublish,
  AccessTarget,
  AccessWill,
} from '../../ports.ts';
import { GatewayTrust, peerChain } from './gateway-trust.ts';
import { type ChannelFault, channelFault, reasonFault } from './mqtt-channel-fault.ts';
import type { UplinkNames } from './uplink-names.ts';

/** Lets the gateway keep commands for a device that is away for a day. */
const SESSION_EXPIRY_S = 86_400;
/** The gateway may have this many messages on the way to us. */
const RECEIVE_MAX = 32;
/** Far above any payload we accept, so that an honest mistake is refused with a code and not by hanging up. */
const PACKET_BYTES_MAX = 2 * 1024 * 1024;
/** Bytes that never become a packet: whoever sends them wants our memory. */
const UNPARSED_BYTES_MAX = 2 * PACKET_BYTES_MAX;
/** The registration core gives up earlier; this only bounds what nobody waits for any more. */
const CONNACK_MS = 15_000;
/** A DISCONNECT that cannot be sent in this time is not sent. */
const BYE_MS = 1_000;

export interface MqttChannelOptions {
  /** PEM: our chain and our key; a device that enrols has none yet. */
  readonly certificate?: string;
  readonly key?: string;
  /** PEM: the only CA we trust. */
  readonly ca: string;
  /** Serial number; the gateway accepts no other for our certificate. */
  readonly clientId: string;
  readonly keepAliveS: number;
  /** The CA's revocation list, where there is one. */
  readonly crlFile?: string | undefined;
  /** The time certificates are judged by, besides the machine's own; see `GatewayTrust`. */
  readonly trustedMs: () => number;
  /** Who knows the names of gateways; absent: the system. */
  readonly names?: UplinkNames;
}

type Credentials = Pick<MqttChannelOptions, 'certificate' | 'key' | 'ca'>;

interface KeptSession {
  readonly ticket: Buffer;
  readonly chain: readonly X509Certificate[];
}

interface Attempt {
  readonly client: MqttClient;
  readonly socket: TLSSocket;
  readonly listener: (event: AccessEvent) => void;
  isOver: boolean;
  /** What was learnt before the socket closed. */
  fault: (ChannelFault & { readonly serverReference?: string }) | undefined;
}

export class MqttChannel implements AccessChannel {
  readonly #options: MqttChannelOptions;
  #context: SecureContext;
  #trust: GatewayTrust;
  /** Kept with the chain they stand for: whoever resumes shows no certificate again. */
  readonly #sessions = new Map<string, KeptSession>();
  #resumptions = 0;
  #attempt: Attempt | undefined;

  /** Throws what OpenSSL says when certificate and key are not a pair. */
  constructor(options: MqttChannelOptions) {
    this.#options = options;
    const { ca, crlFile, trustedMs } = options;
    this.#trust = new GatewayTrust({ ca, crlFile, trustedMs });
    this.#context = contextOf(options);
  }

  /** From the next attempt on this pair is shown. Sessions of the other one are not resumed. */
  use(pair: { readonly certificate: string; readonly key: string; readonly ca: string }): void {
    this.#context = contextOf(pair);
    this.#trust = new GatewayTrust({ ...this.#options, ca: pair.ca });
    this.#sessions.clear();
  }

  open(
    target: AccessTarget,
    will: AccessWill | undefined,
    listener: (event: AccessEvent) => void,
  ): void {
    this.#silence();
    const socket = this.#connect(target);
    const client = new MqttClient(() => socket, this.#clientOptions(will));
    const attempt: Attempt = { client, socket, listener, isOver: false, fault: undefined };
    this.#attempt = attempt;
    this.#listen(attempt);
  }

  publish({ publishId, topic, payload, qos, retain, expiryS }: AccessPublish): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    const properties = expiryS === undefined ? {} : { messageExpiryInterval: expiryS };
    attempt.client.publish(topic, Buffer.from(payload), { qos, retain, properties }, (error) => {
      if (qos === 0) return;
      const code = (error as { readonly code?: unknown } | null | undefined)?.code;
      // Any other error means the connection is going, and its close ends the publish.
      if (error && typeof code !== 'number') return;
      const reasonCode = typeof code === 'number' ? code : 0;
      setImmediate(() =>
        this.#tell(attempt, { type: 'publishAcknowledged', publishId, reasonCode }),
      );
    });
  }

  subscribe(topics: readonly string[]): void {
    this.#attempt?.client.subscribe([...topics], { qos: 1 });
  }

  close(how: 'bye' | 'drop'): void {
    const attempt = this.#attempt;
    if (attempt === undefined || attempt.isOver) return;
    attempt.fault = { code: 'EBYE', text: 'closed by us' };
    if (how === 'drop' || !attempt.client.connected) {
      attempt.socket.destroy();
      return;
    }
    const timer = setTimeout(() => attempt.socket.destroy(), BYE_MS);
    attempt.socket.once('close', () => clearTimeout(timer));
    attempt.client.end(false, { reasonCode: 0 });
  }

  /** How many handshakes were spared by a session kept from before. */
  get resumptions(): number {
    return this.#resumptions;
  }

  /** Resolves when nothing of the last attempt is left. */
  async closed(): Promise<void> {
    const socket = this.#attempt?.socket;
    if (socket === undefined || socket.closed) return;
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  }

  #connect({ address, port, serverName, sourceAddress }: AccessTarget): TLSSocket {
    const key = `${address} ${port} ${serverName}`;
    const kept = this.#sessions.get(key);
    const session =
      kept && this.#trust.objection(kept.chain) === undefined ? kept.ticket : undefined;
    let chain: readonly X509Certificate[] = kept?.chain ?? [];
    const socket = connectTls({
      host: address,
      port,
      secureContext: this.#context,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      // RFC 6066 knows no addresses as server names.
      servername: isIP(serverName) === 0 ? serverName : '',
      checkServerIdentity: (_host, certificate) => {
        chain = peerChain(certificate as DetailedPeerCertificate);
        return checkServerIdentity(serverName, certificate) ?? this.#trust.objection(chain);
      },
      ...(sourceAddress === undefined ? {} : { localAddress: sourceAddress }),
      ...(session === undefined ? {} : { session }),
      ...this.#options.names?.over(sourceAddress),
    });
    socket.setNoDelay(true);
    socket.once('secureConnect', () => {
      if (socket.isSessionReused()) this.#resumptions += 1;
    });
    socket.on('session', (ticket) => this.#sessions.set(key, { ticket, chain }));
    socket.once('error', () => this.#sessions.delete(key));
    return socket;
  }

  #clientOptions(will: AccessWill | undefined): IClientOptions {
    const { clientId, keepAliveS } = this.#options;
    return {
      protocolVersion: 5,
      clientId,
      keepalive: keepAliveS,
      clean: false,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      connectTimeout: CONNACK_MS,
      properties: {
        sessionExpiryInterval: SESSION_EXPIRY_S,
        receiveMaximum: RECEIVE_MAX,
        maximumPacketSize: PACKET_BYTES_MAX,
      },
      ...(will !== undefined && { will: willOf(will) }),
    };
  }

  #listen(attempt: Attempt): void {
    const { client, socket } = attempt;
    let unparsedBytes = 0;
    client.on('connect', (packet) => this.#tell(attempt, openedEvent(packet)));
    client.on('message', (topic, payload, packet) => {
      this.#tell(attempt, { type: 'messageArrived', topic, payload, retained: packet.retain });
    });
    client.on('packetreceive', (packet) => {
      unparsedBytes = 0;
      if (packet.cmd !== 'connack' && packet.cmd !== 'disconnect') return;
      const reasonCode = packet.reasonCode ?? 0;
      const reference = packet.properties?.serverReference;
      if (reasonCode === 0) return;
      const text = packet.properties?.reasonString ?? `the gateway sent ${packet.cmd}`;
      attempt.fault ??= {
        ...reasonFault(reasonCode, text),
        ...(reference === undefined ? {} : { serverReference: reference }),
      };
    });
    client.on('disconnect', () => socket.destroy());
    client.on('error', (error) => {
      attempt.fault ??= channelFault(error);
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => {
      unparsedBytes += chunk.length;
      if (unparsedBytes <= UNPARSED_BYTES_MAX) return;
      attempt.fault ??= reasonFault(0x95, 'the gateway sends a packet without end');
      socket.destroy();
    });
    socket.on('error', (error) => {
      attempt.fault ??= channelFault(error);
    });
    socket.on('close', () => this.#onClosed(attempt));
  }

  #onClosed(attempt: Attempt): void {
    const fault = attempt.fault ?? { code: 'ECLOSED', text: 'the gateway closed the connection' };
    this.#tell(attempt, { type: 'channelClosed', ...fault });
    attempt.isOver = true;
    // Its own timers end with it; errors that still come concern nobody.
    attempt.client.end(true);
  }

  #silence(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    attempt.isOver = true;
    attempt.socket.destroy();
  }

  #tell(attempt: Attempt, event: AccessEvent): void {
    if (!attempt.isOver) attempt.listener(event);
  }
}

function contextOf({ certificate, key, ca }: Credentials) {
  const own = certificate === undefined ? {} : { cert: certificate, key };
  return createSecureContext({ ...own, ca, minVersion: 'TLSv1.2' });
}

function willOf({ topic, payload, delayS }: AccessWill): NonNullable<IClientOptions['will']> {
  const properties = { willDelayInterval: delayS };
  return { topic, payload: Buffer.from(payload), qos: 1, retain: true, properties };
}

function openedEvent({ sessionPresent, properties }: IConnackPacket): AccessEvent {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties?.userProperties ?? {})) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) own[name] = first;
  }
  const serverKeepAliveS = properties?.serverKeepAlive;
  return {
    type: 'channelOpened',
    sessionPresent,
    properties: own,
    ...(serverKeepAliveS === undefined ? {} : { serverKeepAliveS }),
  };
}
