/** How many events may wait, on the disk and in memory, and which of them goes when there is one too many. */
import type { Entry } from './event-entry.ts';
import type { EventQueue } from './event-queue.ts';

/** A week offline with ten changes a minute. */
export const EVENTS_MAX = 100_000;
/** On the disk, as text; a flash of a few gigabytes has other tenants. */
export const OUTBOX_BYTES_MAX = 64 * 1024 * 1024;
/** In memory: at 200 a second some seconds' worth; a flood of them takes a few hundred kilobytes. */
export const HELD_MAX = 512;
/** In memory because the disk has not got them: 6 MB, so that a full disk does not become a full memory (F-25). */
export const UNKEPT_MAX = 16_384;

/** The oldest lane first; what goes is in it no more. */
export function oneTooMany(
  lanes: readonly EventQueue[],
): { readonly key: string; readonly entry?: Entry } | undefined {
  const sum = (of: 'size' | 'bytes' | 'held'): number =>
    lanes.reduce((total, lane) => total + lane[of], 0);
  if (sum('size') > EVENTS_MAX || sum('bytes') > OUTBOX_BYTES_MAX) {
    return lanes.find(({ size }) => size > 0)?.shift();
  }
  if (sum('held') <= HELD_MAX + UNKEPT_MAX) return undefined;
  const key = lanes.flatMap((lane) => lane.oldestUnkept ?? [])[0];
  const entry = key === undefined ? undefined : lanes.find((lane) => lane.get(key))?.remove(key);
  return key === undefined || entry === undefined ? undefined : { key, entry };
}
