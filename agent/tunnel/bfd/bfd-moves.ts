/**
 * The legal moves of a BFD session, as a table (RFC 5880 sections 6.2, 6.8.4, 6.8.6 and 6.8.16).
 *
 * What is not in the table does not move the session: a Down session that hears Up waits, for instance,
 * until the far end has noticed that we are Down.
 */
import type { Note } from '../../model/note.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import type { BfdCause } from './bfd-cause.ts';
import type { SessionMove } from './bfd-events.ts';
import type { BfdState } from './bfd-packet.ts';

const PATH_LOST = {
  pathDown: 'Down',
  concatenatedPathDown: 'Down',
  reverseConcatenatedPathDown: 'Down',
  forwardingPlaneReset: 'Down',
} as const;

export const BFD_MOVES: Readonly<Record<BfdState, Partial<Record<BfdCause, BfdState>>>> = {
  AdminDown: { enabled: 'Down' },
  Down: { heardDown: 'Init', heardInit: 'Up', disabled: 'AdminDown' },
  Init: {
    heardInit: 'Up',
    heardUp: 'Up',
    heardAdminDown: 'Down',
    silence: 'Down',
    ...PATH_LOST,
    disabled: 'AdminDown',
  },
  Up: {
    heardDown: 'Down',
    heardAdminDown: 'Down',
    silence: 'Down',
    ...PATH_LOST,
    disabled: 'AdminDown',
  },
};

/** The cause that a packet in this state is to whoever hears it. */
export const HEARD: Readonly<Record<BfdState, BfdCause>> = {
  AdminDown: 'heardAdminDown',
  Down: 'heardDown',
  Init: 'heardInit',
  Up: 'heardUp',
};

/** bfd.LocalDiag: "the reason for the most recent change in the local session state" (section 6.8.1). */
export const DIAGNOSTIC_OF: Readonly<Record<BfdCause, number | undefined>> = {
  silence: 1,
  heardDown: 3,
  heardAdminDown: 3,
  forwardingPlaneReset: 4,
  pathDown: 5,
  concatenatedPathDown: 6,
  reverseConcatenatedPathDown: 8,
  disabled: 7,
  enabled: 0,
  heardInit: 0,
  heardUp: 0,
};

export function moveNote(tunnel: TunnelId, { from, to, diagnostic }: SessionMove): Note {
  return { code: 'sessionStateChanged', level: 'info', tunnel, from, to, diagnostic };
}
