/**
 * The instances of the cloud side: SAG, CCN, CEN and VPC, as plain data.
 */
import type { CcnArea, Region } from '../../agent/model/area.ts';

/** The cloud-side image of one branch device. */
export interface SagInstance {
  readonly serialNumber: string;
  readonly area: CcnArea;
  /** LAN prefixes of the branch. */
  readonly cidrs: readonly string[];
  readonly ccnId?: string;
}

export interface CcnInstance {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly area: CcnArea;
  readonly cidrBlock: string;
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
}

/** One hop of SAG → CCN → CEN → VPC that is not there. */
export type MissingLink = 'SAG' | 'SAG→CCN' | 'CCN→CEN' | 'CEN→VPC' | 'area';

/** What the area table says of one VPC as seen from one CCN. */
export type Coverage =
  | { readonly covered: true; readonly region: Region }
  | { readonly covered: false; readonly code: CoverageCode; readonly sentence: string };

export type CoverageCode = 'CrossAreaNotSupported' | 'CcnAreaNotCovered' | 'RegionUnknown';

/** What the rules may look at; they never change anything. */
export interface NetworkView {
  sag(serialNumber: string): SagInstance | undefined;
  ccn(id: string): CcnInstance | undefined;
  cen(id: string): CenInstance | undefined;
  cens(): readonly CenInstance[];
  sagsOf(ccnId: string): readonly SagInstance[];
  ccnsOf(cenId: string): readonly CcnInstance[];
}
