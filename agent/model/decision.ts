/**
 * A decision about the active tunnel as it was taken: what was known, which rule decided, who was rejected.
 */
import type { CandidateRecord } from './snapshot.ts';
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
