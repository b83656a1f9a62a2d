/**
 * What a command has the box do besides its tunnels and its gateway: done once, answered once.
 */
import type { NoteLevel } from './note.ts';

export type DeviceWork =
  /** Every lamp blinks for so long; 0 ends it. */
  | { readonly do: 'blink'; readonly durationMs: number }
  /** Another log level for so long; then that of the configuration returns. */
  | { readonly do: 'setLogLevel'; readonly level: NoteLevel; readonly durationMs: number }
  /** A quick diagnosis, whose reports follow. */
  | { readonly do: 'diagnose'; readonly diagnoseId: string };
