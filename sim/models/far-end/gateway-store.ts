/**
 * What the access gateways of one area keep together: retained messages, the SAG events they acknowledged,
 * and who listens to what.
 *
 * It outlives any one gateway. An event that comes again under the same boot and sequence number is kept
 * once; acknowledging means it is kept.
 */
import type { EventMessage } from '../../../agent/access/payloads.ts';

export interface GatewayMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

export interface Subscriber {
  readonly topics: readonly string[];
  deliver(message: GatewayMessage): void;
}

export interface StoredEvent {
  readonly event: EventMessage;
  readonly storedAtMs: number;
}

export class GatewayStore {
  readonly #retained = new Map<string, GatewayMessage>();
  readonly #events = new Map<string, StoredEvent>();
  readonly #subscribers = new Set<Subscriber>();
  #duplicates = 0;

  get events(): readonly StoredEvent[] {
    return [...this.#events.values()];
  }

  get eventCount(): number {
    return this.#events.size;
  }

  /** Events that came more than once; each was kept once. */
  get duplicates(): number {
    return this.#duplicates;
  }

  hasEvent(id: string): boolean {
    return this.#events.has(id);
  }

  retained(topic: string): Uint8Array | undefined {
    return this.#retained.get(topic)?.payload;
  }

  /** How many hear it now. */
  publish(message: GatewayMessage): number {
    if (message.retain) this.#retained.set(message.topic, message);
    let heard = 0;
    for (const subscriber of this.#subscribers) {
      if (!matchesAny(subscriber.topics, message.topic)) continue;
      subscriber.deliver({ ...message, retain: false });
      heard += 1;
    }
    return heard;
  }

  keepEvent(event: EventMessage, storedAtMs: number): void {
    if (this.#events.has(event.id)) this.#duplicates += 1;
    else this.#events.set(event.id, { event, storedAtMs });
  }

  /** Hears what matches from now on, and first what was retained. */
  subscribe(subscriber: Subscriber, fresh: readonly string[]): void {
    this.#subscribers.add(subscriber);
    for (const message of this.#retained.values()) {
      if (matchesAny(fresh, message.topic)) subscriber.deliver(message);
    }
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }
}

function matchesAny(filters: readonly string[], topic: string): boolean {
  return filters.some((filter) => matches(filter.split('/'), topic.split('/')));
}

/** MQTT topic filters with `+`, which is all a device uses. */
function matches(filter: readonly string[], topic: readonly string[]): boolean {
  return (
    filter.length === topic.length &&
    filter.every((level, at) => level === '+' || level === topic[at])
  );
}
