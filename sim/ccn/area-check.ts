/**
 * The area check: which regions a CCN area reaches, and why not the others.
 *
 * Areas are compared through the table. A branch reaches the regions of its own CCN area with nothing more
 * to configure; another CCN area of the same CEN area and another CEN area are refused for different reasons.
 */
import { type CcnArea, rowOf, rowOfRegion } from '../../agent/model/area.ts';
import type { Coverage } from './nouns.ts';

export function coverageOf(ccnArea: CcnArea, regionId: string): Coverage {
  const row = rowOfRegion(regionId);
  const region = row?.regions.find((candidate) => candidate.id === regionId);
  if (row === undefined || region === undefined) {
    return {
      covered: false,
      code: 'RegionUnknown',
      sentence: `Region ${regionId} is in no CEN area of the table.`,
    };
  }
  if (row.ccnArea === ccnArea) return { covered: true, region };
  const cenArea = rowOf(ccnArea).cenArea;
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
