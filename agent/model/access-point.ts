/** Access points: the gateways of a device's own CCN area, by their ids. */
import type { AgentConfig, GatewayAddress } from './config.ts';

/** More gateways than a CCN area has access points is a mistake. */
export const ACCESS_POINTS_MAX = 16;

/** What the desired document says of them; what is absent is for the device to find out. */
export interface DesiredAccessPoints {
  /** The only ones that are tried. */
  readonly candidates?: readonly string[];
  /** Goes before a nearer one. */
  readonly chosen?: string;
}

/** A decision by command, and what the document had chosen at that moment: another document ends it. */
export interface AccessChoiceRecord {
  readonly v: 1;
  readonly accessPoint: string;
  readonly document?: string;
}

/** A gateway that names another area is never tried; one that names none is of ours. */
export function accessPointsOf({ access, area }: AgentConfig): readonly GatewayAddress[] {
  return access.gateways.filter((gateway) => (gateway.area ?? area) === area);
}
