/** What an operator orders of a running branch, on real parts, shown by real packets. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DocumentReport } from '../../../sim/lab/document-story.ts';
import { needLab, processesWith, startMarked } from './marked-run.ts';

/** The story takes about 25 s; a busy CI machine takes its time. */
const STORY_MS_MAX = 120_000;

test(
  'a branch is reached at what it publishes, does what its document orders, and undoes one that cuts it off',
  async (ctx) => {
    await needLab(ctx);
    const outDirectory = await mkdtemp(join(tmpdir(), 'lab-test-'));
    try {
      const run = startMarked(['demo', '--script', 'document', '--out', outDirectory]);
      const code = await new Promise((resolve) => run.child.once('close', resolve));
      const text = await readFile(join(outDirectory, 'document.json'), 'utf8');
      const report = JSON.parse(text) as DocumentReport & { readonly troubles: readonly string[] };

      expect(report.failed).toEqual([]);
      expect(report.troubles).toEqual([]);
      expect(code).toBe(0);
      expect(await processesWith(run.mark)).toEqual([]);
    } finally {
      await rm(outDirectory, { recursive: true });
    }
  },
  STORY_MS_MAX,
);
