/**
 * Notes are logs as data: the one union of everything the cores find worth telling.
 *
 * A note is rendered once (`agent/report/render-note.ts`) and then becomes a log line, a row of the local
 * page, a transcript line of the simulator or part of a failover report. Each domain lists its own notes in
 * `notes/`; levels follow who should wake up: `error` means this agent is broken, `warning` means a person
 * should look, `notice` is a change worth keeping, `info` is ordinary, `debug` is for a raised log level.
 */
import type { AccessNote } from './notes/access-note.ts';
import type { BoardNote } from './notes/board-note.ts';
import type { DoorNote } from './notes/door-note.ts';
import type { EngineNote } from './notes/engine-note.ts';
import type { HealthNote } from './notes/health-note.ts';
import type { IdentityNote } from './notes/identity-note.ts';
import type { NameNote } from './notes/name-note.ts';
import type { RouteNote } from './notes/route-note.ts';
import type { StateNote } from './notes/state-note.ts';
import type { TunnelNote } from './notes/tunnel-note.ts';
import type { UplinkNote } from './notes/uplink-note.ts';
import type { WanNote } from './notes/wan-note.ts';

export const NOTE_LEVELS = ['debug', 'info', 'notice', 'warning', 'error'] as const;
export type NoteLevel = (typeof NOTE_LEVELS)[number];

export type Note =
  | AccessNote
  | BoardNote
  | DoorNote
  | EngineNote
  | HealthNote
  | IdentityNote
  | NameNote
  | RouteNote
  | StateNote
  | TunnelNote
  | UplinkNote
  | WanNote;
