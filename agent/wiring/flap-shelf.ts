/**
 * Keeps what the fast path remembers of lost tunnels over a restart: one record per tunnel on a shelf of the
 * store, given back with every plan, of which the fast path takes the first.
 */
import type { FastPathPlan, TunnelFlaps } from '../model/fast-path.ts';
import type { ControlEffect } from './control-events.ts';

export const FLAP_SHELF = 'flaps';

export class FlapShelf {
  readonly #losses = new Map<string, number>();

  restored(flaps: readonly TunnelFlaps[]): void {
    for (const { tunnel, losses } of flaps) this.#losses.set(tunnel, losses);
  }

  changed({ tunnel, losses }: TunnelFlaps): readonly ControlEffect[] {
    if (losses === 0) {
      this.#losses.delete(tunnel);
      return [{ type: 'storeRemove', shelf: FLAP_SHELF, keys: [tunnel] }];
    }
    this.#losses.set(tunnel, losses);
    const value = JSON.stringify({ tunnel, losses });
    return [{ type: 'storePut', shelf: FLAP_SHELF, key: tunnel, value }];
  }

  inPlan(plan: FastPathPlan): FastPathPlan {
    const flaps = plan.tunnels.flatMap(({ id }) => {
      const losses = this.#losses.get(id);
      return losses === undefined ? [] : [{ tunnel: id, losses }];
    });
    return flaps.length === 0 ? plan : { ...plan, flaps };
  }
}
