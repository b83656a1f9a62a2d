/**
 * What the control thread and the fast-path thread say to each other: plain data that survives structured
 * cloning. Plans go down, timestamped facts come up; the fast path acts on the last plan when nobody speaks.
 */
import type { KernelCounters } from '../../firmware-shim/kernel/kernel-counters.ts';
import type { DesiredRoute } from './branch-route.ts';
import type { DataStop } from './data-stop.ts';
import type { EndToEndTarget } from './end-to-end.ts';
import type { DesiredHa } from './ha.ts';
import type { Note } from './note.ts';
import type { SlaName } from './sla.ts';
import type { TunnelId, TunnelPlan, TunnelState } from './tunnel.ts';
import type { ActiveTunnelChange } from './tunnel-change.ts';
import type { Isp, Uplink, UplinkId, UplinkVerdict } from './uplink.ts';

/** The revision of a plan made without any desired document: what stands is neither wanted nor unwanted. */
export const NOTHING_DESIRED = 0;

export interface FastPathPlan {
  readonly revision: number;
  /** A branch chooses its tunnel; a hub follows what the branch announces. */
  readonly role: 'branch' | 'hub';
  readonly uplinks: readonly Uplink[];
  readonly tunnels: readonly TunnelPlan[];
  /** Prefixes that are reached over the active tunnel. */
  readonly prefixes: readonly string[];
  /** Table the prefixes live in; 254 is the kernel's main table. */
  readonly table: number;
  readonly policy: FastPathPolicy;
  /** Routes of the branch; those to a next hop in the LAN are kept in the kernel. */
  readonly routes?: readonly DesiredRoute[];
  /** Prefixes of the LAN side: a published prefix that overlaps one is refused. */
  readonly lanPrefixes?: readonly string[];
  /** Largest inner packet each tunnel is planned for; its device's own MTU where it is not said. */
  readonly innerMtus?: Readonly<Record<TunnelId, number>>;
  /** The ISP of each access gateway, where it is known: an uplink of the same ISP is preferred. */
  readonly gatewayIsps?: Readonly<Record<string, Isp>>;
  /** What the traffic demands of a path; `standard` where it is not said, nothing when `none`. */
  readonly sla?: SlaName | 'none';
  /** Not for the fast path itself: when the device locks itself, and whether it is paid for. */
  readonly lock?: { readonly thresholdS?: number; readonly isInArrears: boolean };
  /** Not for the fast path itself: whether another device stands beside this one, and which of both carries. */
  readonly ha?: DesiredHa;
  /** Not for the fast path itself: whoever watches the whole way learns its target with the plan. */
  readonly endToEnd?: EndToEndTarget;
  /** Losses remembered from before a restart. */
  readonly flaps?: readonly TunnelFlaps[];
}

/** How often a tunnel was lost lately; the hold before traffic returns doubles with each. */
export interface TunnelFlaps {
  readonly tunnel: TunnelId;
  readonly losses: number;
}

export interface FastPathPolicy {
  /** What the prefixes do while no tunnel is usable. */
  readonly allDown: 'blackhole' | 'internet';
  /** A better tunnel must have been up this long before traffic returns to it. */
  readonly failbackHoldMs: number;
  /** Each further loss within the memory doubles the hold, up to this. */
  readonly failbackHoldMaxMs: number;
}

export const DEFAULT_POLICY: FastPathPolicy = {
  allDown: 'blackhole',
  failbackHoldMs: 5_000,
  failbackHoldMaxMs: 600_000,
};

/** Control thread to fast path. */
export type FastPathOrder =
  | { readonly type: 'planReceived'; readonly plan: FastPathPlan }
  | { readonly type: 'portCarrierChanged'; readonly port: number; readonly carrier: boolean }
  | { readonly type: 'lteRegistrationChanged'; readonly registered: boolean }
  /** The board's view is gone: uplinks are judged by the kernel alone until it returns. */
  | { readonly type: 'boardLost' }
  /** An engine says a tunnel is dead: may only speed up Down. */
  | { readonly type: 'engineLostTunnel'; readonly tunnel: TunnelId; readonly why: string }
  /** Packets came out of the tunnel since the last word of it: proof of life besides the probes. */
  | { readonly type: 'trafficSeen'; readonly tunnel: TunnelId }
  | { readonly type: 'switchRequested'; readonly requestId: string; readonly tunnel: TunnelId }
  /** The prefixes lead nowhere from now on, or again where the active tunnel is; all else goes on. */
  | { readonly type: 'dataStopChanged'; readonly stop: DataStop | undefined }
  | { readonly type: 'snapshotRequested'; readonly requestId: number }
  | { readonly type: 'stopRequested' };

/** What the threads ask each other besides, once a second, and what is answered: the same. */
export const HEARTBEAT = 'heartbeat';

/** Fast path to control thread. Every `atMs` is monotonic milliseconds of this machine. */
export type FastPathFact =
  | { readonly type: 'fastPathReady'; readonly scheduling: string }
  | {
      readonly type: 'uplinkChanged';
      readonly uplink: UplinkId;
      readonly verdict: UplinkVerdict;
      readonly atMs: number;
    }
  | {
      readonly type: 'tunnelStateChanged';
      readonly tunnel: TunnelId;
      readonly from: TunnelState;
      readonly to: TunnelState;
      readonly because: string;
      readonly atMs: number;
    }
  /** What was lost lately, to be kept over a restart; no losses means that it may be forgotten. */
  | { readonly type: 'flapsChanged'; readonly flaps: TunnelFlaps }
  /** The largest inner packet that passes; TCP is to be clamped to the segments that fit. */
  | {
      readonly type: 'pathMtuChanged';
      readonly tunnel: TunnelId;
      readonly mtu: number;
      readonly mss: { readonly ipv4: number; readonly ipv6: number };
    }
  | { readonly type: 'activeTunnelChanged'; readonly change: ActiveTunnelChange }
  /** Hub only: the branch says which tunnel it uses; undefined means one that does not end here. */
  | {
      readonly type: 'pathAnnounced';
      readonly tunnel: TunnelId | undefined;
      readonly atMs: number;
    }
  | {
      readonly type: 'switchAnswered';
      readonly requestId: string;
      readonly ok: boolean;
      readonly code?: string;
      readonly because: string;
    }
  | { readonly type: 'noted'; readonly note: Note }
  | {
      readonly type: 'snapshotTaken';
      readonly requestId: number;
      readonly snapshot: unknown;
      readonly netlink?: KernelCounters;
    };
