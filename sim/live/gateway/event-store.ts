/**
 * Where an access gateway keeps SAG events: each (serial number, boot id, sequence) exactly once.
 *
 * `append` resolves when the event is kept; the gateway acknowledges only then. Several gateways may share
 * one store, which is how an event sent again over another gateway is still known.
 */
import type { EventMessage } from '../../../agent/access/payloads.ts';

export interface StoredEvent {
  readonly serialNumber: string;
  readonly gateway: string;
  readonly event: EventMessage;
}

export type Appended = 'stored' | 'duplicate';

export interface EventStore {
  append(entry: StoredEvent): Promise<Appended>;
  /** Everything kept, in the order it was stored. */
  all(): readonly StoredEvent[];
  close(): void;
}

/** A store in memory refuses beyond this rather than grow: about 100 MB of small events. */
const EVENTS_MAX = 200_000;

export function eventKey({ serialNumber, event }: StoredEvent): string {
  return JSON.stringify([serialNumber, event.bootId, event.seq]);
}

export class MemoryEventStore implements EventStore {
  readonly #entries = new Map<string, StoredEvent>();

  append(entry: StoredEvent): Promise<Appended> {
    const key = eventKey(entry);
    if (this.#entries.has(key)) return Promise.resolve('duplicate');
    if (this.#entries.size >= EVENTS_MAX) return Promise.reject(new Error('event store is full'));
    this.#entries.set(key, entry);
    return Promise.resolve('stored');
  }

  all(): readonly StoredEvent[] {
    return [...this.#entries.values()];
  }

  close(): void {
    this.#entries.clear();
  }
}
