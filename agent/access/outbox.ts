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
import { type Entry, entryOf } from './event-entry.ts';
import { EventQueue } from './event-queue.ts';
import { EventStretch, eventKey } from './event-stretch.ts';

import {
  eventDropped,
  eventRaised,
  eventStored,
  messageOf,
  type OutboxEffect,
  type OutboxEvent,
  storeRefused,
} from './outbox-events.ts';
import { OutboxLosses, type OutboxSnapshot } from './outbox-losses.ts';
import { isFailure, isPoison, quarantined } from './outbox-refusal.ts';
import { HELD_MAX, oneTooMany } from './outbox-room.ts';
import { publishIdOf } from './publish-lane.ts';
import { ReplayPace } from './replay-pace.ts';
import type { DeviceTopics } from './topics.ts';

export const OUTBOX_SHELF = 'outbox';
/** Little enough that a gateway restart re-sends little, enough to fill a satellite path. */
const IN_FLIGHT_MAX = 8;
/** Read at once: one query of a few milliseconds. */
const READ_MAX = 64;
/** A gateway that refuses an event for now is left alone this long. */
const REFUSED_HOLD_MS = 5_000;
type Effects = readonly OutboxEffect[];

export class Outbox implements Core<OutboxEvent, OutboxEffect> {
  readonly #bootId: string;
  readonly #topics: DeviceTopics;
  readonly #timers = new Timers<'refusedHold' | 'pace'>();
  /** What waited when publishing opened, and what was raised since. */
  readonly #backlog = new EventQueue();
  readonly #live = new EventQueue();
  readonly #inFlight = new Map<number, string>();
  readonly #pace = new ReplayPace();
  readonly #losses = new OutboxLosses();
  #open = false;
  #seq = 0;
  #serial = 0;
  /** What the disk was asked for and has not answered yet. */
  #asked: readonly string[] | undefined;
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
        const [bootId, seq] = [this.#bootId, this.#seq];
        return this.#keep({ id: eventKey(bootId, seq), bootId, seq, name, atMs, wallMs, content });
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
    const raised = new EventQueue();
    raised.append(this.#backlog);
    for (const event of events) {
      this.#backlog.push(entryOf(event, { kept: 'kept', foundAtMs: nowMs }));
      this.#spare(event.id);
    }
    this.#backlog.append(raised);
    return [...this.#makeRoom(), ...this.#pump(nowMs)];
  }

  #keep(event: SagEvent): Effects {
    const value = JSON.stringify(event);
    const lane = this.#open ? this.#live : this.#backlog;
    lane.push(entryOf(event, { kept: 'not-yet', foundAtMs: undefined }));
    return [
      { type: 'storePut', shelf: OUTBOX_SHELF, key: event.id, value },
      eventRaised(event),
      ...this.#makeRoom(),
    ];
  }

  #makeRoom(): Effects {
    const keys: string[] = [];
    for (;;) {
      const gone = oneTooMany([this.#backlog, this.#live]);
      if (gone === undefined) break;
      if (gone.entry?.publishId !== undefined) this.#inFlight.delete(gone.entry.publishId);
      keys.push(gone.key);
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
    for (const key of this.#inFlight.values()) {
      const entry = this.#entry(key);
      if (entry !== undefined) entry.publishId = undefined;
    }
    this.#inFlight.clear();
    const former = this.#live.heldKeys;
    // What was live and could not be told is the newest of what waits.
    this.#backlog.append(this.#live);
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
    const isMuch = this.#backlog.held + this.#live.held > HELD_MAX;
    const lane = this.#live.size > HELD_MAX && this.#live.get(key) ? this.#live : this.#backlog;
    const entry = lane.get(key);
    if (isMuch && entry?.kept === 'kept' && entry.publishId === undefined) lane.letGo(key);
  }

  #onRead(events: readonly SagEvent[], ok: boolean, nowMs: number): Effects {
    const asked = this.#asked ?? [];
    this.#asked = undefined;
    if (!ok) {
      this.#timers.set('refusedHold', nowMs + REFUSED_HOLD_MS);
      return nothing;
    }
    const found = new Map(events.map((event) => [event.id, event]));
    const lost = [this.#live, this.#backlog].flatMap((lane) =>
      lane.restore(asked, (key, foundAtMs) => {
        const event = found.get(key);
        return event && entryOf(event, { kept: 'kept', foundAtMs });
      }),
    );
    return [
      ...(lost.length === 0 ? nothing : this.#drop('unreadable', lost)),
      ...this.#pump(nowMs),
    ];
  }

  #entry(key: string): Entry | undefined {
    return this.#live.get(key) ?? this.#backlog.get(key);
  }

  #forget(key: string): void {
    const entry = this.#live.remove(key) ?? this.#backlog.remove(key);
    if (entry?.publishId !== undefined) this.#inFlight.delete(entry.publishId);
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
  #publishFrom(lane: EventQueue, nowMs: number, effects: OutboxEffect[]): void {
    const expired: string[] = [];
    for (const part of lane.parts) {
      if (part instanceof EventStretch) {
        if (part.expiresAtMs > nowMs) {
          this.#ask(part, effects);
          break;
        }
        expired.push(...lane.drop(part));
      } else if (!this.#publishHeld(part, lane === this.#backlog, nowMs, { effects, expired }))
        break;
    }
    if (expired.length > 0) effects.push(...this.#drop('expired', expired));
  }

  /** False when what comes behind these has to wait. */
  #publishHeld(
    part: ReadonlyMap<string, Entry>,
    isPaced: boolean,
    nowMs: number,
    { effects, expired }: { readonly effects: OutboxEffect[]; readonly expired: string[] },
  ): boolean {
    for (const [key, entry] of part) {
      if (this.#inFlight.size >= IN_FLIGHT_MAX || entry.kept === 'not-yet') return false;
      if (entry.publishId !== undefined) continue;
      if (entry.expiresAtMs <= nowMs) {
        this.#forget(key);
        expired.push(key);
        continue;
      }
      if (isPaced && !this.#pace.take(nowMs)) {
        this.#timers.set('pace', this.#pace.nextAtMs(nowMs));
        return false;
      }
      effects.push(this.#publish(entry));
    }
    return true;
  }

  /** One question at a time. */
  #ask(stretch: EventStretch, effects: OutboxEffect[]): void {
    if (this.#asked !== undefined || this.#inFlight.size >= IN_FLIGHT_MAX) return;
    this.#asked = stretch.keys(READ_MAX);
    effects.push({ type: 'storeRead', shelf: OUTBOX_SHELF, keys: this.#asked });
  }

  #publish(entry: Entry): OutboxEffect {
    const { event } = entry;
    const publishId = publishIdOf('outbox', this.#serial);
    this.#serial += 1;
    entry.publishId = publishId;
    this.#inFlight.set(publishId, event.id);
    const topic = this.#topics.event(event.name);
    const payload = encodeJson(messageOf(event));
    return { type: 'publish', message: { publishId, topic, payload, qos: 1, retain: false } };
  }
}
