/**
 * What the tunnel supervisor hears and what it answers with.
 */
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import type { TunnelShare } from '../model/decision.ts';
import type { FastPathFact, FastPathPlan } from '../model/fast-path.ts';
import type { Note } from '../model/note.ts';
import type { TunnelId, TunnelPlan } from '../model/tunnel.ts';
import type { ChangeCause } from '../model/tunnel-change.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';
import type { SessionMove } from './bfd/bfd-events.ts';

/** The keeper's report on one activation. */
export interface Installation {
  readonly activation: number;
  /** When the operation went to the kernel, where the driver knows. */
  readonly sentAtMs?: number;
  /** Why it is not in force yet; absent when it is. */
  readonly failure?: string;
}

export type SupervisorEvent =
  | { readonly type: 'planReceived'; readonly plan: FastPathPlan }
  | { readonly type: 'kernelChanged'; readonly events: readonly KernelEvent[] }
  | {
      readonly type: 'uplinkChanged';
      readonly uplink: UplinkId;
      readonly verdict: UplinkVerdict;
    }
  | { readonly type: 'sessionMoved'; readonly tunnel: TunnelId; readonly move: SessionMove }
  | { readonly type: 'probeFailed'; readonly tunnel: TunnelId; readonly code: string }
  | { readonly type: 'engineLostTunnel'; readonly tunnel: TunnelId; readonly why: string }
  | { readonly type: 'switchRequested'; readonly requestId: string; readonly tunnel: TunnelId }
  /** Hub: the branch named the tunnel it uses by its inner address. */
  | {
      readonly type: 'pathNamed';
      readonly address: string | undefined;
      readonly over: TunnelId;
    }
  /** The routes of a former run point into this tunnel. */
  | {
      readonly type: 'adopted';
      readonly tunnel: TunnelId;
      /** All that shared the traffic, itself among them. */
      readonly members: readonly TunnelShare[];
    }
  | ({ readonly type: 'activated' } & Installation);

export type SupervisorEffect =
  | { readonly type: 'startSession'; readonly plan: TunnelPlan }
  | { readonly type: 'stopSession'; readonly tunnel: TunnelId }
  | { readonly type: 'retimeSession'; readonly plan: TunnelPlan }
  | { readonly type: 'failSession'; readonly tunnel: TunnelId }
  | {
      readonly type: 'activate';
      readonly activation: number;
      readonly tunnel: TunnelId | undefined;
      readonly members: readonly TunnelShare[];
      /** The tunnel that is left and what for; absent when only the shares change. */
      readonly from?: TunnelId | undefined;
      readonly cause?: ChangeCause;
    }
  /** Over all tunnels that are Up, the active one first. */
  | {
      readonly type: 'announcePath';
      readonly address: string | undefined;
      readonly over: readonly TunnelId[];
    }
  | { readonly type: 'tellTunnelsUp'; readonly tunnels: readonly TunnelId[] }
  | { readonly type: 'tellControl'; readonly fact: FastPathFact }
  | { readonly type: 'note'; readonly note: Note };
