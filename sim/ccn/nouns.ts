/**
 * The instances of the cloud side: SAG, CCN, CEN and VPC, as plain data.
 */
import type { CcnArea, CenArea, Region } from '../../agent/model/area.ts';
import type { DesiredDocument } from '../../agent/model/desired.ts';
import type { CcnPolicy } from './policy.ts';

/** The cloud-side image of one branch device. */
export interface SagInstance {
  readonly serialNumber: string;
  readonly area: CcnArea;
  /** LAN prefixes of the branch. */
  readonly cidrs: readonly string[];
  readonly ccnId?: string;
  /** What an operator has set of the device itself. */
  readonly orders?: SagOrders;
}

export type SagOrders = Pick<DesiredDocument, 'routes' | 'lan' | 'ha' | 'healthChecks'>;

export interface CcnInstance {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly area: CcnArea;
  readonly cidrBlock: string;
  readonly snatCidrBlock?: string;
  readonly cenId?: string;
}

export interface Vpc {
  readonly id: string;
  readonly regionId: string;
  readonly cidr: string;
}

export interface CenInstance {
  readonly id: string;
  readonly name: string;
  readonly vpcs: readonly Vpc[];
  readonly plans: readonly BandwidthPlan[];
  readonly connections: readonly RegionConnection[];
}

export type AreaPair = readonly [CenArea, CenArea];

/** Bandwidth bought between two CEN areas, or within one; at most one plan a pair. */
export interface BandwidthPlan {
  readonly areas: AreaPair;
  readonly mbps: number;
}

/** What one CCN was given of a plan, to reach one region. */
export interface RegionConnection {
  readonly ccnId: string;
  readonly regionId: string;
  readonly mbps: number;
}

/** One hop of SAG → CCN → CEN → VPC that is not there. */
export type MissingLink = 'SAG' | 'SAG→CCN' | 'CCN→CEN' | 'CEN→VPC' | 'area';

/** What the area table says of one VPC as seen from one CCN. */
export type Coverage =
  | { readonly covered: true; readonly region: Region }
  | { readonly covered: false; readonly code: CoverageCode; readonly sentence: string };

export type CoverageCode =
  | 'CrossAreaNotSupported'
  | 'CcnAreaNotCovered'
  | 'RegionUnknown'
  | 'BandwidthPlanMissing'
  | 'RegionNotConnected';

/** What the rules may look at; they never change anything. */
export interface NetworkView {
  readonly policy: CcnPolicy;
  sag(serialNumber: string): SagInstance | undefined;
  ccn(id: string): CcnInstance | undefined;
  cen(id: string): CenInstance | undefined;
  sags(): readonly SagInstance[];
  ccns(): readonly CcnInstance[];
  cens(): readonly CenInstance[];
  sagsOf(ccnId: string): readonly SagInstance[];
  ccnsOf(cenId: string): readonly CcnInstance[];
}
