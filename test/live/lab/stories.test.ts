/**
 * A representative selection of the failover stories with each engine: what must hold is judged in the stories, and
 * here that they were told, that their reports are whole, and that nothing is left behind.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StoriesReport } from '../../../sim/lab/stories/stories-job.ts';
import { STORIES } from '../../../sim/lab/stories/story-table.ts';
import { needLab, processesWith, startMarked } from './marked-run.ts';

/** The selection takes about 20 s; a busy CI machine takes its time. */
const STORIES_MS_MAX = 240_000;

for (const engine of ['wireguard', 'ipsec']) {
  const short = STORIES.filter(
    ({ inShort, onlyFor = engine }) => inShort === true && onlyFor === engine,
  );
  test(
    `tunnels of ${engine} over two uplinks fail over as they must, each time with a whole report`,
    async (ctx) => {
      await needLab(ctx);
      const outDirectory = await mkdtemp(join(tmpdir(), 'lab-test-'));
      try {
        const argv = ['stories', '--short', '--engine', engine, '--out', outDirectory];
        const run = startMarked(argv);
        const code = await new Promise((resolve) => run.child.once('close', resolve));
        const text = await readFile(join(outDirectory, 'stories.json'), 'utf8');
        const report = JSON.parse(text) as StoriesReport;

        expect(report.failed).toEqual([]);
        expect(code).toBe(0);
        expect(report.stories.map(({ name }) => name)).toEqual(short.map(({ name }) => name));
        const moving = short.filter(({ expects }) => expects.kind !== 'settles');
        const untold = report.stories.filter(
          ({ name, changes }) => changes.length === 0 && moving.some((each) => each.name === name),
        );
        expect(untold.map(({ name }) => name)).toEqual([]);
        expect(await processesWith(run.mark)).toEqual([]);
      } finally {
        await rm(outDirectory, { recursive: true });
      }
    },
    STORIES_MS_MAX,
  );
}
