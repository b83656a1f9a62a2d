/** Notes about uplinks. */
import type { UplinkDownReason, UplinkId } from '../uplink.ts';

export type UplinkNote =
  | {
      readonly code: 'uplinkUp';
      readonly level: 'notice';
      readonly uplink: UplinkId;
      readonly address: string;
    }
  | {
      readonly code: 'uplinkDown';
      readonly level: 'notice';
      readonly uplink: UplinkId;
      readonly reason: UplinkDownReason;
    };
