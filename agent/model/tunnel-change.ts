/**
 * A change of the active tunnel, with the evidence and the figures that explain it.
 */
import type { TunnelId } from './tunnel.ts';

export type ChangeCause =
  | 'first-choice'
  | 'carrier'
  | 'silence'
  | 'session-down'
  | 'better'
  | 'quality'
  | 'command'
  | 'plan'
  | 'engine';

/** A failover, failback or switch, as one record with its figures. */
export interface ActiveTunnelChange {
  readonly from: TunnelId | undefined;
  /** Undefined when no tunnel is usable any more. */
  readonly to: TunnelId | undefined;
  readonly cause: ChangeCause;
  /** One sentence a technician understands. */
  readonly because: string;
  /** When the evidence came in. */
  readonly detectedAtMs: number;
  /** How long the lost tunnel had been silent when it was given up; 0 when silence was not the evidence. */
  readonly silentForMs: number;
  /** From the evidence to the decision. */
  readonly decideMs: number;
  /** From the decision to the kernel's acknowledgement. */
  readonly installMs: number;
  /** The rule that decided, as one word; absent when nothing was chosen but adopted. */
  readonly rule?: string;
  /** The tunnels that could have carried the traffic instead and why they do not, bounded; absent like the rule. */
  readonly rejected?: readonly RejectedTunnel[];
}

export interface RejectedTunnel {
  readonly tunnel: TunnelId;
  readonly why: string;
}
