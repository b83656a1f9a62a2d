/** Notes about liveness sessions, tunnels and the choice among them. */

import type { TunnelShare } from '../decision.ts';
import type { TunnelId, TunnelState } from '../tunnel.ts';
import type { ActiveTunnelChange } from '../tunnel-change.ts';

export type TunnelNote =
  | {
      readonly code: 'sessionStateChanged';
      readonly level: 'info';
      readonly tunnel: TunnelId;
      readonly from: string;
      readonly to: string;
      readonly diagnostic: string;
    }
  | {
      readonly code: 'tunnelStateChanged';
      readonly level: 'notice';
      readonly tunnel: TunnelId;
      readonly from: TunnelState;
      readonly to: TunnelState;
      readonly because: string;
    }
  | {
      readonly code: 'activeTunnelChanged';
      readonly level: 'notice';
      readonly change: ActiveTunnelChange;
    }
  | {
      /** The sockets inside the tunnel could not be opened or broke; they are opened again soon. */
      readonly code: 'probeFailed';
      readonly level: 'warning';
      readonly tunnel: TunnelId;
      readonly errno: string;
    }
  | {
      readonly code: 'activeTunnelAdopted';
      readonly level: 'notice';
      readonly tunnel: TunnelId;
    }
  | {
      readonly code: 'pathAnnounced';
      readonly level: 'info';
      /** The tunnel the branch named; undefined when it does not end here. */
      readonly tunnel: TunnelId | undefined;
      readonly over: TunnelId;
    }
  | {
      readonly code: 'pathAcknowledged';
      readonly level: 'info';
      readonly over: TunnelId;
      readonly afterMs: number;
    }
  | {
      /** A warning when a hole was found: larger packets vanish in the tunnel. */
      readonly code: 'pathMtuFound';
      readonly level: 'info' | 'warning';
      readonly tunnel: TunnelId;
      readonly mtu: number;
    }
  | {
      readonly code: 'slaChanged';
      readonly level: 'info' | 'warning';
      readonly tunnel: TunnelId;
      readonly verdict: 'unknown' | 'met' | 'violated';
      readonly why: string;
    }
  | {
      /** Other uplinks of equal priority share the traffic now. */
      readonly code: 'balanceChanged';
      readonly level: 'notice';
      readonly members: readonly TunnelShare[];
    }
  | {
      /** Traffic returned; what began on the backup stays there until it ends. */
      readonly code: 'flowsStay';
      readonly level: 'info';
      readonly tunnel: TunnelId;
      readonly forMsMax: number;
    }
  | {
      readonly code: 'flowsReleased';
      readonly level: 'info';
      readonly tunnel: TunnelId;
      readonly because: string;
      /** How many there were, where that is known. */
      readonly flows?: number;
    }
  | { readonly code: 'wokeLate'; readonly level: 'warning'; readonly lateMs: number }
  /** Messages of the kernel were lost to the fast path; whether to the control thread too, that one says. */
  | { readonly code: 'fastPathResynced'; readonly level: 'warning' }
  /** The fast path acted on its last plan meanwhile. */
  | {
      readonly code: 'controlThreadSilent';
      readonly level: 'warning';
      readonly silentForMs: number;
    };
