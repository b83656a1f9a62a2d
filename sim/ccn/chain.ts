/**
 * The chain SAG → CCN → CEN → VPC of one branch, hop by hop, with the first link that is missing and the command
 * that would make it.
 *
 * Of the support cases that Alibaba reviewed in 2026, 11.4 % were an incomplete chain: it deserves one view.
 */
import { coverageOf } from './area-check.ts';
import type { ReachView } from './network-door.ts';
import type { CcnInstance, CenInstance, Coverage, MissingLink, SagInstance, Vpc } from './nouns.ts';

export interface Chain {
  readonly sag?: SagInstance;
  readonly ccn?: CcnInstance;
  readonly cen?: CenInstance;
  readonly vpcs: readonly { readonly vpc: Vpc; readonly coverage: Coverage }[];
  readonly missing?: MissingHop;
}

export interface MissingHop {
  readonly link: MissingLink;
  readonly code: string;
  readonly sentence: string;
  /** What an operator does about it. */
  readonly next: string;
}

export function chainOf(network: ReachView, serialNumber: string): Chain {
  const sag = network.sag(serialNumber);
  if (sag === undefined) {
    const sentence = `No SAG ${serialNumber} was bought.`;
    const next = `sag-sim sag buy ${serialNumber} --area AREA --cidr PREFIX`;
    return { vpcs: [], missing: { link: 'SAG', code: 'SagNotFound', sentence, next } };
  }
  const ccn = sag.ccnId === undefined ? undefined : network.ccn(sag.ccnId);
  if (ccn === undefined) {
    const sentence = `SAG ${serialNumber} is bound to no CCN.`;
    const next = `sag-sim ccn bind-sag CCN ${serialNumber}`;
    return { sag, vpcs: [], missing: { link: 'SAG→CCN', code: 'NotBoundCCN', sentence, next } };
  }
  const cen = ccn.cenId === undefined ? undefined : network.cen(ccn.cenId);
  if (cen === undefined) {
    const sentence = `CCN ${ccn.id} is bound to no CEN.`;
    const next = `sag-sim ccn bind-cen ${ccn.id} CEN`;
    return {
      sag,
      ccn,
      vpcs: [],
      missing: { link: 'CCN→CEN', code: 'NotBoundCEN', sentence, next },
    };
  }
  const vpcs = cen.vpcs.map((vpc) => ({
    vpc,
    coverage: coverageOf(network.policy, ccn, cen, vpc.regionId),
  }));
  const missing = missingVpc(ccn, cen, vpcs);
  return { sag, ccn, cen, vpcs, ...(missing === undefined ? {} : { missing }) };
}

/** The chain ends somewhere as soon as one VPC is covered. */
function missingVpc(
  ccn: CcnInstance,
  cen: CenInstance,
  vpcs: Chain['vpcs'],
): MissingHop | undefined {
  const [first] = vpcs;
  if (first === undefined) {
    const sentence = `CEN ${cen.id} holds no VPC.`;
    const next = `sag-sim cen attach-vpc ${cen.id} VPC --region REGION --cidr PREFIX`;
    return { link: 'CEN→VPC', code: 'VpcNotInCen', sentence, next };
  }
  const refusals = vpcs.flatMap(({ coverage }) => (coverage.covered ? [] : [coverage]));
  const [refusal] = refusals;
  if (refusal === undefined || refusals.length < vpcs.length) return undefined;
  const { code, sentence } = refusal;
  const region = first.vpc.regionId;
  const next = {
    CrossAreaNotSupported:
      'attach a VPC of the CCN area itself: sag-sim ccn areas lists its regions',
    CcnAreaNotCovered: 'attach a VPC of the CCN area itself: sag-sim ccn areas lists its regions',
    RegionUnknown: 'attach a VPC of a region of the table: sag-sim ccn areas',
    BandwidthPlanMissing: `sag-sim cen buy-plan ${cen.id} AREA AREA --mbps N`,
    RegionNotConnected: `sag-sim cen connect ${cen.id} ${ccn.id} ${region} --mbps N`,
  }[code];
  return { link: 'area', code, sentence, next };
}
