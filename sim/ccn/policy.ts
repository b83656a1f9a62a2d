/**
 * What the cloud network permits in one era, as data: the rule text changed over the years, the code does not.
 */
import { AREAS_2018, AREAS_2021, type AreaRow, type CcnArea } from '../../agent/model/area.ts';

export type Era = '2018-seed' | '2021';

export interface CcnPolicy {
  readonly era: Era;
  readonly areas: readonly AreaRow[];
  /** What it takes to reach another area: nothing helps, or bandwidth bought for it. */
  readonly crossArea: 'not-supported' | 'bandwidth-plan';
  /** Areas a SAG can be bought in; undefined means every area of the table. */
  readonly sagAreas?: readonly CcnArea[];
  /** Longest prefix a SAG's own CIDR may have; the shortest is the CCN's. */
  readonly sagPrefixLengthMax: number;
  /** Prefix lengths a CCN's CIDR may have. */
  readonly ccnPrefixLengthMin: number;
  readonly ccnPrefixLengthMax: number;
  /** Longest prefix of the SNAT CIDR, which lies inside the CCN's. */
  readonly snatPrefixLengthMax: number;
  /** CIDR of a CCN that names none. */
  readonly ccnCidrDefault: string;
  /** Quotas of an account. */
  readonly ccnsMax: number;
  readonly sagsMax: number;
  readonly cidrsPerSagMax: number;
}

/** The Cloud Connect Network page of 2018, with the quotas and address rules of the nearest documents. */
export const SEED_2018: CcnPolicy = {
  era: '2018-seed',
  areas: AREAS_2018,
  crossArea: 'not-supported',
  sagAreas: ['Mainland China'],
  sagPrefixLengthMax: 31,
  ccnPrefixLengthMin: 8,
  ccnPrefixLengthMax: 24,
  snatPrefixLengthMax: 30,
  ccnCidrDefault: '192.168.0.0/16',
  ccnsMax: 10,
  sagsMax: 500,
  cidrsPerSagMax: 5,
};

const { sagAreas: _onlyMainland, ...anywhere } = SEED_2018;

/** The same rules with SAG sold in every area: for branches outside Mainland China. */
export const SOLD_EVERYWHERE: CcnPolicy = anywhere;

/** Introduction to CCN and Cross-region access to VPC, 2021. */
export const POLICY_2021: CcnPolicy = {
  ...anywhere,
  era: '2021',
  areas: AREAS_2021,
  crossArea: 'bandwidth-plan',
  sagPrefixLengthMax: 32,
};

export const POLICIES: Readonly<Record<Era, CcnPolicy>> = {
  '2018-seed': SEED_2018,
  '2021': POLICY_2021,
};

export function isEra(text: string): text is Era {
  return Object.hasOwn(POLICIES, text);
}
