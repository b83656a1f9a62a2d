/**
 * What must hold before a SAG, a CEN or a VPC is bound: areas first, then who is bound already, then addresses.
 *
 * The area comes first so that a request that can never work is told so, rather than "already bound".
 */
import { rowOfRegion } from '../../agent/model/area.ts';
import { areaCoverage, coverageOf } from './area-check.ts';
import { overlaps, parseCidr } from './cidr.ts';
import type { CcnInstance, CenInstance, NetworkView, SagInstance, Vpc } from './nouns.ts';
import { type Refusal, refused } from './outcome.ts';

export function checkBindSag(
  network: NetworkView,
  sag: SagInstance,
  ccn: CcnInstance,
): Refusal | undefined {
  if (sag.area !== ccn.area) {
    return refused(
      'AreaMismatch',
      `SAG ${sag.serialNumber} is of area ${sag.area}, CCN ${ccn.id} of area ${ccn.area}: they must be the same.`,
    );
  }
  if (sag.ccnId !== undefined) {
    return refused(
      'AlreadyBound.CCN',
      `SAG ${sag.serialNumber} is already bound to CCN ${sag.ccnId}.`,
    );
  }
  for (const other of network.sagsOf(ccn.id)) {
    const clash = firstOverlap(sag.cidrs, other.cidrs);
    if (clash !== undefined) {
      return refused(
        'SAG.CidrOverlap',
        `${clash.a} of SAG ${sag.serialNumber} overlaps ${clash.b} of SAG ${other.serialNumber}.`,
      );
    }
  }
  const cen = ccn.cenId === undefined ? undefined : network.cen(ccn.cenId);
  return cen === undefined ? undefined : clashWithVpcs(network, ccn, cen, sag.cidrs);
}

/**
 * Where areas may not be crossed, a CEN whose VPCs all lie in other CEN areas is refused; one that holds none yet
 * is not.
 */
export function checkBindCen(
  network: NetworkView,
  ccn: CcnInstance,
  cen: CenInstance,
): Refusal | undefined {
  const coverages = cen.vpcs.map((vpc) => areaCoverage(network.policy, ccn.area, vpc.regionId));
  const foreign = coverages.filter(
    (coverage) => !coverage.covered && coverage.code === 'CrossAreaNotSupported',
  );
  const [first] = foreign;
  if (first?.covered === false && foreign.length === cen.vpcs.length) {
    return refused('CrossAreaNotSupported', first.sentence);
  }
  if (ccn.cenId !== undefined) {
    return refused('AlreadyBound.CEN', `CCN ${ccn.id} is already bound to CEN ${ccn.cenId}.`);
  }
  return clashWithVpcs(network, ccn, cen, cidrsOf(network, ccn));
}

export function checkVpc(network: NetworkView, cen: CenInstance, vpc: Vpc): Refusal | undefined {
  const cidr = parseCidr(vpc.cidr);
  if (cidr === undefined) {
    return refused('CCN.InvalidCidr', `${vpc.cidr} is not an IPv4 prefix.`);
  }
  const everyVpc = network.cens().flatMap((each) => each.vpcs);
  if (everyVpc.some((other) => other.id === vpc.id)) {
    return refused('IdInUse', `VPC ${vpc.id} is attached already.`);
  }
  const { areas, era } = network.policy;
  if (rowOfRegion(areas, vpc.regionId) === undefined) {
    return refused('RegionUnknown', `Region ${vpc.regionId} is in no CEN area of ${era}.`);
  }
  const clash = firstOverlap(
    [vpc.cidr],
    cen.vpcs.map((other) => other.cidr),
  );
  if (clash !== undefined) {
    return refused('CCN.CidrInUse', `${clash.a} overlaps ${clash.b} in CEN ${cen.id}.`);
  }
  return clashInCen(network, { ...cen, vpcs: [vpc] });
}

/** The first clash between the addresses of a CCN of this CEN and a VPC it publishes. */
export function clashInCen(network: NetworkView, cen: CenInstance): Refusal | undefined {
  for (const ccn of network.ccnsOf(cen.id)) {
    const inUse = clashWithVpcs(network, ccn, cen, cidrsOf(network, ccn));
    if (inUse !== undefined) return inUse;
  }
  return undefined;
}

/** The addresses a CCN stands for: its own block and the ranges of its SAGs. */
function cidrsOf(network: NetworkView, ccn: CcnInstance): readonly string[] {
  return [ccn.cidrBlock, ...network.sagsOf(ccn.id).flatMap((sag) => sag.cidrs)];
}

/** Only VPCs this CCN would publish count: the others never meet its addresses. */
function clashWithVpcs(
  { policy }: NetworkView,
  ccn: CcnInstance,
  cen: CenInstance,
  cidrs: readonly string[],
): Refusal | undefined {
  const published = cen.vpcs.filter((vpc) => coverageOf(policy, ccn, cen, vpc.regionId).covered);
  const clash = firstOverlap(
    cidrs,
    published.map((vpc) => vpc.cidr),
  );
  return clash === undefined
    ? undefined
    : refused('CCN.CidrInUse', `${clash.a} of CCN ${ccn.id} overlaps the VPC prefix ${clash.b}.`);
}

function firstOverlap(
  left: readonly string[],
  right: readonly string[],
): { readonly a: string; readonly b: string } | undefined {
  for (const a of left) {
    for (const b of right) {
      const one = parseCidr(a);
      const other = parseCidr(b);
      if (one !== undefined && other !== undefined && overlaps(one, other)) return { a, b };
    }
  }
  return undefined;
}
