/**
 * Tells the failover stories one after the other in one lab, with progress, a table at the end and `stories.json`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InsideRun } from '../inside-run.ts';
import type { LabJob } from '../job.ts';
import { usesEngine } from '../lab-engines.ts';
import type { Story } from './story.ts';
import { StoryRoom } from './story-room.ts';
import { type StoryResult, tellStory } from './story-run.ts';
import { STORIES } from './story-table.ts';

export interface StoriesReport {
  readonly engine: string;
  readonly seed: number;
  readonly enclosure: string;
  readonly stories: readonly StoryResult[];
  readonly failed: readonly string[];
}

/** A conversation that a fault of ours broke off or silenced is no trouble of the lab. */
const BROKEN_OFF = /TLS handshake failed: ECONN|Nothing was heard for one and a half keep alives/;

type StoriesJob = Extract<LabJob, { readonly job: 'stories' }>;

export async function runStories(run: InsideRun, job: StoriesJob): Promise<number> {
  const { seed, outDirectory } = job;
  const chosen = storiesOf(job);
  const logDirectory = join(outDirectory, 'stories-logs');
  await mkdir(logDirectory, { recursive: true });
  const troubles: string[] = [];
  const onTrouble = (sentence: string): void => {
    if (!BROKEN_OFF.test(sentence)) troubles.push(sentence);
  };
  const { stop } = run;
  const room = await StoryRoom.open({ engine: job.engine, seed, logDirectory, stop, onTrouble });
  const told: StoryResult[] = [];
  let engine: string;
  try {
    engine = await room.lab.engine();
    say(`${chosen.length} stories, ${engine}, seed ${seed}`);
    for (const story of chosen) {
      const result = await tellStory(room, story, seed);
      told.push(result);
      say(`${told.length}/${chosen.length} ${sentenceOf(result)}`);
    }
  } finally {
    await room.close();
  }
  const unheld = told.flatMap((each) => each.failed.map((sentence) => `${each.name}: ${sentence}`));
  const failed = [...unheld, ...troubles];
  const report: StoriesReport = {
    engine,
    seed,
    enclosure: run.begin.enclosure,
    stories: told,
    failed,
  };
  const file = join(outDirectory, 'stories.json');
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(tableOf(told));
  for (const sentence of failed) console.error(`stories: FAILED: ${sentence}`);
  const end = failed.length === 0 ? 'all held' : `${failed.length} did not hold`;
  say(`${end}; the failover reports are in ${file}`);
  return failed.length === 0 ? 0 : 1;
}

function storiesOf({ engine, only, short }: StoriesJob): readonly Story[] {
  return STORIES.filter(({ name, inShort = false, onlyFor }) => {
    if (onlyFor !== undefined && !usesEngine(engine, onlyFor)) return false;
    return only.length > 0 ? only.includes(name) : inShort || !short;
  });
}

function sentenceOf({ name, drawn, failed, outageMs, changes }: StoryResult): string {
  const held = failed.length === 0 ? 'held' : `DID NOT HOLD: ${failed.join('; ')}`;
  const why = changes.at(0)?.because ?? 'traffic stayed';
  const conditions = drawn === undefined ? '' : ` (${drawn})`;
  return `${name}${conditions}: ${held}; outage ${outageMs.toFixed(0)} ms; ${why}`;
}

const COLUMNS = ['story', 'outage ms', 'bound ms', 'detect ms', 'promised', 'late ms', 'moves', ''];

function tableOf(results: readonly StoryResult[]): string {
  const rows = results.map((each) => [
    each.name,
    ...[each.outageMs, each.boundMs, each.detectMs, each.promisedMs, each.machineLateMs].map(
      (figureMs) => figureMs.toFixed(0),
    ),
    String(each.changes.length),
    each.failed.length === 0 ? 'held' : 'FAILED',
  ]);
  const widths = COLUMNS.map((_, at) =>
    Math.max(...[COLUMNS, ...rows].map((row) => row[at]?.length ?? 0)),
  );
  return [COLUMNS, ...rows]
    .map((row) =>
      row
        .map((word, at) =>
          at === 0 ? word.padEnd(widths[at] ?? 0) : word.padStart(widths[at] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

function say(sentence: string): void {
  console.log(`stories: ${sentence}`);
}
