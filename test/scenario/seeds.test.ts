import { expect, it } from 'vitest';
import { replay } from '../../sim/world/replay.ts';
import { runSeeds } from '../../sim/world/seed-pool.ts';

const SEEDS = 20;
it(`${SEEDS} seeds of faults break no promise, and all converge`, async () => {
  const { done, failed } = await runSeeds({ seeds: SEEDS, from: 1 });
  expect({ done, failed }).toEqual({ done: SEEDS, failed: undefined });
}, 300_000);

const SEEDS_TWICE = 10;
it(`${SEEDS_TWICE} seeds lived twice give the same transcripts, byte for byte`, async () => {
  const { done, failed } = await runSeeds({ seeds: SEEDS_TWICE, from: 4_711, twice: true });
  expect({ done, failed }).toEqual({ done: SEEDS_TWICE, failed: undefined });
}, 300_000);

it('a replay can stop early and be drawn', async () => {
  const text = await replay(4_711, { untilMs: 3_000 });
  expect(text.length).toBeLessThan((await replay(4_711)).length);
  expect(await replay(4_711, { untilMs: 3_000, format: 'mermaid' })).toMatch(/^sequenceDiagram/);
});

it('every drawn value stands in the transcript', async () => {
  const text = await replay(4_711, { untilMs: 1 });
  expect(text).toContain('seed=4711');
  expect(text).toMatch(/fault at [\d.]+ ms: /);
});
