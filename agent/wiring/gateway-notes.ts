/** The notes of the gateway side that no core writes: about what arrived unreadable, and what the disk refused. */
import type { Refusal } from '../model/desired.ts';
import type { Note } from '../model/note.ts';
import type { ControlEffect } from './control-events.ts';

export function noted(note: Note): ControlEffect {
  return { type: 'noted', note };
}

export function storeRefused(shelf: string, reason: string): Note {
  return { code: 'storeRefused', level: 'error', shelf, reason };
}

export function messageRefused(topic: string, { code, pointer, sentence }: Refusal): Note {
  const why = { reason: code, pointer, because: sentence };
  return { code: 'messageRefused', level: 'warning', topic, ...why };
}
