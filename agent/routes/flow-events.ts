/**
 * What the flow keeper hears and what it answers with.
 */
import type { KernelOperation, KernelResult } from '../../firmware-shim/kernel/operations.ts';
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import type { DataStop } from '../model/data-stop.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { FlowCount } from '../model/flow-mark.ts';
import type { Note } from '../model/note.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { ChangeCause } from '../model/tunnel-change.ts';
import type { UplinkId } from '../model/uplink.ts';

export type FlowEvent =
  | { readonly type: 'planReceived'; readonly plan: FastPathPlan }
  | { readonly type: 'kernelChanged'; readonly events: readonly KernelEvent[] }
  | { readonly type: 'kernelAnswered'; readonly ticket: number; readonly result: KernelResult }
  | {
      readonly type: 'trafficMoved';
      readonly from: TunnelId | undefined;
      readonly to: TunnelId | undefined;
      readonly cause: ChangeCause;
    }
  | { readonly type: 'dataStopChanged'; readonly stop: DataStop | undefined }
  /** Its session is not Up any more. */
  | { readonly type: 'tunnelDoubted'; readonly tunnel: TunnelId; readonly because: string }
  | { readonly type: 'uplinkLost'; readonly uplink: UplinkId }
  /** Undefined where the kernel does not tell. */
  | { readonly type: 'flowsCounted'; readonly flows: readonly FlowCount[] | undefined };

export type FlowEffect =
  | {
      readonly type: 'performKernel';
      /** Below zero. */
      readonly ticket: number;
      readonly operation: KernelOperation;
    }
  /** Answered by `flowsCounted`, or never where nobody can. */
  | { readonly type: 'countFlows' }
  | { readonly type: 'note'; readonly note: Note };
