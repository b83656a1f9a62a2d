/**
 * The newest SAG events of this run and what became of each, read off the notes: what a person at the box wants to know
 * of what the cloud was told.
 */
import type { SagEventName } from '../model/sag-event.ts';
import { SAG_EVENTS } from '../model/sag-event.ts';
import type { TimedNote } from '../model/snapshot.ts';

/** As many as fit a page; the cloud has all of them. */
const EVENTS_SHOWN_MAX = 20;

export interface ShownEvent {
  readonly id: string;
  readonly name: string;
  readonly level: string;
  readonly wallMs: number;
  /** `delivered`: the gateway has it on its disk. */
  readonly state: 'waiting' | 'delivered' | 'refused';
}

/** Newest first. Older notes may have gone, so that an event is never called lost. */
export function eventTrail(notes: readonly TimedNote[]): readonly ShownEvent[] {
  const states = new Map<string, ShownEvent['state']>();
  for (const { note } of notes) {
    if (note.code === 'eventStored') states.set(note.id, 'delivered');
    else if (note.code === 'eventQuarantined') states.set(note.id, 'refused');
  }
  return notes
    .flatMap(({ wallMs, note }): ShownEvent[] => {
      if (note.code !== 'eventRaised') return [];
      const { id, event: name } = note;
      const level = SAG_EVENTS[name as SagEventName]?.level ?? 'INFO';
      return [{ id, name, level, wallMs, state: states.get(id) ?? 'waiting' }];
    })
    .slice(-EVENTS_SHOWN_MAX)
    .toReversed();
}
