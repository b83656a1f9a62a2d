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
  | 'InUse'
  | 'AlreadyBound.CCN'
  | 'AlreadyBound.CEN'
  | 'NotBoundCCN'
  | 'NotBoundCEN'
  | 'CCN.InvalidCidr'
  | 'CCN.CidrInUse'
  | 'SAG.CidrOverlap'
  | 'SAG.InvalidCidr'
  | 'SAG.CidrOverLimit'
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
