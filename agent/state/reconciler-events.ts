/**
 * What the reconciler hears and asks for.
 */
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import type { KernelChange } from '../../firmware-shim/kernel/types.ts';
import type { DesiredDocument } from '../model/desired.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { IdentityStand } from '../model/identity-result.ts';
import type { DhcpServer } from '../model/lan.ts';
import type { StateNote } from '../model/notes/state-note.ts';
import type { TunnelId, TunnelSpec } from '../model/tunnel.ts';
import type { WanLine } from '../model/wan.ts';

export type ReconcilerEvent =
  /** The store has been read: the document last confirmed, if there ever was one. */
  | { readonly type: 'restored'; readonly document: DesiredDocument | undefined }
  /** Another document is in force; undefined: none is any more, and what was made for it goes. */
  | { readonly type: 'adopted'; readonly document: DesiredDocument | undefined }
  /** Exactly what became different; the first holds the whole present state. */
  | { readonly type: 'kernelChanged'; readonly events: readonly KernelChange[] }
  /** Addresses were set at the box, or given by who was asked for them. */
  | { readonly type: 'wanChanged'; readonly lines: readonly WanLine[] }
  /** What the engine found of a former run. */
  | { readonly type: 'tunnelsFound'; readonly tunnels: readonly TunnelId[] }
  | { readonly type: 'engineLost'; readonly tunnel: TunnelId }
  /** Somebody, we too, has changed a table of rules of ours. */
  | { readonly type: 'rulesTouched' }
  /** The largest inner packet that passes a tunnel. */
  | { readonly type: 'pathMtuChanged'; readonly tunnel: TunnelId; readonly mtu: number }
  /** Addresses are no longer given out. */
  | { readonly type: 'dhcpEnded'; readonly why: string }
  | { readonly type: 'stepAnswered'; readonly stepId: number; readonly result: StepResult };

export type StepResult =
  | {
      readonly ok: true;
      /** Of `turnIdentity`. */
      readonly identity?: IdentityStand;
    }
  | {
      readonly ok: false;
      readonly code: string;
      readonly text: string;
      /** Of the packet rules, from 1: the statement that is not taken. */
      readonly line?: number;
    };

export type ReconcilerEffect =
  | { readonly type: 'ensureTunnel'; readonly stepId: number; readonly spec: TunnelSpec }
  /** The tunnel stands; in stages it comes to show another identity, or goes back. */
  | { readonly type: 'turnIdentity'; readonly stepId: number; readonly spec: TunnelSpec }
  | {
      readonly type: 'serveDhcp';
      readonly stepId: number;
      readonly servers: readonly DhcpServer[];
    }
  | { readonly type: 'applyRules'; readonly stepId: number; readonly rules: string }
  /** Answered with `ERULES_GONE` when they are not as they were written. */
  | { readonly type: 'checkRules'; readonly stepId: number }
  /** The tunnel stands; only its outside has another address. */
  | { readonly type: 'moveTunnel'; readonly stepId: number; readonly spec: TunnelSpec }
  | { readonly type: 'removeTunnel'; readonly stepId: number; readonly tunnel: TunnelId }
  | {
      readonly type: 'performKernel';
      readonly stepId: number;
      readonly operation: KernelOperation;
    }
  | { readonly type: 'sendPlan'; readonly plan: FastPathPlan }
  | { readonly type: 'noted'; readonly note: StateNote }
  /** Every step towards the document in force has been taken, or tried. Once per document. */
  | { readonly type: 'settled' }
  /** The kernel keeps refusing a step; the pointer is into the document in force. */
  | { readonly type: 'stepRefused'; readonly pointer: string; readonly sentence: string }
  /** The revision reached is another one now. */
  | { readonly type: 'progressed' };
