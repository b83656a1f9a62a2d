/**
 * Notes of what a board may repeat without end: told at the 1st, 2nd, 4th, 8th … time.
 */
import type { MessageRefusal } from '../wire/field-reader.ts';
import { type LineCounters, worthTelling } from './line-counters.ts';
import type { LineNote } from './line-note.ts';

/** Counts a refused message; the note, if it is one of those told. */
export function refusalNote(counters: LineCounters, refusal: MessageRefusal): LineNote | undefined {
  counters.messagesRefused += 1;
  const times = counters.messagesRefused;
  if (!worthTelling(times)) return undefined;
  const { code: reason, field } = refusal;
  return { code: 'boardMessageRefused', level: 'warning', reason, field, times };
}

/** Counts a frame of another protocol version; the note, if it is one of those told. */
export function foreignVersionNote(counters: LineCounters, version: number): LineNote | undefined {
  counters.foreignVersions += 1;
  const times = counters.foreignVersions;
  if (!worthTelling(times)) return undefined;
  return { code: 'boardVersionUnknown', level: 'warning', version, times };
}
