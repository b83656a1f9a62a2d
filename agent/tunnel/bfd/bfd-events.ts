/**
 * What a BFD session hears and what it answers with.
 */
import type { Note } from '../../model/note.ts';
import type { BfdAuthentication, BfdTimers } from '../../model/tunnel.ts';
import type { BfdCause, PathLoss } from './bfd-cause.ts';
import type { BfdState } from './bfd-packet.ts';

export type BfdEvent =
  | { readonly type: 'enabled' }
  | { readonly type: 'disabled' }
  | { readonly type: 'packetArrived'; readonly bytes: Uint8Array }
  | { readonly type: 'timersPlanned'; readonly timers: BfdTimers }
  /** Undefined ends authentication; sequence numbers survive a change of keys. */
  | {
      readonly type: 'authenticationPlanned';
      readonly authentication: BfdAuthentication | undefined;
    }
  /** Something besides BFD knows it; `pathDown` unless said otherwise. */
  | { readonly type: 'pathLost'; readonly because?: PathLoss }
  /** The uplink below: whether it can be used, told whenever that or its address has changed. */
  | { readonly type: 'uplinkJudged'; readonly usable: boolean }
  | { readonly type: 'wokeLate'; readonly lateMs: number };

export interface SessionMove {
  readonly type: 'sessionMoved';
  readonly from: BfdState;
  readonly to: BfdState;
  readonly cause: BfdCause;
  /** Our diagnostic in the words of RFC 5880. */
  readonly diagnostic: string;
  /** What the far end last gave as its own. */
  readonly peerDiagnostic: string;
  /** Since the last valid packet. */
  readonly silentForMs: number;
}

export type BfdEffect =
  | { readonly type: 'sendPacket'; readonly bytes: Uint8Array }
  | SessionMove
  | { readonly type: 'note'; readonly note: Note };
