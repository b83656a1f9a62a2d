/**
 * Decides when each SAG event is kept, published and forgotten, so that none the gateway could have had is lost.
 *
 * An event is on the disk before it is published, is published in order and with few in flight, and is forgotten
 * only after its PUBACK. After a reconnection or a restart the same event goes out again with the same id: the
 * gateway drops what it has. When the disk refuses, events are still published, from memory, and that is noted.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { AccessNote } from '../model/notes/access-note.ts';
import { SAG_EVENTS, type SagEvent, type SagEventName } from '../model/sag-event.ts';
import type { AccessPublish } from '../ports.ts';
import { encodeJson } from './encode-json.ts';
import type { EventMessage } from './payloads.ts';
import { publishIdOf } from './publish-lane.ts';
import type { DeviceTopics } from './topics.ts';

export const OUTBOX_SHELF = 'outbox';
/** A week offline with ten changes a minute, in some 40 megabytes of memory; an ordinary week takes kilobytes. */
export const EVENTS_MAX = 100_000;
/** Little enough that a gateway restart re-sends little, enough to fill a satellite path. */
const IN_FLIGHT_MAX = 8;
/** A gateway that refuses an event for now is left alone this long. */
const REFUSED_HOLD_MS = 5_000;
/** Reason codes from here on are failures (MQTT 5, 2.4). */
const FAILURE_REASON_MIN = 0x80;
/** Topic invalid, packet too large, payload format invalid: the same event would be refused for ever. */
const POISON_REASONS: readonly number[] = [0x90, 0x95, 0x99];

export type OutboxEvent =
  | { readonly type: 'restored'; readonly events: readonly SagEvent[] }
  | {
      readonly type: 'eventRaised';
      readonly name: SagEventName;
      readonly content: SagEvent['content'];
      readonly atMs: number;
      readonly wallMs: number;
    }
  | {
      readonly type: 'storeAnswered';
      readonly key: string;
      readonly ok: boolean;
      readonly code?: string;
    }
  | { readonly type: 'publishingOpened' | 'publishingClosed' }
  | {
      readonly type: 'publishAcknowledged';
      readonly publishId: number;
      readonly reasonCode: number;
    };

export type OutboxEffect =
  | { readonly type: 'publish'; readonly message: AccessPublish }
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    }
  | { readonly type: 'storeRemove'; readonly shelf: string; readonly keys: readonly string[] }
  | { readonly type: 'noted'; readonly note: AccessNote };

interface Entry {
  readonly event: SagEvent;
  /** `refused`: the disk would not have it; memory is all there is. */
  kept: 'not-yet' | 'kept' | 'refused';
  publishId: number | undefined;
}

type Effects = readonly OutboxEffect[];

export class Outbox implements Core<OutboxEvent, OutboxEffect> {
  readonly #bootId: string;
  readonly #topics: DeviceTopics;
  readonly #timers = new Timers<'refusedHold'>();
  /** By event id, oldest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #inFlight = new Map<number, string>();
  #open = false;
  #seq = 0;
  #serial = 0;
  #dropped = 0;
  #diskRefuses = false;

  constructor(bootId: string, topics: DeviceTopics) {
    this.#bootId = bootId;
    this.#topics = topics;
  }

  handle(event: OutboxEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'restored':
        return this.#restore(event.events, nowMs);
      case 'eventRaised': {
        const { name, content, atMs, wallMs } = event;
        this.#seq += 1;
        const id = `${this.#bootId}-${this.#seq}`;
        return this.#keep({
          id,
          bootId: this.#bootId,
          seq: this.#seq,
          name,
          atMs,
          wallMs,
          content,
        });
      }
      case 'storeAnswered':
        return this.#onStored(event.key, event.ok ? undefined : (event.code ?? 'ESTORAGE'), nowMs);
      case 'publishingOpened':
        this.#open = true;
        return this.#pump(nowMs);
      case 'publishingClosed':
        this.#open = false;
        this.#timers.clearAll();
        for (const entry of this.#entries.values()) entry.publishId = undefined;
        this.#inFlight.clear();
        return nothing;
      case 'publishAcknowledged':
        return this.#onAcknowledged(event.publishId, event.reasonCode, nowMs);
    }
  }

  tick(nowMs: number): Effects {
    return this.#timers.take('refusedHold', nowMs) ? this.#pump(nowMs) : nothing;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  snapshot(): { readonly pending: number; readonly dropped: number } {
    return { pending: this.#entries.size, dropped: this.#dropped };
  }

  /** What a former run left goes before what this run has raised meanwhile. */
  #restore(events: readonly SagEvent[], nowMs: number): Effects {
    const raised = [...this.#entries];
    this.#entries.clear();
    for (const event of events) {
      this.#entries.set(event.id, { event, kept: 'kept', publishId: undefined });
    }
    for (const [id, entry] of raised) this.#entries.set(id, entry);
    return [...this.#dropOldest(), ...this.#pump(nowMs)];
  }

  #keep(event: SagEvent): Effects {
    this.#entries.set(event.id, { event, kept: 'not-yet', publishId: undefined });
    const value = JSON.stringify(event);
    return [
      { type: 'storePut', shelf: OUTBOX_SHELF, key: event.id, value },
      note({ code: 'eventRaised', level: 'notice', event: event.name, id: event.id }),
      ...this.#dropOldest(),
    ];
  }

