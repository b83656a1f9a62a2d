/**
 * What the route keeper hears and what it answers with.
 */
import type { KernelOperation, KernelResult } from '../../firmware-shim/kernel/operations.ts';
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import type { DataStop } from '../model/data-stop.ts';
import type { TunnelShare } from '../model/decision.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { Note } from '../model/note.ts';
import type { TunnelId } from '../model/tunnel.ts';

export type KeeperEvent =
  | { readonly type: 'planReceived'; readonly plan: FastPathPlan }
  | { readonly type: 'kernelChanged'; readonly events: readonly KernelEvent[] }
  | {
      readonly type: 'kernelAnswered';
      readonly ticket: number;
      readonly result: KernelResult;
      readonly sentAtMs?: number;
    }
  | { readonly type: 'dataStopChanged'; readonly stop: DataStop | undefined }
  /** The largest packet that passes through a tunnel has changed. */
  | { readonly type: 'setDeviceMtu'; readonly tunnel: TunnelId; readonly mtu: number }
  | {
      readonly type: 'activate';
      readonly activation: number;
      readonly tunnel: TunnelId | undefined;
      /** All that carry the prefixes with their shares, itself among them. */
      readonly members: readonly TunnelShare[];
    };

export type KeeperEffect =
  | {
      readonly type: 'performKernel';
      readonly ticket: number;
      readonly operation: KernelOperation;
    }
  | {
      readonly type: 'activated';
      readonly activation: number;
      readonly sentAtMs?: number;
      readonly failure?: string;
    }
  /** The routes of a former run lead into this tunnel and stay there. */
  | {
      readonly type: 'adopted';
      readonly tunnel: TunnelId;
      readonly members: readonly TunnelShare[];
    }
  | { readonly type: 'note'; readonly note: Note };

/** What an operation under way means besides itself. */
export interface Ticket {
  readonly operation: KernelOperation;
  readonly activation?: number;
  /** The last of a set of new routes: this many are in place when it is acknowledged. */
  readonly installs?: number;
}
