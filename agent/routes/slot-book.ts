/**
 * Gives each tunnel a place among the nexthop ids and keeps it there, also across a restart: a nexthop that a
 * former run left on the tunnel's device tells its place.
 */
import type { KernelNexthop } from '../../firmware-shim/kernel/types.ts';
import type { TunnelId } from '../model/tunnel.ts';
import { NEXTHOP_IDS, TUNNEL_SLOTS_MAX, type TunnelSlot } from './route-objects.ts';

export class SlotBook {
  readonly #slots = new Map<TunnelId, number>();

  assign(
    tunnels: readonly Omit<TunnelSlot, 'slot'>[],
    nexthops: ReadonlyMap<number, KernelNexthop>,
  ): readonly TunnelSlot[] {
    const planned = new Set(tunnels.map((each) => each.tunnel));
    for (const tunnel of this.#slots.keys()) if (!planned.has(tunnel)) this.#slots.delete(tunnel);
    for (const { tunnel, deviceIndex } of tunnels) {
      if (this.#slots.has(tunnel)) continue;
      const left = leftSlot(deviceIndex, nexthops);
      const taken = new Set(this.#slots.values());
      this.#slots.set(tunnel, left !== undefined && !taken.has(left) ? left : lowestFree(taken));
    }
    return tunnels.map((each) => ({ ...each, slot: this.#slots.get(each.tunnel) ?? 0 }));
  }
}

function leftSlot(
  deviceIndex: number | undefined,
  nexthops: ReadonlyMap<number, KernelNexthop>,
): number | undefined {
  if (deviceIndex === undefined) return undefined;
  for (const nexthop of nexthops.values()) {
    if (nexthop.deviceIndex !== deviceIndex) continue;
    const place = nexthop.id - NEXTHOP_IDS.tunnel[nexthop.family];
    if (place >= 0 && place < TUNNEL_SLOTS_MAX) return place;
  }
  return undefined;
}

function lowestFree(taken: ReadonlySet<number>): number {
  let slot = 0;
  while (taken.has(slot)) slot += 1;
  return slot;
}
