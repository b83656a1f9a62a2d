/**
 * Uplinks: the branch's attachments to the outside.
 */
export type UplinkId = string;
/** WAN ISP codes of SAG (DescribeSagWanList): China Telecom, Mobile, Unicom, any other. */
export type Isp = 'CT' | 'CM' | 'CU' | 'Other';
export type UplinkKind = 'wired' | 'lte' | 'leased-line';

/** The SAG priority of LTE is fixed (DescribeSagWan4G). */
export const LTE_PRIORITY = 99;
/** A priority of -1 never forwards (DescribeSagWanList). */
export const NEVER_FORWARDS = -1;

/** More uplinks than an appliance has ports is a mistake; kernel number ranges are cut to this. */
export const UPLINKS_MAX = 16;

export interface Uplink {
  /** Such as `wan1`, `wan2`, `lte`. */
  readonly id: UplinkId;
  readonly kind: UplinkKind;
  /** Board port on the front panel that carries this uplink; absent when the board does not know it. */
  readonly port?: number;
  /** Kernel device, such as `wan1` or `eth4`. */
  readonly deviceName: string;
  /** -1, or 1 (best) to 50; 99 for LTE. */
  readonly priority: number;
  /** 1 to 100. */
  readonly weight: number;
  /** A management-only uplink never carries user traffic (the factory LTE card). */
  readonly use: 'data' | 'management-only';
  /** What liveness probes may cost on a metered uplink, both directions together; absent means unmetered. */
  readonly probeBudgetBytesPerMonth?: number;
  /** Next hop of this uplink's own default route. */
  readonly gateway: string;
  readonly isp?: Isp;
}

/** One word per reason an uplink cannot be used; shown to people and reported. */
export type UplinkDownReason =
  | 'not-observed-yet'
  | 'no-carrier-board'
  | 'no-carrier-kernel'
  | 'device-missing'
  | 'device-admin-down'
  | 'no-address'
  | 'lte-not-registered';

export type UplinkVerdict =
  | { readonly state: 'up'; readonly sinceMs: number; readonly address: string }
  | { readonly state: 'down'; readonly sinceMs: number; readonly reason: UplinkDownReason };
