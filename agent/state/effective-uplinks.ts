/** The uplinks of this device as they are in force: configured here, and set by the desired document where it says so. */
import type { DesiredUplink } from '../model/desired.ts';
import type { Uplink } from '../model/uplink.ts';

export function effectiveUplinks(
  configured: readonly Uplink[],
  desired: readonly DesiredUplink[] = [],
): readonly Uplink[] {
  return configured.map((uplink) => ({
    ...uplink,
    ...desired.find(({ id }) => id === uplink.id),
  }));
}
