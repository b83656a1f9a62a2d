/**
 * An access gateway of a CCN area: an MQTT 5 endpoint behind mutual TLS for the devices of one tenant.
 *
 * A device is who its certificate says; a PUBACK for an event means the store has kept it. The gateway speaks
 * to devices through retained desired documents and commands, and tells its listener what they say.
 */

import { SURVIVES_OFFLINE } from '../../../agent/access/command-rules.ts';
import type { IdentityAnswer } from '../../../agent/access/identity-payloads.ts';
import type { Command } from '../../../agent/access/payloads.ts';
import { topicsOf } from '../../../agent/access/topics.ts';
import type { CcnArea } from '../../../agent/model/area.ts';
import type { DesiredDocument } from '../../../agent/model/desired.ts';
import { connackOf } from './connack.ts';
import type { ConnectRequest } from './connect-request.ts';
import { Connection, type ConnectionPlace } from './connection.ts';
import { type AccessGatewayListener, DeviceMessages } from './device-messages.ts';
import type { EventStore } from './event-store.ts';
import { DEFAULT_LIMITS, type GatewayLimits, SWEEP_MS } from './limits.ts';
import { type ListenAt, listenTls, type TlsListener, type TlsMaterial } from './listen-tls.ts';
import type { Admission, Farewell, PacketOutlet } from './packets-in.ts';
import { REASON } from './reason-codes.ts';
import { RetainedMessages } from './retained.ts';
import type { Delivery, OutMessage } from './session.ts';
import { SessionTable } from './session-table.ts';
import { isDeviceId, TopicAcl } from './topic-acl.ts';

export interface AccessGatewayOptions {
  readonly id: string;
  readonly area: CcnArea;
  readonly tenant: string;
  readonly tls: TlsMaterial;
  readonly listen: ListenAt;
  readonly store: EventStore;
  readonly on?: AccessGatewayListener;
  readonly limits?: Partial<GatewayLimits>;
}

export interface AccessGatewaySnapshot {
  readonly id: string;
  readonly area: CcnArea;
  readonly port: number;
  readonly connected: number;
  readonly sessionsAway: number;
  readonly alive: readonly string[];
  readonly lateWills: number;
}

export async function startAccessGateway(options: AccessGatewayOptions): Promise<AccessGateway> {
  const gateway = new AccessGateway(options);
  await gateway.listen();
  return gateway;
}

