/**
 * What the cloud network permits in one era, as data: the rule text changed over the years, the code does not.
 */
import type { CcnArea } from '../../agent/model/area.ts';

export interface CcnPolicy {
  readonly era: string;
  /** Areas a SAG can be bought in; undefined means every area of the table. */
  readonly sagAreas?: readonly CcnArea[];
  /** Prefix lengths a CCN's CIDR may have. */
  readonly ccnPrefixLengthMin: number;
  readonly ccnPrefixLengthMax: number;
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
  sagAreas: ['Mainland China'],
  ccnPrefixLengthMin: 8,
  ccnPrefixLengthMax: 24,
  ccnCidrDefault: '192.168.0.0/16',
  ccnsMax: 10,
  sagsMax: 500,
  cidrsPerSagMax: 5,
};

/** The same rules with SAG sold in every area: for branches outside Mainland China. */
export const SOLD_EVERYWHERE: CcnPolicy = {
  era: '2018-seed, SAG sold everywhere',
  ccnPrefixLengthMin: SEED_2018.ccnPrefixLengthMin,
  ccnPrefixLengthMax: SEED_2018.ccnPrefixLengthMax,
  ccnCidrDefault: SEED_2018.ccnCidrDefault,
  ccnsMax: SEED_2018.ccnsMax,
  sagsMax: SEED_2018.sagsMax,
  cidrsPerSagMax: SEED_2018.cidrsPerSagMax,
};
