/**
 * Writes what the failover stories measured into docs/ENGINES.md: `node tools/stories-table.ts FILE…`, each a
 * `stories.json` of one engine; of a story that several of them tell the last one counts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StoriesReport } from '../sim/lab/stories/stories-job.ts';
import type { StoryResult } from '../sim/lab/stories/story-run.ts';
import { STORIES } from '../sim/lab/stories/story-table.ts';

const PAGE = fileURLToPath(new URL('../docs/ENGINES.md', import.meta.url));
const MARKS = { begin: '<!-- stories: begin -->', end: '<!-- stories: end -->' };

function main(files: readonly string[]): number {
  const told = new Map<string, Map<string, StoryResult>>();
  for (const file of files) {
    const report = JSON.parse(readFileSync(file, 'utf8')) as StoriesReport;
    const ofEngine = told.get(report.engine) ?? new Map<string, StoryResult>();
    for (const story of report.stories) ofEngine.set(story.name, story);
    told.set(report.engine, ofEngine);
  }
  if (told.size === 0) {
    process.stderr.write('usage: node tools/stories-table.ts FILE…\n');
    return 2;
  }
  const page = readFileSync(PAGE, 'utf8');
  const [before = '', rest = ''] = page.split(MARKS.begin);
  const [, after = ''] = rest.split(MARKS.end);
  const text = `${before}${MARKS.begin}\n${tableOf(told)}\n${MARKS.end}${after}`;
  writeFileSync(PAGE, text);
  return 0;
}

function tableOf(told: ReadonlyMap<string, ReadonlyMap<string, StoryResult>>): string {
  const engines = [...told.keys()];
  const names = STORIES.map(({ name }) => name).filter((name) =>
    engines.some((engine) => told.get(engine)?.has(name)),
  );
  const head = ['Story', ...engines.flatMap((engine) => [`${engine}: outage`, 'moved by (rule)'])];
  const rows = names.map((name) => [
    name,
    ...engines.flatMap((engine) => cellsOf(told.get(engine)?.get(name))),
  ]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cellsOf(story: StoryResult | undefined): readonly string[] {
  if (story === undefined) return ['', ''];
  const { outageMs, changes, failed } = story;
  const [first, ...others] = changes;
  const held = failed.length === 0 ? '' : ' (did not hold)';
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const move = first === undefined ? 'stayed' : `${first.cause} (${first.rule})${more}`;
  return [`${outageMs.toFixed(0)} ms${held}`, move];
}

process.exitCode = main(process.argv.slice(2));
