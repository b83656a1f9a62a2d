/**
 * Decides when each SAG event is kept, published and forgotten, so that none the gateway could have had is lost.
 *
 * An event is on the disk before it is published, is published with few in flight, and is forgotten only after its
 * PUBACK. After a reconnection or a restart the same event goes out again with the same id: the gateway drops what it
 * has. What happens now goes before what waited, each in its order, and what waited goes slowly enough for a gateway
 * that a whole fleet returns to. When the disk refuses, events are still published, from memory, and that is noted.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { SagEvent } from '../model/sag-event.ts';
import { encodeJson } from './encode-json.ts';
import { type Entry, HELD_MAX, OutboxContents } from './outbox-contents.ts';
import {
  eventDropped,
  eventRaised,
  eventStored,
  messageOf,
  type OutboxEffect,
  type OutboxEvent,
  storeRefused,
} from './outbox-events.ts';
import { lifetimeMsOf, OutboxLosses, type OutboxSnapshot } from './outbox-losses.ts';
import { isFailure, isPoison, quarantined } from './outbox-refusal.ts';
import { publishIdOf } from './publish-lane.ts';
import { ReplayPace } from './replay-pace.ts';
import type { DeviceTopics } from './topics.ts';

export const OUTBOX_SHELF = 'outbox';
/** A week offline with ten changes a minute; in memory is their index, and the content of a few hundred. */
export const EVENTS_MAX = 100_000;
/** On the disk, as text; a flash of a few gigabytes has other tenants. */
export const OUTBOX_BYTES_MAX = 64 * 1024 * 1024;
/** Little enough that a gateway restart re-sends little, enough to fill a satellite path. */
const IN_FLIGHT_MAX = 8;
/** A gateway that refuses an event for now is left alone this long. */
const REFUSED_HOLD_MS = 5_000;
type Effects = readonly OutboxEffect[];

