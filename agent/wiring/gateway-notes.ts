/** The notes of the gateway side that no core writes: about what arrived unreadable, and what the disk refused. */
import type { Refusal } from '../model/desired.ts';
import type { Note } from '../model/note.ts';
import type { ControlEffect, StoreRestored } from './control-events.ts';

export function noted(note: Note): ControlEffect {
  return { type: 'noted', note };
}

export function storeRefused(shelf: string, reason: string): Note {
  return { code: 'storeRefused', level: 'error', shelf, reason };
}

/** A record of the store that could not be read; it is left behind. */
export function unreadRecord({ shelf, refusal }: StoreRestored['refused'][number]): ControlEffect {
  return noted(storeRefused(shelf, refusal.code));
}

export function messageRefused(topic: string, { code, pointer, sentence }: Refusal): Note {
  const why = { reason: code, pointer, because: sentence };
  return { code: 'messageRefused', level: 'warning', topic, ...why };
}
