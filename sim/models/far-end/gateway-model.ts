/**
 * One access gateway's control side: it takes connections, keeps what it acknowledges and hands out what is
 * retained.
 *
 * A connection of a device that has one already takes it over. A gateway that restarts drops every
 * connection and refuses new ones until it is back; what it stored is still there.
 */
import { CONNACK_PROPERTIES, type EventMessage } from '../../../agent/access/payloads.ts';
import type { CcnArea } from '../../../agent/model/area.ts';
import type { AccessPublish, AccessWill } from '../../../agent/ports.ts';
import type { World } from '../../world/world.ts';
import type { GatewayMessage, GatewayStore, Subscriber } from './gateway-store.ts';

/** Writing to the gateway's disk before the acknowledgement. */
const STORE_MS = 1;

const DAY_MS = 86_400_000;
/** Renewed not long ago, and again before it ends: no run lasts that long. */
const CERTIFICATE_DAYS = { age: 20, left: 40 } as const;

export const TAKEN_OVER = 'EMQTT_0x8E';

/** Of an MQTT 5 DISCONNECT. */
export interface CloseReason {
  readonly reasonCode: number;
  /** The other server it speaks of. */
  readonly serverReference?: string;
}

/** What a gateway needs of the connection a device has to it. */
export interface GatewayLine {
  readonly serialNumber: string;
  readonly will: AccessWill;
  deliver(message: GatewayMessage): void;
  acknowledge(publishId: number): void;
  /** The gateway ends the connection. */
  end(code: string, text: string, reason?: CloseReason): void;
}

interface Session extends Subscriber {
  readonly line: GatewayLine;
  topics: readonly string[];
}

export interface GatewayModelOptions {
  readonly world: World;
  readonly id: string;
  readonly area: CcnArea;
  readonly store: GatewayStore;
  /** Hears every message a device publishes, after it is kept. */
  readonly onPublished: (serialNumber: string, topic: string, payload: Uint8Array) => void;
}

export class GatewayModel {
  readonly id: string;
  /** From when to when what it shows of itself is good. */
  certificate: { readonly fromMs: number; readonly endMs: number };
  readonly #options: GatewayModelOptions;
  readonly #sessions = new Map<GatewayLine, Session>();
  #running = true;

  constructor(options: GatewayModelOptions) {
    this.id = options.id;
    this.#options = options;
    const { trueWallMs } = options.world;
    this.certificate = {
      fromMs: trueWallMs - CERTIFICATE_DAYS.age * DAY_MS,
      endMs: trueWallMs + CERTIFICATE_DAYS.left * DAY_MS,
    };
  }

  get running(): boolean {
    return this.#running;
  }

  /** User properties of the CONNACK. */
  get properties(): Readonly<Record<string, string>> {
    return {
      [CONNACK_PROPERTIES.area]: this.#options.area,
      [CONNACK_PROPERTIES.gateway]: this.id,
      [CONNACK_PROPERTIES.timeMs]: `${this.#options.world.trueWallMs}`,
    };
  }

  /** Whether the device is connected, by another line than this one. */
  serves(serialNumber: string, except?: GatewayLine): boolean {
    return [...this.#sessions.keys()].some(
      (line) => line.serialNumber === serialNumber && line !== except,
    );
  }

  accept(line: GatewayLine): void {
    for (const other of this.#sessions.keys()) {
      if (other.serialNumber !== line.serialNumber) continue;
      this.#sessionEnded(other);
      other.end(TAKEN_OVER, 'session taken over', { reasonCode: 0x8e });
    }
    const deliver = (message: GatewayMessage): void => line.deliver(message);
    this.#sessions.set(line, { line, topics: [], deliver });
  }

  subscribe(line: GatewayLine, topics: readonly string[]): void {
    const session = this.#sessions.get(line);
    if (session === undefined) return;
    session.topics = [...session.topics, ...topics];
    this.#options.store.subscribe(session, topics);
  }

  /** Keeps the message, then acknowledges it; a gateway that dies in between does neither or only the first. */
  receive(line: GatewayLine, message: AccessPublish): void {
    const { world } = this.#options;
    world.after(STORE_MS, `${this.id} store`, () => {
      if (!this.#sessions.has(line)) return;
      this.#keep(line.serialNumber, message);
      if (message.qos === 1) line.acknowledge(message.publishId);
    });
  }

  /** The connection ended: with `bye` the will is discarded, otherwise it is published after its delay. */
  ended(line: GatewayLine, how: 'bye' | 'lost'): void {
    if (!this.#sessionEnded(line) || how === 'bye') return;
    const { world, store } = this.#options;
    world.after(line.will.delayS * 1_000, `${this.id} will`, () => {
      if (!this.serves(line.serialNumber)) store.publish({ ...line.will, retain: true });
    });
  }

  /** Ends every connection with a reason, and takes new ones at once. */
  kick(reasonCode: number, serverReference?: string): void {
    const reason = { reasonCode, ...(serverReference !== undefined && { serverReference }) };
    const name = `EMQTT_0x${reasonCode.toString(16).toUpperCase()}`;
    for (const line of this.#sessions.keys()) {
      this.ended(line, 'lost');
      line.end(name, 'the gateway ended the connection', reason);
    }
  }

  restart(downMs: number): void {
    const { world } = this.#options;
    this.#running = false;
    for (const line of this.#sessions.keys()) {
      this.ended(line, 'lost');
      line.end('ECONNRESET', 'connection reset by the gateway');
    }
    world.after(downMs, `${this.id} is back`, () => {
      this.#running = true;
    });
  }

  #sessionEnded(line: GatewayLine): boolean {
    const session = this.#sessions.get(line);
    if (session === undefined) return false;
    this.#options.store.unsubscribe(session);
    return this.#sessions.delete(line);
  }

  #keep(serialNumber: string, message: AccessPublish): void {
    const { world, store, onPublished } = this.#options;
    if (message.topic.includes('/event/')) {
      const event = JSON.parse(new TextDecoder().decode(message.payload)) as EventMessage;
      store.keepEvent(event, world.nowMs);
    }
    store.publish(message);
    onPublished(serialNumber, message.topic, message.payload);
  }
}
