/**
 * What the gateway keeps for one device across connections: subscriptions, what is still to be delivered,
 * what awaits its PUBACK, and the will.
 *
 * Deliveries are in order and bounded: at most the device's receive maximum in flight, at most `QUEUE_MAX`
 * waiting. A newer message replaces a waiting one of the same topic where only the latest counts.
 */
import type { IPublishPacket, Packet } from 'mqtt-packet';
import type { Will } from './connect-request.ts';
import { QUEUE_MAX, RECEIVE_MAXIMUM, SUBSCRIPTIONS_MAX } from './limits.ts';
import { filterMatches } from './topic-acl.ts';

export interface OutMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  readonly expiresAtMs?: number;
  /** The device published it itself. */
  readonly own?: boolean;
}

export interface Subscription {
  readonly qos: 0 | 1;
  /** Keep the retain flag of what is forwarded (MQTT 5, section 3.8.3.1). */
  readonly retainAsPublished: boolean;
  /** Do not send the device what it published itself. */
  readonly noLocal: boolean;
}

/** Writes to the device; false when the packet is larger than the device accepts. */
export type Outlet = (packet: Packet) => boolean;

export type Delivery = 'sent' | 'queued' | 'dropped' | 'not-subscribed';

interface Waiting extends OutMessage {
  readonly qos: 0 | 1;
}

const MESSAGE_ID_MAX = 65_535;

export class Session {
  readonly serialNumber: string;
  will: Will | undefined;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #inFlight = new Map<number, Waiting>();
  #waiting: Waiting[] = [];
  #outlet: Outlet | undefined;
  #inFlightMax = 0;
  #lastMessageId = 0;
  #dropped = 0;

  constructor(serialNumber: string) {
    this.serialNumber = serialNumber;
  }

  get connected(): boolean {
    return this.#outlet !== undefined;
  }

  /** Messages that were lost to a bound, an expiry or the device's packet size. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A connection now carries this session: what was in flight goes out again, then what waits. */
  attach(outlet: Outlet, receiveMaximum: number, nowMs: number): void {
    this.#outlet = outlet;
    this.#inFlightMax = Math.min(receiveMaximum, RECEIVE_MAXIMUM);
    const again = [...this.#inFlight];
    this.#inFlight.clear();
    for (const [messageId, message] of again) this.#send(message, nowMs, messageId);
    this.#pump(nowMs);
  }

  detach(): void {
    this.#outlet = undefined;
    this.#waiting = this.#waiting.filter((message) => message.qos === 1);
  }

  /** Undefined when the device has as many subscriptions as it may; otherwise whether it is a new one. */
  subscribe(filter: string, subscription: Subscription): 'new' | 'renewed' | undefined {
    const known = this.#subscriptions.has(filter);
    if (!known && this.#subscriptions.size >= SUBSCRIPTIONS_MAX) return undefined;
    this.#subscriptions.set(filter, subscription);
    return known ? 'renewed' : 'new';
  }

  unsubscribe(filter: string): boolean {
    return this.#subscriptions.delete(filter);
  }

  /** Forwards a message to whatever subscription matches. */
  forward(message: OutMessage, nowMs: number): Delivery {
    const matching = [...this.#subscriptions].filter(
      ([filter, { noLocal }]) =>
        filterMatches(filter, message.topic) && !(noLocal && message.own === true),
    );
    if (matching.length === 0) return 'not-subscribed';
    const qos = matching.some(([, subscription]) => subscription.qos === 1) ? 1 : 0;
    const keep = matching.some(([, subscription]) => subscription.retainAsPublished);
    if (message.retain) {
      this.#waiting = this.#waiting.filter((waiting) => waiting.topic !== message.topic);
    }
    return this.#deliver({ ...message, retain: message.retain && keep, qos }, nowMs);
  }

  /** Sends a retained message because of a new subscription: flagged retained. */
  replay(message: OutMessage, qos: 0 | 1, nowMs: number): Delivery {
    return this.#deliver({ ...message, retain: true, qos }, nowMs);
  }

  /** False for a PUBACK of something that was never sent. */
  acknowledged(messageId: number, nowMs: number): boolean {
    if (!this.#inFlight.delete(messageId)) return false;
    this.#pump(nowMs);
    return true;
  }

  #deliver(message: Waiting, nowMs: number): Delivery {
    if (this.#outlet === undefined && message.qos === 0) return 'dropped';
    if (this.#waiting.length >= QUEUE_MAX) {
      this.#dropped += 1;
      return 'dropped';
    }
    this.#waiting.push(message);
    this.#pump(nowMs);
    return this.#waiting.includes(message) ? 'queued' : 'sent';
  }

  #pump(nowMs: number): void {
    while (this.#outlet !== undefined && this.#inFlight.size < this.#inFlightMax) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#send(message, nowMs, undefined);
    }
  }

  #send(message: Waiting, nowMs: number, again: number | undefined): void {
    const { topic, payload, retain, qos, expiresAtMs } = message;
    if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
      this.#dropped += 1;
      return;
    }
    const packet: IPublishPacket = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      retain,
      qos,
      dup: again !== undefined,
    };
    if (expiresAtMs !== undefined) {
      const messageExpiryInterval = Math.ceil((expiresAtMs - nowMs) / 1_000);
      packet.properties = { messageExpiryInterval };
    }
    if (qos === 1) packet.messageId = again ?? this.#nextMessageId();
    if (this.#outlet?.(packet) !== true) this.#dropped += 1;
    else if (packet.messageId !== undefined) this.#inFlight.set(packet.messageId, message);
  }

  #nextMessageId(): number {
    do this.#lastMessageId = (this.#lastMessageId % MESSAGE_ID_MAX) + 1;
    while (this.#inFlight.has(this.#lastMessageId));
    return this.#lastMessageId;
  }
}
