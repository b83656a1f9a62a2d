/**
 * Whether a branch reaches a VPC: the chain SAG → CCN → CEN → VPC, walked from the branch, naming the first
 * link that is missing.
 */
import { coverageOf } from './area-check.ts';
import type { MissingLink, NetworkView, Vpc } from './nouns.ts';
import type { RefusalCode } from './outcome.ts';

export type Reach =
  | { readonly reachable: true; readonly vpc: Vpc; readonly ccnId: string; readonly cenId: string }
  | {
      readonly reachable: false;
      readonly missing: MissingLink;
      readonly code: RefusalCode;
      readonly sentence: string;
    };

export function reach(network: NetworkView, serialNumber: string, vpcCidr: string): Reach {
  const sag = network.sag(serialNumber);
  if (sag === undefined) {
    return missing('SAG', 'SagNotFound', `There is no SAG ${serialNumber}.`);
  }
  const ccn = sag.ccnId === undefined ? undefined : network.ccn(sag.ccnId);
  if (ccn === undefined) {
    return missing('SAG→CCN', 'NotBoundCCN', `SAG ${serialNumber} is bound to no CCN.`);
  }
  const cen = ccn.cenId === undefined ? undefined : network.cen(ccn.cenId);
  if (cen === undefined) {
    return missing('CCN→CEN', 'NotBoundCEN', `CCN ${ccn.id} is bound to no CEN.`);
  }
  const vpc = cen.vpcs.find((candidate) => candidate.cidr === vpcCidr);
  if (vpc === undefined) {
    return missing('CEN→VPC', 'VpcNotInCen', `CEN ${cen.id} holds no VPC with ${vpcCidr}.`);
  }
  const coverage = coverageOf(network.policy, ccn, cen, vpc.regionId);
  if (!coverage.covered) return missing('area', coverage.code, coverage.sentence);
  return { reachable: true, vpc, ccnId: ccn.id, cenId: cen.id };
}

/** Every VPC the branch reaches, in the order the CEN holds them. */
export function reachableVpcs(network: NetworkView, serialNumber: string): readonly Vpc[] {
  const ccnId = network.sag(serialNumber)?.ccnId;
  const ccn = ccnId === undefined ? undefined : network.ccn(ccnId);
  const cen = ccn?.cenId === undefined ? undefined : network.cen(ccn.cenId);
  if (ccn === undefined || cen === undefined) return [];
  return cen.vpcs.filter((vpc) => coverageOf(network.policy, ccn, cen, vpc.regionId).covered);
}

function missing(link: MissingLink, code: RefusalCode, sentence: string): Reach {
  return { reachable: false, missing: link, code, sentence };
}
