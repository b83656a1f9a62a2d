/**
 * What a command has the box do besides its tunnels and its gateway: done once, and answered once but for what ends the box.
 */
import type { NoteLevel } from './note.ts';
import type { TunnelId } from './tunnel.ts';

export type DeviceWork =
  /** Every lamp blinks for so long; 0 ends it. */
  | { readonly do: 'blink'; readonly durationMs: number }
  /** Another log level for so long; then that of the configuration returns. */
  | { readonly do: 'setLogLevel'; readonly level: NoteLevel; readonly durationMs: number }
  /** Other session keys for one tunnel. */
  | { readonly do: 'rekey'; readonly tunnel: TunnelId }
  /** A quick diagnosis, whose reports follow. */
  | { readonly do: 'diagnose'; readonly diagnoseId: string }
  /** The whole machine starts anew; answered only when it does not. */
  | { readonly do: 'reboot' };

/** Why a machine is not told to start anew. */
export interface RebootRefusal {
  readonly code: string;
  readonly because: string;
  readonly fault?: 'hardware';
}
