/**
 * The scores of the last time each area was measured, in a file beside this one and as a table in the docs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { AREAS, type AreaName } from './areas.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type AreaScore, type Scored, tableOf } from './score.ts';

const KEPT = 'test/mutation/scores.json';
const DOCS = 'docs/TESTING.md';
/** The table stands between these two lines. */
const BEGIN = '<!-- written by make mutation KEEP=1 -->';
const END = '<!-- end of what is written -->';

export interface KeptScore extends Scored {
  /** Of everything it depends on, when it was measured. */
  readonly fingerprint: string;
}

export function readKept(): readonly KeptScore[] {
  return JSON.parse(readFileSync(KEPT, 'utf8')) as KeptScore[];
}

/** Undefined when the area was never measured, or depends on anything that has changed since. */
export function stillTrue(area: AreaName): KeptScore | undefined {
  const kept = readKept().find((each) => each.area === area);
  return kept?.fingerprint === fingerprintNow(area) ? kept : undefined;
}

/** Puts them into the places of those that were measured before. */
export function keep(scores: readonly AreaScore[]): void {
  const fresh = scores.map(keptOf);
  const former = readKept();
  const kept = Object.keys(AREAS).flatMap((area) => {
    const isMeant = (each: KeptScore): boolean => each.area === area;
    return fresh.find(isMeant) ?? former.find(isMeant) ?? [];
  });
  writeFileSync(KEPT, `${JSON.stringify(kept, undefined, 2)}\n`);
  writeFileSync(DOCS, withTable(readFileSync(DOCS, 'utf8'), kept));
}

function keptOf(measured: AreaScore): KeptScore {
  const { survivors: _survivors, ...score } = measured;
  return { ...score, fingerprint: fingerprintNow(score.area as AreaName) };
}

/** The docs with the table of these scores in its place. */
export function withTable(docs: string, scores: readonly Scored[]): string {
  const [before, after] = [docs.indexOf(BEGIN) + BEGIN.length, docs.indexOf(END)];
  return `${docs.slice(0, before)}\n\n${tableOf(scores)}\n\n${docs.slice(after)}`;
}

function fingerprintNow(area: AreaName): string {
  return fingerprintOf(AREAS[area], (path) => readFileSync(path, 'utf8'));
}
