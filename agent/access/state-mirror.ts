/**
 * Keeps the retained messages at the gateway equal to what is true here: the newest value of each topic, at most
 * one in flight, and not more often than a person could read.
 *
 * Intermediate values are lost on purpose: this is state, not history (that is the outbox). After a reconnection
 * everything is published again.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { AccessPublish } from '../ports.ts';
import { encodeJson } from './encode-json.ts';
import { publishIdOf } from './publish-lane.ts';

/** Two publications of one topic are at least this far apart: a flapping uplink costs four messages a second. */
const GAP_MS = 250;

export type MirrorEvent =
  | { readonly type: 'valueChanged'; readonly topic: string; readonly value: unknown }
  | { readonly type: 'publishingOpened' | 'publishingClosed' | 'stateWanted' }
  | {
      readonly type: 'publishAcknowledged';
      readonly publishId: number;
      readonly reasonCode: number;
    };

export interface MirrorEffect {
  readonly type: 'publish';
  readonly message: AccessPublish;
}

interface Mirrored {
  value: unknown;
  isDirty: boolean;
  publishId: number | undefined;
  publishedAtMs: number;
}

export class StateMirror implements Core<MirrorEvent, MirrorEffect> {
  readonly #topics = new Map<string, Mirrored>();
  readonly #timers = new Timers<'gap'>();
  #open = false;
  #serial = 0;

  handle(event: MirrorEvent, nowMs: number): readonly MirrorEffect[] {
    switch (event.type) {
      case 'valueChanged':
        return this.#change(event.topic, event.value, nowMs);
      case 'publishingOpened':
        this.#open = true;
        return this.#publishAll(nowMs);
      case 'stateWanted':
        return this.#publishAll(nowMs);
      case 'publishingClosed':
        this.#open = false;
        this.#timers.clearAll();
        for (const mirrored of this.#topics.values()) mirrored.publishId = undefined;
        return nothing;
      case 'publishAcknowledged':
        for (const mirrored of this.#topics.values()) {
          if (mirrored.publishId === event.publishId) mirrored.publishId = undefined;
        }
        return this.#pump(nowMs);
    }
  }

  tick(nowMs: number): readonly MirrorEffect[] {
    return this.#timers.take('gap', nowMs) ? this.#pump(nowMs) : nothing;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  #change(topic: string, value: unknown, nowMs: number): readonly MirrorEffect[] {
    const known = this.#topics.get(topic);
    if (known === undefined) {
      const publishedAtMs = Number.NEGATIVE_INFINITY;
      this.#topics.set(topic, { value, isDirty: true, publishId: undefined, publishedAtMs });
    } else {
      if (JSON.stringify(known.value) === JSON.stringify(value)) return nothing;
      known.value = value;
      known.isDirty = true;
    }
    return this.#pump(nowMs);
  }

  #publishAll(nowMs: number): readonly MirrorEffect[] {
    for (const mirrored of this.#topics.values()) mirrored.isDirty = true;
    return this.#pump(nowMs);
  }

  #pump(nowMs: number): readonly MirrorEffect[] {
    if (!this.#open) return nothing;
    const effects: MirrorEffect[] = [];
    this.#timers.clear('gap');
    for (const [topic, mirrored] of this.#topics) {
      if (!mirrored.isDirty || mirrored.publishId !== undefined) continue;
      const earliestMs = mirrored.publishedAtMs + GAP_MS;
      if (nowMs < earliestMs) {
        this.#timers.set('gap', Math.min(earliestMs, this.#timers.at('gap') ?? earliestMs));
        continue;
      }
      const publishId = publishIdOf('state', this.#serial);
      this.#serial += 1;
      Object.assign(mirrored, { isDirty: false, publishId, publishedAtMs: nowMs });
      const payload = encodeJson(mirrored.value);
      effects.push({
        type: 'publish',
        message: { publishId, topic, payload, qos: 1, retain: true },
      });
    }
    return effects;
  }
}
