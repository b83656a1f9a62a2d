/**
 * `sag-sim ccn`: the area table, and whether a CCN area reaches a region.
 */
import { AREAS, isCcnArea } from '../../agent/model/area.ts';
import { coverageOf } from '../ccn/area-check.ts';

const USAGE = `usage: sag-sim ccn areas
       sag-sim ccn check AREA REGION     such as: sag-sim ccn check "Mainland China" eu-central-1`;

/** Exits 0 when covered, 1 when not, 2 when the question makes no sense. */
export async function runCcnCommand(argv: readonly string[]): Promise<number> {
  const [what, area = '', region = '', ...rest] = argv;
  if (what === 'areas' && argv.length === 1) {
    for (const { ccnArea, cenArea, regions } of AREAS)
      console.log(`${ccnArea} | CEN area ${cenArea} | ${regions.map(({ id }) => id).join(' ')}`);
    return 0;
  }
  if (what !== 'check' || region === '' || rest.length > 0) {
    console.error(USAGE);
    return 2;
  }
  if (!isCcnArea(area)) {
    console.error(`sag-sim ccn: AreaUnknown: ${area} is not a CCN area; see: sag-sim ccn areas`);
    return 2;
  }
  const coverage = coverageOf(area, region);
  console.log(
    coverage.covered
      ? `covered: ${coverage.region.name}`
      : `${coverage.code}: ${coverage.sentence}`,
  );
  return coverage.covered ? 0 : 1;
}
