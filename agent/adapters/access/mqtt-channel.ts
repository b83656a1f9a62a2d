/**
 * MQTT 5 over mutual TLS: the agent's channel to an access gateway.
 *
 * One `mqtt` client per attempt, told never to reconnect. It is made once TLS stands: which of the addresses behind a
 * gateway's name that is with is found out before, within the same attempt.
 */
import type { TLSSocket } from 'node:tls';
import { type IClientOptions, type IConnackPacket, MqttClient } from 'mqtt';
import type { AddressFinder, DialTold } from '../../access/names/address-finder.ts';
import type {
  AccessChannel,
  AccessEvent,
  AccessPublish,
  AccessTarget,
  AccessWill,
} from '../../ports.ts';
import { GatewayFinder } from '../names/gateway-finder.ts';
import { GatewayTls, type GatewayTlsOptions, type TlsPair } from './gateway-tls.ts';
import { type ChannelFault, channelFault, reasonFault } from './mqtt-channel-fault.ts';

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
const BYE: ChannelFault = { code: 'EBYE', text: 'closed by us' };
const HUNG_UP: ChannelFault = { code: 'ECLOSED', text: 'the gateway closed the connection' };

export interface MqttChannelOptions extends GatewayTlsOptions {
  /** Serial number; the gateway accepts no other for our certificate. */
  readonly clientId: string;
  readonly keepAliveS: number;
  /** Who knows what is behind the names of gateways; absent: one of our own, that keeps nothing. */
  readonly finder?: AddressFinder;
}

interface Attempt {
  readonly will: AccessWill | undefined;
  readonly listener: (event: AccessEvent) => void;
  /** Ends the search for the gateway, as long as there is one. */
  leave: () => void;
  /** Once the gateway has proved itself. */
  talk: Talk | undefined;
  isOver: boolean;
  /** What was learnt before the socket closed. */
  fault: (ChannelFault & { readonly serverReference?: string }) | undefined;
}

interface Talk {
  readonly client: MqttClient;
  readonly socket: TLSSocket;
}

const nothingToLeave = (): void => undefined;

export class MqttChannel implements AccessChannel {
  readonly #options: MqttChannelOptions;
  readonly #tls: GatewayTls;
  readonly #finder: AddressFinder;
  #attempt: Attempt | undefined;
  /** The last one that was opened. */
  #socket: TLSSocket | undefined;

  /** Throws what OpenSSL says when certificate and key are not a pair. */
  constructor(options: MqttChannelOptions) {
    this.#options = options;
    this.#tls = new GatewayTls(options);
    this.#finder = options.finder ?? new GatewayFinder();
  }

  /** From the next attempt on this pair is shown. */
  use(pair: TlsPair): void {
    this.#tls.use(pair);
  }

  open(
    target: AccessTarget,
    will: AccessWill | undefined,
    listener: (event: AccessEvent) => void,
  ): void {
    this.#silence();
    const attempt: Attempt = {
      will,
      listener,
      leave: nothingToLeave,
      talk: undefined,
      isOver: false,
      fault: undefined,
    };
    this.#attempt = attempt;
    const { address: name, sourceAddress } = target;
    attempt.leave = this.#finder.find(
      { name, sourceAddress },
      {
        dial: (address, told) => this.#dial(attempt, target, { address, told }),
        onFailed: (fault) => this.#over(attempt, fault),
      },
    );
  }

  publish({ publishId, topic, payload, qos, retain, expiryS }: AccessPublish): void {
    const attempt = this.#attempt;
    if (attempt?.talk === undefined) return;
    const properties = expiryS === undefined ? {} : { messageExpiryInterval: expiryS };
    attempt.talk.client.publish(
      topic,
      Buffer.from(payload),
      { qos, retain, properties },
      (error) => {
        if (qos === 0) return;
        const code = (error as { readonly code?: unknown } | null | undefined)?.code;
        // Any other error means the connection is going, and its close ends the publish.
        if (error && typeof code !== 'number') return;
        const reasonCode = typeof code === 'number' ? code : 0;
        setImmediate(() =>
          this.#tell(attempt, { type: 'publishAcknowledged', publishId, reasonCode }),
        );
      },
    );
  }

  subscribe(topics: readonly string[]): void {
    this.#attempt?.talk?.client.subscribe([...topics], { qos: 1 });
  }

  close(how: 'bye' | 'drop'): void {
    const attempt = this.#attempt;
    if (attempt === undefined || attempt.isOver) return;
    attempt.fault = BYE;
    const { talk } = attempt;
    if (talk === undefined) {
      attempt.leave();
      setImmediate(() => this.#over(attempt, BYE));
      return;
    }
    const { client, socket } = talk;
    if (how === 'drop' || !client.connected) {
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), BYE_MS);
    socket.once('close', () => clearTimeout(timer));
    client.end(false, { reasonCode: 0 });
  }

  /** How many handshakes were spared by a session kept from before. */
  get resumptions(): number {
    return this.#tls.resumptions;
  }

  /** Resolves when nothing of the last attempt is left. */
  async closed(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.closed) return;
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  }

  /** Tells, when the socket has closed or proved itself, whether it is the gateway's; answers with what drops it. */
  #dial(
    attempt: Attempt,
    target: AccessTarget,
    { address, told }: { readonly address: string; readonly told: DialTold },
  ): () => void {
    const socket = this.#tls.connect(address, target);
    this.#socket = socket;
    let fault: ChannelFault | undefined;
    const failed = (error: Error): void => {
      fault ??= channelFault(error);
    };
    const closed = (): void => told(fault ?? HUNG_UP);
    socket.on('error', failed);
    socket.on('close', closed);
    socket.once('secureConnect', () => {
      // From now on it is heard as part of the conversation.
      socket.off('close', closed);
      told(undefined);
      if (!attempt.isOver) this.#talk(attempt, socket);
    });
    return () => socket.destroy();
  }

  #talk(attempt: Attempt, socket: TLSSocket): void {
    const client = new MqttClient(() => socket, this.#clientOptions(attempt.will));
    attempt.talk = { client, socket };
    this.#listen(attempt, attempt.talk);
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

  #listen(attempt: Attempt, { client, socket }: Talk): void {
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
    socket.on('close', () => this.#over(attempt, attempt.fault ?? HUNG_UP));
  }

  #over(attempt: Attempt, fault: ChannelFault): void {
    this.#tell(attempt, { type: 'channelClosed', ...fault });
    attempt.isOver = true;
    // Its own timers end with it; errors that still come concern nobody.
    attempt.talk?.client.end(true);
  }

  #silence(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    attempt.isOver = true;
    attempt.leave();
    attempt.talk?.socket.destroy();
  }

  #tell(attempt: Attempt, event: AccessEvent): void {
    if (!attempt.isOver) attempt.listener(event);
  }
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
