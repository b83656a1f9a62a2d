/** Notes about liveness sessions, tunnels and the choice among them. */

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
  | { readonly code: 'wokeLate'; readonly level: 'warning'; readonly lateMs: number };
