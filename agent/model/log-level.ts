/** Another log level than the configured one, for a time. */
import type { NoteLevel } from './note.ts';

/** A night; a level that was forgotten must not fill the disk for a week. */
export const LOG_LEVEL_S_MAX = 43_200;

export interface DesiredLogLevel {
  readonly level: NoteLevel;
  /** Wall time, milliseconds since 1970. */
  readonly untilMs: number;
}

/** What the document asked for, and the moment it ends: fixed when it was first seen, so that no restart prolongs it. */
export interface LogLevelRecord extends DesiredLogLevel {
  readonly v: 1;
  readonly endsMs: number;
}
