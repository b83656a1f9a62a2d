/**
 * How long a tunnel must prove itself before traffic returns to it: a hold that doubles with each loss.
 *
 * Losses outlive a restart: they are told as they change and given back with the next plan. How long ago they
 * were is not kept, because no clock survives a power cut: after a restart they count as fresh.
 */
import type { FastPathPolicy, TunnelFlaps } from '../../model/fast-path.ts';
import type { TunnelId } from '../../model/tunnel.ts';

/** Twice the longest hold, so that a tunnel that is lost again right after it does not start over. */
export const LOSS_MEMORY_MS = 1_200_000;
/** Beyond this many doublings every policy's longest hold is reached. */
const LOSSES_MAX = 32;

export class FailbackHold {
  readonly #losses = new Map<TunnelId, { readonly count: number; readonly atMs: number }>();
  readonly #untold = new Set<TunnelId>();

  lost(tunnel: TunnelId, nowMs: number): void {
    const count = Math.min(LOSSES_MAX, this.#count(tunnel, nowMs) + 1);
    this.#losses.set(tunnel, { count, atMs: nowMs });
    this.#untold.add(tunnel);
  }

  /** What a former run remembered; what this one knows already is newer. */
  restore(flaps: readonly TunnelFlaps[], nowMs: number): void {
    for (const { tunnel, losses } of flaps) {
      if (losses < 1 || this.#losses.has(tunnel)) continue;
      this.#losses.set(tunnel, { count: Math.min(LOSSES_MAX, losses), atMs: nowMs });
    }
  }

  /** `settled`: traffic has found its first place; before that only a tunnel that was lost must prove itself. */
  holdMs(tunnel: TunnelId, policy: FastPathPolicy, settled: boolean, nowMs: number): number {
    const count = this.#count(tunnel, nowMs);
    if (count === 0 && !settled) return 0;
    return Math.min(policy.failbackHoldMaxMs, policy.failbackHoldMs * 2 ** Math.max(0, count - 1));
  }

  forget(tunnel: TunnelId): void {
    if (this.#losses.delete(tunnel)) this.#untold.add(tunnel);
  }

  /** What changed since it was last asked for. */
  changes(nowMs: number): readonly TunnelFlaps[] {
    for (const tunnel of this.#losses.keys()) {
      if (this.#count(tunnel, nowMs) === 0) this.forget(tunnel);
    }
    const changed = [...this.#untold].map((tunnel) => ({
      tunnel,
      losses: this.#count(tunnel, nowMs),
    }));
    this.#untold.clear();
    return changed;
  }

  #count(tunnel: TunnelId, nowMs: number): number {
    const losses = this.#losses.get(tunnel);
    return losses !== undefined && nowMs - losses.atMs < LOSS_MEMORY_MS ? losses.count : 0;
  }
}
