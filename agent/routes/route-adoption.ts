/**
 * Reads from the nexthops of a former run which tunnels carry the prefixes.
 */
import type { KernelNexthop } from '../../firmware-shim/kernel/types.ts';
import type { TunnelShare } from '../model/decision.ts';
import { NEXTHOP_IDS, type TunnelSlot } from './route-objects.ts';

/** The members of the first of our groups that leads into tunnels of the plan; empty when none does. */
export function adoptedShares(
  nexthops: ReadonlyMap<number, KernelNexthop>,
  slots: readonly TunnelSlot[],
): readonly TunnelShare[] {
  for (const groupId of Object.values(NEXTHOP_IDS.group)) {
    const shares = (nexthops.get(groupId)?.group ?? []).flatMap(({ id, weight }) => {
      const index = nexthops.get(id)?.deviceIndex;
      const place = slots.find((each) => index !== undefined && each.deviceIndex === index);
      return place === undefined ? [] : [{ tunnel: place.tunnel, weight }];
    });
    if (shares.length > 0) return shares;
  }
  return [];
}
