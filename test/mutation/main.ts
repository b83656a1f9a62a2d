/**
 * `node test/mutation/main.ts [--area bfd,choice] [--changed] [--keep]`: changes the safety core in thousands of small
 * ways and asks its tests whether they notice.
 *
 * `--changed` measures no area again that depends on nothing that has changed since its score was kept; `--keep` keeps
 * what was measured.
 *
 * Exit status 0: each area scores at least what it must. 1: one does not, or could not be run. 2: the arguments make
 * no sense.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { LogLevel, MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { AREAS, type AreaName } from './areas.ts';
import { keep, stillTrue } from './kept-scores.ts';
import { AREA_VARIABLE, RUNNER } from './runner.ts';
import { type AreaScore, type Scored, scoreOf, survivorLine, tableOf } from './score.ts';

/** Of a hundred mistakes planted in an area, its tests find at least this many. */
const SCORE_MIN = 80;
const OUT = 'out/mutation.json';
const SANDBOX = 'out/mutation';
/** Nothing the unit tests of the core read. */
const NOT_COPIED = [
  'out',
  'docs',
  'bench',
  'deploy',
  'test/live',
  'test/guest',
  'test/fuzz/corpus',
];
/** The runner knows by itself when a mutant hangs; Stryker's clock is for a runner that hangs. */
const RUNNER_HANGS_MS = 600_000;

const { values } = parseArgs({
  options: {
    area: { type: 'string' },
    survivors: { type: 'boolean', default: false },
    changed: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function mutated(area: AreaName): Promise<readonly MutantResult[]> {
  process.env[AREA_VARIABLE] = area;
  const stryker = new Stryker({
    mutate: [...AREAS[area].files],
    plugins: [new URL('runner.ts', import.meta.url).pathname],
    testRunner: RUNNER,
    testRunnerNodeArgs: ['--disable-warning=ExperimentalWarning'],
    coverageAnalysis: 'perTest',
    concurrency: 2,
    timeoutMS: RUNNER_HANGS_MS,
    reporters: [],
    tempDirName: SANDBOX,
    ignorePatterns: NOT_COPIED,
    logLevel: 'error' as LogLevel,
    allowConsoleColors: false,
  });
  return stryker.runMutationTest();
}

async function measured(area: AreaName): Promise<AreaScore> {
  const startMs = performance.now();
  const mutants = await mutated(area);
  const score = scoreOf(area, mutants, (file) => relative(process.cwd(), file));
  const tookS = Math.round((performance.now() - startMs) / 1_000);
  say(`${area}: ${score.score.toFixed(1)} of ${mutants.length} mutants in ${tookS} s`);
  if (values.survivors) for (const each of score.survivors) say(`  ${survivorLine(each)}`);
  return score;
}

async function main(areas: readonly AreaName[]): Promise<number> {
  const scores: Scored[] = [];
  const fresh: AreaScore[] = [];
  for (const area of areas) {
    const kept = values.changed ? stillTrue(area) : undefined;
    if (kept !== undefined) {
      say(`${area}: ${kept.score.toFixed(1)} as before: nothing it depends on has changed`);
      scores.push(kept);
      continue;
    }
    const score = await measured(area);
    fresh.push(score);
    scores.push(score);
  }
  mkdirSync('out', { recursive: true });
  writeFileSync(OUT, `${JSON.stringify({ scoreMin: SCORE_MIN, areas: fresh }, undefined, 2)}\n`);
  say(`\n${tableOf(scores)}\n\n${OUT} has every mutant that nobody noticed`);
  if (values.keep) keep(fresh);
  const low = scores.filter(({ score }) => score < SCORE_MIN);
  for (const { area, score } of low)
    say(`EMUTATION: ${area} is at ${score.toFixed(1)}, below ${SCORE_MIN}`);
  return low.length === 0 ? 0 : 1;
}

/** Undefined when one of them is none. */
function areasOf(text: string | undefined): readonly AreaName[] | undefined {
  const known = Object.keys(AREAS) as AreaName[];
  const wanted = text?.split(/[ ,]+/) ?? known;
  const found = known.filter((area) => wanted.includes(area));
  return found.length === wanted.length ? found : undefined;
}

const areas = areasOf(values.area);
if (areas === undefined) {
  process.stderr.write(`mutation: EARGUMENT: the areas are ${Object.keys(AREAS).join(', ')}\n`);
  process.exitCode = 2;
} else process.exitCode = await main(areas);
