/**
 * What both sides of the failover suite have in common.
 */
import type { FaultCause } from '../sim/lab/failover-watch.ts';

/** One way to keep the branch's traffic flowing. */
export interface Contender {
  readonly name: string;
  /** Resolves when traffic flows over wan1 and wan2 stands by. */
  start(): Promise<void>;
  /** Cuts wan1, waits for traffic, repairs, waits until traffic is back on wan1; the gap in ms. */
  lose(cause: FaultCause): Promise<number>;
  stop(): Promise<void>;
}
