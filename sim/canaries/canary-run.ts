/**
 * Lets every planted bug loose and sees which seed finds it, as the rows of a table.
 */
import type { SeedOutcome } from '../world/seed-outcome.ts';
import { runSeeds } from '../world/seed-pool.ts';
import { CANARIES, type Canary, type CanaryName } from './canaries.ts';

/** A run that needs more seeds than this to find a planted bug would not find one that is not planted. */
export const CANARY_SEEDS_MAX = 500;

/** The seed that found it when somebody last looked, or the first that does so now. */
export async function findCanary(canary: CanaryName): Promise<SeedOutcome | undefined> {
  const { foundBy } = CANARIES[canary];
  const again = await runSeeds({ seeds: 1, from: foundBy, canary });
  return again.failed ?? (await firstToFind(canary));
}

async function firstToFind(canary: CanaryName): Promise<SeedOutcome | undefined> {
  return (await runSeeds({ seeds: CANARY_SEEDS_MAX, from: 1, canary })).failed;
}

const HEAD = '| canary | in | what a branch with it would do | seed | what gives it away |';

/** Says a line for each; answers with how many were not found. */
export async function runCanaries(say: (line: string) => void): Promise<number> {
  say(`${HEAD}\n| --- | --- | --- | --- | --- |`);
  let missed = 0;
  for (const [name, { file, bug }] of Object.entries<Canary>(CANARIES)) {
    const failed = await firstToFind(name as CanaryName);
    if (failed === undefined) missed += 1;
    const found = failed === undefined ? 'none' : String(failed.seed);
    const [sentence = ''] = failed?.failure?.split(/[;\n]/) ?? [];
    say(`| \`${name}\` | \`${file}\` | ${bug} | ${found} | ${sentence} |`);
  }
  return missed;
}
