/**
 * The area check: which regions a CCN reaches, and why not the others.
 *
 * Areas are compared through the table of the era. A branch reaches the regions of its own CCN area with nothing
 * more to configure. For the others the era decides: refused, or open to whoever bought bandwidth between the two
 * areas and gave some of it to this region.
 */
import { type CcnArea, type CenArea, rowOf, rowOfRegion } from '../../agent/model/area.ts';
import type { AreaPair, CcnInstance, CenInstance, Coverage } from './nouns.ts';
import type { CcnPolicy } from './policy.ts';

/** What the table alone says, before any bandwidth was bought. */
export function areaCoverage(policy: CcnPolicy, ccnArea: CcnArea, regionId: string): Coverage {
  const row = rowOfRegion(policy.areas, regionId);
  const region = row?.regions.find((candidate) => candidate.id === regionId);
  if (row === undefined || region === undefined) {
    const sentence = `Region ${regionId} is in no CEN area of the table of ${policy.era}.`;
    return { covered: false, code: 'RegionUnknown', sentence };
  }
  if (row.ccnArea === ccnArea) return { covered: true, region };
  const cenArea = cenAreaOf(policy, ccnArea);
  if (policy.crossArea === 'bandwidth-plan') {
    return {
      covered: false,
      code: 'BandwidthPlanMissing',
      sentence: `${region.name} is outside CCN area ${ccnArea}: it takes a bandwidth plan between ${cenArea} and ${row.cenArea} and a connection to ${regionId}.`,
    };
  }
  if (row.cenArea === cenArea) {
    return {
      covered: false,
      code: 'CcnAreaNotCovered',
      sentence: `${region.name} lies in CEN area ${cenArea} like this CCN, but in CCN area ${row.ccnArea}, not ${ccnArea}: a CCN area reaches only its own regions.`,
    };
  }
  return {
    covered: false,
    code: 'CrossAreaNotSupported',
    sentence: `${region.name} lies in CEN area ${row.cenArea}; a CCN of area ${ccnArea} reaches CEN area ${cenArea} only.`,
  };
}

/** What holds for one CCN in one CEN, bandwidth included. */
export function coverageOf(
  policy: CcnPolicy,
  ccn: CcnInstance,
  cen: CenInstance,
  regionId: string,
): Coverage {
  const byArea = areaCoverage(policy, ccn.area, regionId);
  if (byArea.covered || byArea.code !== 'BandwidthPlanMissing') return byArea;
  const pair = pairOf(policy, ccn.area, regionId);
  const plan = pair && cen.plans.find(({ areas }) => isSamePair(areas, pair));
  const region = rowOfRegion(policy.areas, regionId)?.regions.find(({ id }) => id === regionId);
  if (plan === undefined || region === undefined) return byArea;
  const connected = cen.connections.some(
    (connection) => connection.ccnId === ccn.id && connection.regionId === regionId,
  );
  if (connected) return { covered: true, region };
  const sentence = `The plan ${plan.areas.join(' - ')} of CEN ${cen.id} gives no bandwidth to ${regionId} for CCN ${ccn.id}.`;
  return { covered: false, code: 'RegionNotConnected', sentence };
}

/** The two CEN areas a connection between the CCN area and the region joins. */
export function pairOf(
  policy: CcnPolicy,
  ccnArea: CcnArea,
  regionId: string,
): AreaPair | undefined {
  const from = cenAreaOf(policy, ccnArea);
  const to = rowOfRegion(policy.areas, regionId)?.cenArea;
  return from === undefined || to === undefined ? undefined : [from, to];
}

export function isSamePair(a: AreaPair, b: AreaPair): boolean {
  return (a[0] === b[0] && a[1] === b[1]) || (a[0] === b[1] && a[1] === b[0]);
}

function cenAreaOf(policy: CcnPolicy, ccnArea: CcnArea): CenArea | undefined {
  return rowOf(policy.areas, ccnArea)?.cenArea;
}
