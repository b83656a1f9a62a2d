/**
 * A decision about the active tunnel as it was taken: what was known, which rule decided, who was rejected.
 */
import type { TunnelId } from './tunnel.ts';
import type { ChangeCause } from './tunnel-change.ts';

export interface DecisionRecord {
  readonly atMs: number;
  /** What gave reason to decide. */
  readonly cause: ChangeCause;
  readonly evidence: string;
  readonly from: TunnelId | undefined;
  readonly to: TunnelId | undefined;
  /** All that carry traffic, with their shares; one unless uplinks of equal priority balance it. */
  readonly members: readonly TunnelShare[];
  readonly rule: string;
  readonly because: string;
  readonly candidates: readonly CandidateRecord[];
}

export interface TunnelShare {
  readonly tunnel: TunnelId;
  /** 1 to 100, relative to the other members. */
  readonly weight: number;
}

/** One tunnel in a decision. */
export interface CandidateRecord {
  readonly tunnel: TunnelId;
  readonly eligible: boolean;
  readonly why: string;
  /** The rule that chose or rejected it, as one word. */
  readonly rule?: string;
  /** Up by its session, but its last packet is older than its interval. */
  readonly suspect?: boolean;
  /** How long it must still stay usable before traffic returns to it. */
  readonly holdLeftMs?: number;
  /** What was known of it at that moment. */
  readonly inputs?: Readonly<Record<string, string | number | boolean>>;
}