export class Outbox implements Core<OutboxEvent, OutboxEffect> {
  readonly #bootId: string;
  readonly #topics: DeviceTopics;
  readonly #timers = new Timers<'refusedHold' | 'pace'>();
  /** By event id, oldest first: what waited when publishing opened, and what was raised since. */
  readonly #backlog = new Map<string, Entry>();
  readonly #live = new Map<string, Entry>();
  readonly #inFlight = new Map<number, string>();
  readonly #pace = new ReplayPace();
  readonly #losses = new OutboxLosses();
  readonly #contents = new OutboxContents();
  #open = false;
  #seq = 0;
  #serial = 0;
  #bytes = 0;
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
        return this.#keep(
          { id, bootId: this.#bootId, seq: this.#seq, name, atMs, wallMs, content },
          nowMs,
        );
      }
      case 'storeAnswered':
        return this.#onStored(event.key, event.ok ? undefined : (event.code ?? 'ESTORAGE'), nowMs);
      case 'eventsRead':
        return this.#onRead(event.events, event.ok, nowMs);
      case 'publishingOpened':
        this.#open = true;
        return this.#pump(nowMs);
      case 'publishingClosed':
        return this.#close();
      case 'publishAcknowledged':
        return this.#onAcknowledged(event.publishId, event.reasonCode, nowMs);
    }
  }

  tick(nowMs: number): Effects {
    const due = [this.#timers.take('refusedHold', nowMs), this.#timers.take('pace', nowMs)];
    return due.includes(true) ? this.#pump(nowMs) : nothing;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  snapshot(): OutboxSnapshot {
    return { pending: this.#size, ...this.#losses.snapshot() };
  }

  get #size(): number {
    return this.#backlog.size + this.#live.size;
  }

  /** What a former run left goes before what this run has raised meanwhile. */
  #restore(events: readonly SagEvent[], nowMs: number): Effects {
    const raised = [...this.#backlog];
    this.#backlog.clear();
    for (const event of events) {
      this.#add(this.#backlog, event, JSON.stringify(event).length, 'kept', nowMs);
      this.#spare(event.id);
    }
    for (const [id, entry] of raised) this.#backlog.set(id, entry);
    return [...this.#makeRoom(), ...this.#pump(nowMs)];
  }

  #keep(event: SagEvent, nowMs: number): Effects {
    const value = JSON.stringify(event);
    this.#add(this.#open ? this.#live : this.#backlog, event, value.length, 'not-yet', nowMs);
    return [
      { type: 'storePut', shelf: OUTBOX_SHELF, key: event.id, value },
      eventRaised(event),
      ...this.#makeRoom(),
    ];
  }

  #add(
    lane: Map<string, Entry>,
    event: SagEvent,
    bytes: number,
    kept: Entry['kept'],
    nowMs: number,
  ): void {
    // The age of what another run left is unknown: clocks jump, and a device that is off ages nothing.
    const bornAtMs = event.bootId === this.#bootId ? event.atMs : nowMs;
    const expiresAtMs = bornAtMs + lifetimeMsOf(event);
    const waiting = { publishId: undefined, refusals: 0 };
    lane.set(event.id, { event, bytes, expiresAtMs, kept, ...waiting });
    this.#contents.took();
    this.#bytes += bytes;
  }

  #makeRoom(): Effects {
    const keys: string[] = [];
    for (const lane of [this.#backlog, this.#live]) {
      for (const key of lane.keys()) {
        if (this.#size <= EVENTS_MAX && this.#bytes <= OUTBOX_BYTES_MAX) break;
        this.#forget(key);
        keys.push(key);
      }
    }
    return keys.length === 0 ? nothing : this.#drop('full', keys);
  }

  #drop(why: 'full' | 'expired' | 'unreadable', keys: readonly string[]): Effects {
    this.#losses.count(why, keys.length);
    return [
      { type: 'storeRemove', shelf: OUTBOX_SHELF, keys },
      eventDropped(why, this.#losses.total),
      { type: 'lossesChanged' },
    ];
  }

  #close(): Effects {
    this.#open = false;
    this.#timers.clearAll();
    // What was live and could not be told is the newest of what waits.
    for (const [key, entry] of this.#live) this.#backlog.set(key, entry);
    for (const key of this.#inFlight.values()) {
      const entry = this.#backlog.get(key);
      if (entry !== undefined) entry.publishId = undefined;
    }
    this.#inFlight.clear();
    const former = [...this.#live.keys()];
    this.#live.clear();
    for (const key of former) this.#spare(key);
    return nothing;
  }

  #onStored(key: string, refusal: string | undefined, nowMs: number): Effects {
    const entry = this.#entry(key);
    if (entry === undefined) return nothing;
    entry.kept = refusal === undefined ? 'kept' : 'refused';
    this.#spare(key);
    const changed = this.#diskRefuses !== (refusal !== undefined);
    this.#diskRefuses = refusal !== undefined;
    const complains = changed && refusal !== undefined;
    return [...(complains ? [storeRefused(OUTBOX_SHELF, refusal)] : nothing), ...this.#pump(nowMs)];
  }

  #onAcknowledged(publishId: number, reasonCode: number, nowMs: number): Effects {
    const key = this.#inFlight.get(publishId);
    const entry = key === undefined ? undefined : this.#entry(key);
    if (key === undefined || entry === undefined) return nothing;
    if (isFailure(reasonCode) && !isPoison(entry, reasonCode)) {
      this.#inFlight.delete(publishId);
      entry.publishId = undefined;
      this.#timers.set('refusedHold', nowMs + REFUSED_HOLD_MS);
      return nothing;
    }
    this.#forget(key);
    const gone: OutboxEffect = { type: 'storeRemove', shelf: OUTBOX_SHELF, keys: [key] };
    const news = isFailure(reasonCode)
      ? [...quarantined(this.#losses.count('refused', 1), key, entry.event, reasonCode), gone]
      : [gone, eventStored(key)];
    return [...news, ...this.#pump(nowMs)];
  }

  /** What is told now is needed in memory; what waits is not, nor what a slow gateway lets wait (F-19). */
  #spare(key: string): void {
    const entry = this.#live.size > HELD_MAX ? this.#entry(key) : this.#backlog.get(key);
    if (entry !== undefined) this.#contents.spare(entry);
  }

  #onRead(events: readonly SagEvent[], ok: boolean, nowMs: number): Effects {
    if (!ok) {
      this.#contents.unread();
      this.#timers.set('refusedHold', nowMs + REFUSED_HOLD_MS);
      return nothing;
    }
    const lost = this.#contents.read(events, (key) => this.#entry(key));
    for (const key of lost) this.#forget(key);
    return [
      ...(lost.length === 0 ? nothing : this.#drop('unreadable', lost)),
      ...this.#pump(nowMs),
    ];
  }

  #entry(key: string): Entry | undefined {
    return this.#live.get(key) ?? this.#backlog.get(key);
  }

  #forget(key: string): void {
    const entry = this.#entry(key);
    if (entry === undefined) return;
    if (entry.publishId !== undefined) this.#inFlight.delete(entry.publishId);
    this.#contents.forgot(entry);
    this.#bytes -= entry.bytes;
    this.#live.delete(key);
    this.#backlog.delete(key);
  }

  #pump(nowMs: number): Effects {
    const heldUntilMs = this.#timers.at('refusedHold') ?? nowMs;
    if (!this.#open || heldUntilMs > nowMs) return nothing;
    const effects: OutboxEffect[] = [];
    this.#publishFrom(this.#live, nowMs, effects);
    this.#publishFrom(this.#backlog, nowMs, effects);
    return effects;
  }

  /** In order until the window is full; an event not yet on the disk holds back those after it. */
  #publishFrom(lane: ReadonlyMap<string, Entry>, nowMs: number, effects: OutboxEffect[]): void {
    const expired: string[] = [];
    for (const [key, entry] of lane) {
      if (this.#inFlight.size >= IN_FLIGHT_MAX || entry.kept === 'not-yet') break;
      if (entry.publishId !== undefined) continue;
      if (entry.expiresAtMs <= nowMs) {
        expired.push(key);
        continue;
      }
      const { event } = entry;
      if (event === undefined) {
        const keys = this.#contents.wanted(lane);
        if (keys.length > 0) effects.push({ type: 'storeRead', shelf: OUTBOX_SHELF, keys });
        break;
      }
      if (lane === this.#backlog && !this.#pace.take(nowMs)) {
        this.#timers.set('pace', this.#pace.nextAtMs(nowMs));
        break;
      }
      effects.push(this.#publish(entry, event));
    }
    for (const key of expired) this.#forget(key);
    if (expired.length > 0) effects.push(...this.#drop('expired', expired));
  }

  #publish(entry: Entry, event: SagEvent): OutboxEffect {
    const publishId = publishIdOf('outbox', this.#serial);
    this.#serial += 1;
    entry.publishId = publishId;
    this.#inFlight.set(publishId, event.id);
    const topic = this.#topics.event(event.name);
    const payload = encodeJson(messageOf(event));
    return { type: 'publish', message: { publishId, topic, payload, qos: 1, retain: false } };
  }
}
