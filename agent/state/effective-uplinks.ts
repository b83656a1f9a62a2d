/**
 * The uplinks of this device as they are in force: configured here, set by the desired document where it says so, and
 * with device and next hop of what was set at the box. Address and next hop come from one hand: a next hop of the
 * document belongs to the address it was written for.
 */
import type { DesiredUplink } from '../model/desired.ts';
import type { Uplink } from '../model/uplink.ts';
import type { WanLine } from '../model/wan.ts';

export function effectiveUplinks(
  configured: readonly Uplink[],
  desired: readonly DesiredUplink[] = [],
  lines: readonly WanLine[] = [],
): readonly Uplink[] {
  return configured.map((uplink) => {
    const { deviceName, gateway } = lines.find((line) => line.uplink === uplink.id) ?? {};
    return {
      ...uplink,
      ...desired.find(({ id }) => id === uplink.id),
      ...(deviceName !== undefined && { deviceName }),
      ...(gateway !== undefined && { gateway }),
    };
  });
}
