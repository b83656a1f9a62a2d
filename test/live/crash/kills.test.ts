/** The real agent is killed at random moments, and its files are damaged: nothing acknowledged is lost, and it starts. */
import { expect, test } from 'vitest';
import { runMutants } from '../../crash/mutants.ts';
import { runCrash } from '../../crash/run.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';

const ignore = (): void => undefined;

test('a store on a damaged file opens, believes nothing that was never put, and is sound at the next start', async () => {
  const report = await runMutants({ mutants: 300, seed: 1, onProgress: ignore });
  expect(report).toMatchObject({ mutants: 300, unopened: 0, believed: 0, loops: 0 });
  expect(report.quarantined).toBeGreaterThan(0);
});

test('an agent killed under link churn, with its gateway, loses no event that was on its disk', async (ctx) => {
  const missing = netnsMissing();
  if (missing !== undefined && process.env['CI'] === undefined) return ctx.skip(missing);
  const report = await runCrash({ kills: 8, seed: 1, msMax: 12_000, onProgress: ignore });
  expect(report).toMatchObject({ lost: [], corrupt: [], doubled: 0 });
  expect(report.kills).toBeGreaterThan(0);
  expect(report.stored).toBeGreaterThan(0);
}, 150_000);
