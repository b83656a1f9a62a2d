/**
 * Device HA: two devices of one SAG instance, of which one carries traffic (DescribeSmartAccessGatewayHa).
 */
export const HA_TYPES = ['no_backup', 'cold_backup', 'warm_backup'] as const;
export const HA_ROLES = ['active', 'standby'] as const;
export type HaType = (typeof HA_TYPES)[number];
export type HaRole = (typeof HA_ROLES)[number];

export interface DesiredHa {
  /** `cold_backup`: the standby has no tunnel and publishes nothing; `warm_backup`: it has both, at a worse cost. */
  readonly type: HaType;
  readonly role: HaRole;
}

/** What the gateway was last told this device is; a restart that undoes a document may change it back. */
export interface HaRoleRecord {
  readonly v: 1;
  readonly role: HaRole;
}

/** As the SAG API calls the role of a device (DescribeSmartAccessGatewayAttribute). */
export type HaState = 'Active' | 'Standby';

/** What routes of the branch cost the CCN; of two devices that publish one CIDR the cheaper is taken. */
export const ROUTE_COST: Readonly<Record<HaRole, number>> = { active: 10, standby: 100 };

/** A device nobody says anything of is the only one. */
export function roleOf(ha: DesiredHa | undefined): HaRole {
  return ha?.role ?? 'active';
}

export function haStateOf(ha: DesiredHa | undefined): HaState {
  return roleOf(ha) === 'active' ? 'Active' : 'Standby';
}

/** It holds off: until its document says otherwise it carries and publishes nothing. */
export function isColdStandby(ha: DesiredHa | undefined): boolean {
  return ha?.type === 'cold_backup' && ha.role === 'standby';
}
