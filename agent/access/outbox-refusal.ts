/**
 * What becomes of an event that the gateway would not have: it is tried again, or set aside so that others are told.
 */
import type { SagEvent } from '../model/sag-event.ts';
import type { Entry } from './event-entry.ts';
import { eventQuarantined, type OutboxEffect } from './outbox-events.ts';

/** Events the gateway would not have, for whoever looks into them. */
export const QUARANTINE_SHELF = 'outbox-quarantine';
/** Older ones are overwritten. */
const QUARANTINED_MAX = 32;
/** Whoever refuses the same event this often will not take it the next time, and others wait behind it. */
const REFUSALS_MAX = 5;
/** Reason codes from here on are failures (MQTT 5, 2.4). */
const FAILURE_REASON_MIN = 0x80;
/** Quota exceeded: it says nothing about the event. */
const QUOTA_REASON = 0x97;
/** Topic invalid, packet too large, payload format invalid: the same event would be refused for ever. */
const POISON_REASONS: readonly number[] = [0x90, 0x95, 0x99];

export function isFailure(reasonCode: number): boolean {
  return reasonCode >= FAILURE_REASON_MIN;
}

/** Counts the refusal with the entry. */
export function isPoison(entry: Pick<Entry, 'refusals'>, reasonCode: number): boolean {
  if (reasonCode === QUOTA_REASON) return false;
  entry.refusals += 1;
  return POISON_REASONS.includes(reasonCode) || entry.refusals >= REFUSALS_MAX;
}

/** `before` is how many were set aside already. */
export function quarantined(
  before: number,
  id: string,
  event: SagEvent,
  reasonCode: number,
): readonly OutboxEffect[] {
  const reason = `EMQTT_0x${reasonCode.toString(16)}`;
  const key = String(before % QUARANTINED_MAX);
  const value = JSON.stringify({ reason, event });
  return [
    { type: 'storePut', shelf: QUARANTINE_SHELF, key, value },
    eventQuarantined(id, reason),
    { type: 'lossesChanged' },
  ];
}
