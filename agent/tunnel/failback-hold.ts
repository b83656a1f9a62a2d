/**
 * How long a tunnel must prove itself before traffic returns to it: a hold that doubles with each loss.
 */
import type { FastPathPolicy } from '../model/fast-path.ts';
import type { TunnelId } from '../model/tunnel.ts';

/** A tunnel that was not lost for this long starts with the shortest hold again. */
export const LOSS_MEMORY_MS = 600_000;

export class FailbackHold {
  readonly #losses = new Map<TunnelId, { count: number; atMs: number }>();

  lost(tunnel: TunnelId, nowMs: number): void {
    const before = this.#losses.get(tunnel);
    const remembered = before !== undefined && nowMs - before.atMs < LOSS_MEMORY_MS;
    this.#losses.set(tunnel, { count: remembered ? before.count + 1 : 1, atMs: nowMs });
  }

  /** `settled`: traffic has found its first place; before that only a tunnel that was lost must prove itself. */
  holdMs(tunnel: TunnelId, policy: FastPathPolicy, settled: boolean, nowMs: number): number {
    const losses = this.#losses.get(tunnel);
    const remembered = losses !== undefined && nowMs - losses.atMs < LOSS_MEMORY_MS;
    if (!remembered && !settled) return 0;
    const doublings = remembered ? losses.count - 1 : 0;
    return Math.min(policy.failbackHoldMaxMs, policy.failbackHoldMs * 2 ** doublings);
  }

  forget(tunnel: TunnelId): void {
    this.#losses.delete(tunnel);
  }
}