  #dropOldest(): Effects {
    const excess = this.#entries.size - EVENTS_MAX;
    if (excess <= 0) return nothing;
    const keys: string[] = [];
    for (const key of this.#entries.keys()) {
      if (keys.length === excess) break;
      keys.push(key);
    }
    for (const key of keys) this.#forget(key);
    this.#dropped += keys.length;
    return [
      { type: 'storeRemove', shelf: OUTBOX_SHELF, keys },
      note({ code: 'eventsDropped', level: 'warning', dropped: this.#dropped }),
    ];
  }

  #onStored(key: string, refusal: string | undefined, nowMs: number): Effects {
    const entry = this.#entries.get(key);
    if (entry === undefined) return nothing;
    entry.kept = refusal === undefined ? 'kept' : 'refused';
    const changed = this.#diskRefuses !== (refusal !== undefined);
    this.#diskRefuses = refusal !== undefined;
    const complaint = note({
      code: 'storeRefused',
      level: 'error',
      shelf: OUTBOX_SHELF,
      reason: refusal ?? '',
    });
    return [...(changed && refusal !== undefined ? [complaint] : nothing), ...this.#pump(nowMs)];
  }

  #onAcknowledged(publishId: number, reasonCode: number, nowMs: number): Effects {
    const key = this.#inFlight.get(publishId);
    if (key === undefined) return nothing;
    if (reasonCode >= FAILURE_REASON_MIN && !POISON_REASONS.includes(reasonCode)) {
      this.#inFlight.delete(publishId);
      const entry = this.#entries.get(key);
      if (entry !== undefined) entry.publishId = undefined;
      this.#timers.set('refusedHold', nowMs + REFUSED_HOLD_MS);
      return nothing;
    }
    this.#forget(key);
    const reason = `EMQTT_0x${reasonCode.toString(16)}`;
    return [
      { type: 'storeRemove', shelf: OUTBOX_SHELF, keys: [key] },
      reasonCode >= FAILURE_REASON_MIN
        ? note({ code: 'eventQuarantined', level: 'error', id: key, reason })
        : note({ code: 'eventStored', level: 'debug', id: key }),
      ...this.#pump(nowMs),
    ];
  }

  #forget(key: string): void {
    const publishId = this.#entries.get(key)?.publishId;
    if (publishId !== undefined) this.#inFlight.delete(publishId);
    this.#entries.delete(key);
  }

  /** Publishes in order until the window is full; an event not yet on the disk holds back those after it. */
  #pump(nowMs: number): Effects {
    const heldUntilMs = this.#timers.at('refusedHold') ?? nowMs;
    if (!this.#open || heldUntilMs > nowMs) return nothing;
    const effects: OutboxEffect[] = [];
    for (const [key, entry] of this.#entries) {
      if (this.#inFlight.size >= IN_FLIGHT_MAX || entry.kept === 'not-yet') break;
      if (entry.publishId !== undefined) continue;
      const publishId = publishIdOf('outbox', this.#serial);
      this.#serial += 1;
      entry.publishId = publishId;
      this.#inFlight.set(publishId, key);
      const topic = this.#topics.event(entry.event.name);
      const payload = encodeJson(messageOf(entry.event));
      effects.push({
        type: 'publish',
        message: { publishId, topic, payload, qos: 1, retain: false },
      });
    }
    return effects;
  }
}

function messageOf(event: SagEvent): EventMessage {
  return { v: 1, ...event, ...SAG_EVENTS[event.name] };
}

function note(note: AccessNote): OutboxEffect {
  return { type: 'noted', note };
}
