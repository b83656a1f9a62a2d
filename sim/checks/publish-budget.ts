/**
 * I12: a device in whatever trouble says no more than its budget allows.
 *
 * One topic that holds a state is told at most four times a second, life and all, and what is told as it happens comes to
 * ten messages a second, over ten seconds (F-07). Events that waited go out at most two hundred a second, after a burst
 * of one window (F-18). A new registration tells everything once more and begins a new count.
 */
import { laneOf, type PublishLane } from '../../agent/access/publish-lane.ts';
import type { AccessPublish } from '../../agent/ports.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import type { Broken, Invariant } from './invariant.ts';

/** Two tellings of one state; half a millisecond is what sums of virtual moments are off by. */
const STATE_GAP_MS = 249.5;
const WINDOW_MS = 10_000;
const MESSAGES_MAX = 100;
const REPLAY_WINDOW_MS = 1_000;
const REPLAYED_MAX = 208;
/** What describes the present; the rest answers somebody. */
const PRESENT: readonly PublishLane[] = ['life', 'state', 'telemetry', 'confirm'];

export class PublishBudget implements Invariant {
  readonly #broken: Broken;
  readonly #toldAtMs = new Map<string, number>();
  #present: number[] = [];
  #events: number[] = [];

  constructor(broken: Broken) {
    this.#broken = broken;
  }

  onStarted(): void {
    this.#begin();
  }

  onEffect(effect: ControlEffect, nowMs: number): void {
    if (effect.type === 'openAccess') this.#begin();
    else if (effect.type === 'publish') this.#count(effect.message, nowMs);
  }

  #begin(): void {
    this.#toldAtMs.clear();
    this.#present = [];
    this.#events = [];
  }

  #count({ publishId, topic }: AccessPublish, nowMs: number): void {
    const lane = laneOf(publishId);
    if (lane === 'outbox') {
      this.#events = within(this.#events, nowMs, REPLAY_WINDOW_MS);
      if (this.#events.length > REPLAYED_MAX) {
        this.#broken(`I12: ${this.#events.length} events within a second`);
      }
    }
    if (!PRESENT.includes(lane)) return;
    const sinceMs = nowMs - (this.#toldAtMs.get(topic) ?? Number.NEGATIVE_INFINITY);
    this.#toldAtMs.set(topic, nowMs);
    if (lane === 'state' && sinceMs < STATE_GAP_MS) {
      this.#broken(`I12: ${topic} is told again after ${sinceMs.toFixed(1)} ms`);
    }
    this.#present = within(this.#present, nowMs, WINDOW_MS);
    if (this.#present.length > MESSAGES_MAX) {
      this.#broken(`I12: ${this.#present.length} messages within ten seconds`);
    }
  }
}

/** Those still in the window, and this one. */
function within(moments: readonly number[], nowMs: number, windowMs: number): number[] {
  return [...moments.filter((atMs) => nowMs - atMs < windowMs), nowMs];
}
