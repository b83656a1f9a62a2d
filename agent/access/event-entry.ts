/** A waiting event at hand, in memory. */
import type { SagEvent } from '../model/sag-event.ts';
import { lifetimeMsOf } from './outbox-losses.ts';

export interface Entry {
  readonly event: SagEvent;
  /** As text. */
  readonly bytes: number;
  readonly expiresAtMs: number;
  /** When this run found it on the disk; undefined for what this run has raised. */
  readonly foundAtMs: number | undefined;
  /** `refused`: the disk would not have it; memory is all there is. */
  kept: 'not-yet' | 'kept' | 'refused';
  publishId: number | undefined;
  refusals: number;
}

export function entryOf(
  event: SagEvent,
  { kept, foundAtMs }: Pick<Entry, 'kept' | 'foundAtMs'>,
): Entry {
  const bytes = JSON.stringify(event).length;
  // The age of what another run left is unknown: clocks jump, and a device that is off ages nothing.
  const expiresAtMs = (foundAtMs ?? event.atMs) + lifetimeMsOf(event);
  return { event, bytes, expiresAtMs, foundAtMs, kept, publishId: undefined, refusals: 0 };
}
