/**
 * What the guest says about itself on its serial console, one JSON object a line. Times are the guest's own clock.
 */

import type { EngineCapabilities } from '../../agent/engine-port.ts';
import type { EngineTunnelStatus } from '../../agent/model/engine-status.ts';
import type { EngineKind } from '../../agent/model/tunnel.ts';
import type { ActiveTunnelChange } from '../../agent/model/tunnel-change.ts';

/** Cable pulled with the board seeing it, or packets dropped while every link stays up. */
export type GuestFault = 'carrier' | 'blackhole';

/** Where the guest finds the certificates the host has made for it. */
export const GUEST_PKI = '/project/pki.json';
export const SERVER_NAME = 'gwa';

/** PEM texts, and the host's time as that of the release and of the board's battery clock. */
export interface GuestPki {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly builtMs: number;
  readonly boardMs: number;
  readonly ceilingMs: number;
}

export type GuestLine =
  | { readonly step: 'booted'; readonly kernel: string; readonly upMs: number }
  | {
      readonly step: 'started';
      readonly engine: EngineKind;
      readonly capabilities: EngineCapabilities;
      readonly listed: readonly EngineTunnelStatus[];
      /** Sessions by tunnel, as the fast path's snapshot tells them. */
      readonly sessions: readonly { readonly tunnel: string; readonly state: string }[];
      /** Kernel devices by their kind: `wireguard`, `xfrm`. */
      readonly deviceKinds: readonly string[];
      readonly detectMs: number;
      /** Of the security associations in the kernel; none for WireGuard, whose window cannot be set. */
      readonly replayWindows: readonly number[];
    }
  | {
      readonly step: 'failedOver';
      readonly engine: EngineKind;
      readonly fault: GuestFault;
      readonly change: ActiveTunnelChange;
      /** The longest hole in the flow of echoes. */
      readonly gapMs: number;
      /** Which tunnel the kernel would take now. */
      readonly routeVia: string;
    }
  | {
      readonly step: 'failedBack';
      readonly engine: EngineKind;
      readonly change: ActiveTunnelChange;
    }
  | {
      readonly step: 'rekeyed';
      readonly engine: EngineKind;
      readonly tunnels: readonly {
        readonly tunnel: string;
        readonly before: string;
        readonly after: string;
      }[];
      readonly echoes: { readonly sent: number; readonly heard: number };
      readonly gapMs: number;
      /** Changes of the active tunnel meanwhile. */
      readonly changes: number;
    }
  | {
      readonly step: 'carried';
      readonly engine: EngineKind;
      /** Packets of the flow on the uplinks: those that could be read there, and those sealed by the engine. */
      readonly readable: number;
      readonly sealed: number;
    }
  | { readonly step: 'stopped'; readonly engine: EngineKind; readonly left: readonly string[] }
  | {
      readonly step: 'clockSet';
      /** What the machine's clock said before. */
      readonly bootMs: number;
      /** `connected`, or why not. */
      readonly before: string;
      readonly after: string;
      readonly source: string;
      /** Of the machine's clock from the board's, soon after. */
      readonly offMs: number;
    }
  | { readonly step: 'rebootAsked'; readonly uid: number; readonly refused: string }
  | { readonly step: 'failed'; readonly what: string; readonly text: string }
  | { readonly step: 'ended'; readonly status: number };
