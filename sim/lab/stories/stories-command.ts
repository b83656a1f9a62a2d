/**
 * `sag-sim stories`: failovers of real tunnels over two impaired uplinks, for a person at a terminal.
 */
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runEnclosed } from '../enclosed-run.ts';
import { findEnclosure } from '../enclosure.ts';
import type { LabJob } from '../job.ts';
import { isLabEngine, LAB_ENGINES } from '../lab-engines.ts';
import { STORIES } from './story-table.ts';

const OUT_DIRECTORY = new URL('../../../out', import.meta.url).pathname;
const DEFAULT_SEED = 4_711;

export async function runStoriesCommand(argv: readonly string[]): Promise<number> {
  const job = readJob(argv);
  if (typeof job === 'string') {
    console.error(`sag-sim stories: EUSAGE: ${job}`);
    return 2;
  }
  const enclosure = await findEnclosure();
  if (!enclosure.possible) {
    console.error(`sag-sim stories: ENOLAB: no network lab on this machine: ${enclosure.why}`);
    return 1;
  }
  await mkdir(job.outDirectory, { recursive: true });
  return runEnclosed(enclosure, job);
}

function readJob(argv: readonly string[]): Extract<LabJob, { readonly job: 'stories' }> | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        engine: { type: 'string', default: 'wireguard' },
        seed: { type: 'string', default: String(DEFAULT_SEED) },
        only: { type: 'string', multiple: true, default: [] },
        short: { type: 'boolean', default: false },
        out: { type: 'string', default: OUT_DIRECTORY },
      },
    });
    const { engine, only, short, out: outDirectory } = values;
    if (!isLabEngine(engine))
      return `there is no engine "${engine}"; there is: ${LAB_ENGINES.join(', ')}`;
    const seed = Number(values.seed);
    if (!Number.isInteger(seed)) return `a seed is a whole number, not "${values.seed}"`;
    const unknown = only.find((name) => !STORIES.some((story) => story.name === name));
    if (unknown !== undefined) {
      const names = STORIES.map(({ name }) => name).join(', ');
      return `there is no story "${unknown}"; there is: ${names}`;
    }
    return { job: 'stories', withPage: false, engine, outDirectory, seed, only, short };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