export class AccessGateway {
  readonly id: string;
  readonly area: CcnArea;
  readonly #options: AccessGatewayOptions;
  readonly #limits: GatewayLimits;
  readonly #retained = new RetainedMessages();
  readonly #acl: TopicAcl;
  readonly #messages: DeviceMessages;
  readonly #sessions = new SessionTable((serialNumber, { topic, payload, retain }) => {
    const message = { topic, payload, retain, meaning: { kind: 'life' }, by: 'will' } as const;
    void this.#messages.accept(serialNumber, message);
  });
  readonly #open = new Set<Connection>();
  readonly #registered = new Map<string, PacketOutlet>();
  #listener: TlsListener | undefined;
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: AccessGatewayOptions) {
    const { id, area, tenant, store, on = {}, limits } = options;
    this.id = id;
    this.area = area;
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#acl = new TopicAcl(tenant);
    this.#messages = new DeviceMessages({
      gateway: id,
      store,
      retained: this.#retained,
      listener: on,
      forward: (serialNumber, { topic, payload, retain, by }) => {
        this.#forward(serialNumber, { topic, payload, retain, own: by === 'device' });
      },
    });
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  async listen(): Promise<void> {
    const { tls, listen, on } = this.#options;
    const place = this.#place();
    this.#listener = await listenTls(tls, listen, 'certified', {
      onDevice: (stream, serialNumber) => {
        if (isDeviceId(serialNumber)) this.#open.add(new Connection(stream, serialNumber, place));
        else stream.destroy();
      },
      onRefused: (sentence) => on?.onRefused?.(undefined, REASON.notAuthorized, sentence),
    });
    this.#sweep = setInterval(() => {
      const nowMs = performance.now();
      for (const connection of this.#open) {
        connection.sweep(nowMs);
        if (connection.over) this.#open.delete(connection);
      }
      this.#sessions.sweep(nowMs);
    }, SWEEP_MS);
  }

  /** Retains the document for the device and sends it if the device listens. */
  publishDesired(serialNumber: string, document: DesiredDocument): Delivery {
    const { desired } = topicsOf(this.#options.tenant, serialNumber);
    const payload = bytesOf(document);
    this.#retained.put(serialNumber, desired, payload);
    return this.#forward(serialNumber, { topic: desired, payload, retain: true });
  }

  /** Sends a command; a device that is away gets it on its return unless it has expired by then. */
  sendCommand(serialNumber: string, command: Command): Delivery {
    const topic = topicsOf(this.#options.tenant, serialNumber).commands.replace('+', command.id);
    if (!isDeviceId(command.id)) return 'dropped';
    const isAway = this.#sessions.of(serialNumber)?.connected === false;
    if (isAway && !SURVIVES_OFFLINE[command.verb]) return 'dropped';
    const expiresAtMs = performance.now() + command.expiresAtMs - Date.now();
    return this.#forward(serialNumber, {
      topic,
      payload: bytesOf(command),
      retain: false,
      expiresAtMs,
    });
  }

  /** Answers a device that asked for its next certificate. */
  answerIdentity(serialNumber: string, answer: IdentityAnswer): Delivery {
    const { identityAnswer } = topicsOf(this.#options.tenant, serialNumber);
    const payload = bytesOf(answer);
    return this.#forward(serialNumber, { topic: identityAnswer, payload, retain: false });
  }

  /** Asks the device for its birth and full state. */
  askRebirth(serialNumber: string): Delivery {
    const { rebirth } = topicsOf(this.#options.tenant, serialNumber);
    return this.#forward(serialNumber, {
      topic: rebirth,
      payload: bytesOf({ v: 1 }),
      retain: false,
    });
  }

  /** Ends a device's connection with a reason, such as `useAnotherServer`. False when it has none. */
  kick(serialNumber: string, reasonCode: number, serverReference?: string): boolean {
    const connection = this.#registered.get(serialNumber);
    connection?.farewell(reasonCode, serverReference === undefined ? {} : { serverReference });
    return connection !== undefined;
  }

  /** Ends every connection: with a reason code, or without a word as a broken cable would. */
  disconnectAll(reasonCode?: number): void {
    for (const connection of this.#open) {
      if (reasonCode === undefined) connection.drop();
      else connection.farewell(reasonCode, {});
    }
  }

  /** The device's retained messages by topic. */
  retainedOf(serialNumber: string): ReadonlyMap<string, Uint8Array> {
    return this.#retained.of(serialNumber);
  }

  isConnected(serialNumber: string): boolean {
    return this.#registered.has(serialNumber);
  }

  snapshot(): AccessGatewaySnapshot {
    const { id, area, port } = this;
    return {
      id,
      area,
      port,
      connected: this.#sessions.connectedCount,
      sessionsAway: this.#sessions.awayCount,
      alive: [...this.#messages.births.keys()],
      lateWills: this.#messages.lateWills,
    };
  }

  /**
   * Says goodbye to every device and stops listening. No will is published: the devices are not gone, this
   * gateway is. The store stays open: it is its owner's.
   */
  async close(): Promise<void> {
    if (this.#listener === undefined) return;
    clearInterval(this.#sweep);
    this.#registered.clear();
    this.disconnectAll(REASON.serverShuttingDown);
    await this.#listener.close();
    this.#listener = undefined;
  }

  #forward(serialNumber: string, message: OutMessage): Delivery {
    const session = this.#sessions.of(serialNumber);
    return session?.forward(message, performance.now()) ?? 'not-subscribed';
  }

  #place(): ConnectionPlace {
    return {
      acl: this.#acl,
      retained: this.#retained,
      messages: this.#messages,
      keepAliveS: this.#limits.keepAliveS,
      nowMs: () => performance.now(),
      connackProperties: () => connackOf(this, this.#limits),
      admit: (request, outlet) => this.#admit(request, outlet),
      attach: (request, outlet) => {
        this.#sessions.attach(request, (packet) => outlet.send(packet), performance.now());
      },
      gone: (connection, farewell) => this.#gone(connection, farewell),
      refused: (serialNumber, code, why) => this.#options.on?.onRefused?.(serialNumber, code, why),
    };
  }

  #admit(request: ConnectRequest, outlet: PacketOutlet): Admission | undefined {
    const { serialNumber } = request;
    const former = this.#registered.get(serialNumber);
    if (former === undefined && this.#registered.size >= this.#limits.connectionsMax) {
      return undefined;
    }
    if (former !== undefined) {
      former.farewell(REASON.sessionTakenOver, {});
      this.#options.on?.onTakeover?.(serialNumber);
    }
    this.#registered.set(serialNumber, outlet);
    return this.#sessions.connected(request);
  }

  #gone(connection: Connection, farewell: Farewell | undefined): void {
    const { serialNumber } = connection;
    if (this.#registered.get(serialNumber) !== connection || farewell === undefined) return;
    this.#registered.delete(serialNumber);
    this.#sessions.disconnected(serialNumber, farewell, performance.now());
  }
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
