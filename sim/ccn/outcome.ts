/**
 * What the cloud network answers to a request: done, or refused with a stable code and one sentence.
 *
 * Codes with a published counterpart in the SmartAG API keep its spelling; the others are our own, because
 * the seed names the rule and no code for it.
 */
export type RefusalCode =
  /** A SAG and a CCN stand in different areas. */
  | 'AreaMismatch'
  /** The CEN or VPC stands in another CEN area than the CCN. */
  | 'CrossAreaNotSupported'
  /** Same CEN area, other CCN area: needs a bandwidth plan, which this policy era does not have. */
  | 'CcnAreaNotCovered'
  /** The era has plans, and there is none between the two areas. */
  | 'BandwidthPlanMissing'
  /** There is a plan, and nothing of it was given to this region. */
  | 'RegionNotConnected'
  /** The regions connected would have more than the plan. */
  | 'BandwidthPlanExceeded'
  /** The region is in the CCN's own area and needs no bandwidth. */
  | 'RegionCovered'
  | 'BandwidthInvalid'
  | 'AreaMissing'
  | 'AreaUnknown'
  | 'NameMissing'
  | 'RegionUnknown'
  | 'SagNotSoldInArea'
  | 'SagNotFound'
  | 'CcnNotFound'
  | 'CenNotFound'
  | 'VpcNotInCen'
  | 'IdInUse'
  | 'IdInvalid'
  | 'EraUnknown'
  /** The rules of another era would not fit what exists already. */
  | 'EraFixed'
  | 'AlreadyBound.CCN'
  | 'AlreadyBound.CEN'
  /** A CCN that shall go still has SAGs. */
  | 'AlreadyBound.SMARTAG'
  /** The serial number has been bought already. */
  | 'SAG.SnConflict'
  | 'NotBoundCCN'
  | 'NotBoundCEN'
  | 'CCN.InvalidCidr'
  | 'CCN.CidrInUse'
  | 'SAG.CidrOverlap'
  | 'SAG.InvalidCidr'
  | 'SAG.CidrOverLimit'
  /** Of what is ordered for one device. */
  | 'AddressInvalid'
  | 'DhcpInvalid'
  | 'HaInvalid'
  | 'HealthCheckInvalid'
  | 'HealthCheckInUse'
  | 'HealthCheckOverLimit'
  | 'LanPortOverLimit'
  | 'PolicyInvalid'
  /** It shall be taken back and was never given. */
  | 'OrderNotFound'
  | 'CCN.OverLimit'
  | 'SAG.OverLimit';

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly sentence: string;
}

export type Outcome<Value = undefined> = { readonly ok: true; readonly value: Value } | Refusal;

export function done(): Outcome {
  return { ok: true, value: undefined };
}

export function doneWith<Value>(value: Value): Outcome<Value> {
  return { ok: true, value };
}

export function refused(code: RefusalCode, sentence: string): Refusal {
  return { ok: false, code, sentence };
}
