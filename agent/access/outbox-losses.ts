/**
 * How long an event is worth telling, and the count of those that were never told, by reason.
 */
import {
  type EventLosses,
  type LossReason,
  SAG_EVENTS,
  type SagEvent,
} from '../model/sag-event.ts';

export interface OutboxSnapshot {
  readonly pending: number;
  readonly dropped: number;
  readonly losses: EventLosses;
}

const DAY_MS = 86_400_000;
/** What broke is of use to an operator for a month; that it came back, for a week. */
const LIFETIME_MS = { CRITICAL: 30 * DAY_MS, INFO: 7 * DAY_MS } as const;

export function lifetimeMsOf({ name }: SagEvent): number {
  return LIFETIME_MS[SAG_EVENTS[name].level];
}

export class OutboxLosses {
  readonly #counts: Record<LossReason, number> = {
    full: 0,
    expired: 0,
    refused: 0,
    unreadable: 0,
  };

  get total(): number {
    return Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
  }

  /** How many there were for this reason before. */
  count(why: LossReason, events: number): number {
    const before = this.#counts[why];
    this.#counts[why] = before + events;
    return before;
  }

  snapshot(): Omit<OutboxSnapshot, 'pending'> {
    return { dropped: this.total, losses: { ...this.#counts } };
  }
}
