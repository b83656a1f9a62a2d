/**
 * What an engine tells, and who listens.
 */
import type { EngineEvent } from '../../engine-port.ts';
import type { EngineNote } from '../../model/notes/engine-note.ts';

export class EngineVoice {
  readonly #events: ((event: EngineEvent) => void)[] = [];
  readonly #notes: ((note: EngineNote) => void)[] = [];

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#events.push(listener);
  }

  onNote(listener: (note: EngineNote) => void): void {
    this.#notes.push(listener);
  }

  tell(event: EngineEvent): void {
    for (const listener of this.#events) listener(event);
  }

  note(note: EngineNote): void {
    for (const listener of this.#notes) listener(note);
  }
}
