/**
 * `sag-sim world run|replay|shrink|canaries`: the deterministic world from the command line.
 */
import { parseArgs } from 'node:util';
import { CANARY_SEEDS_MAX, runCanaries } from '../canaries/canary-run.ts';
import { replay } from './replay.ts';
import { runSeeds } from './seed-pool.ts';
import { SeedsProgress } from './seeds-progress.ts';
import { shrinkSeed } from './shrink.ts';

const USAGE = `usage: sag-sim world run [--seeds N] [--from K] [--twice]
       sag-sim world replay SEED [--until MS] [--format text|mermaid] [--keep PLACES]
       sag-sim world shrink SEED
       sag-sim world canaries
`;

/** Exits by result: 0 when all held, 1 when a seed failed, 2 when the request makes no sense. */
export async function runWorldCommand(argv: readonly string[]): Promise<number> {
  const request = readRequest(argv);
  if (typeof request === 'string') {
    process.stderr.write(`sag-sim world: EUSAGE: ${request}\n\n${USAGE}`);
    return 2;
  }
  if (request.what === 'replay') {
    process.stdout.write(await replay(request.seed, request));
    return 0;
  }
  if (request.what === 'shrink') return shrinkOne(request.seed);
  if (request.what === 'canaries') return letLoose();
  return run(request);
}

/** A failure is one line, ready to be run; what was seen on the way goes where logs go. */
async function run({
  seeds,
  from,
  twice,
}: Extract<Request, { readonly what: 'run' }>): Promise<number> {
  const progress = new SeedsProgress(process.stderr, seeds, () => performance.now());
  const result = await runSeeds({
    seeds,
    from,
    twice,
    onOutcome: (_, done) => progress.done(done),
  });
  const { failed } = result;
  process.stderr.write(`${progress.summary(result)}\n`);
  if (failed === undefined) return 0;
  process.stderr.write(`${failed.failure}\n`);
  process.stdout.write(`make replay SEED=${failed.seed}\n`);
  return 1;
}

async function letLoose(): Promise<number> {
  const missed = await runCanaries((line) => process.stdout.write(`${line}\n`));
  if (missed === 0) return 0;
  process.stderr.write(`${missed} planted bugs are not found within ${CANARY_SEEDS_MAX} seeds\n`);
  return 1;
}

async function shrinkOne(seed: number): Promise<number> {
  const shrunk = await shrinkSeed(seed);
  if (shrunk === undefined) {
    process.stderr.write(`seed ${seed} holds: there is nothing to shrink\n`);
    return 0;
  }
  const { failure, kept, faults, runs } = shrunk;
  process.stderr.write(`${failure}\n${faults.length} faults are needed, found in ${runs} runs:\n`);
  process.stderr.write(`${JSON.stringify(faults, undefined, 2)}\n`);
  process.stdout.write(`make replay SEED=${seed} KEEP=${kept.join(',') || 'none'}\n`);
  return 1;
}

type Request =
  | {
      readonly what: 'run';
      readonly seeds: number;
      readonly from: number;
      readonly twice: boolean;
    }
  | {
      readonly what: 'replay';
      readonly seed: number;
      readonly untilMs: number | undefined;
      readonly format: 'text' | 'mermaid';
      readonly keep: readonly number[] | undefined;
    }
  | { readonly what: 'shrink'; readonly seed: number }
  | { readonly what: 'canaries' };

function readRequest(argv: readonly string[]): Request | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        seeds: { type: 'string', default: '100' },
        from: { type: 'string', default: '1' },
        twice: { type: 'boolean', default: false },
        until: { type: 'string' },
        format: { type: 'string', default: 'text' },
        keep: { type: 'string' },
      },
    });
    const [what, text = '', ...rest] = positionals;
    if (what === 'run' && text === '') {
      const seeds = wholeNumber('--seeds', values.seeds);
      if (seeds === 0) return 'no seeds at all prove nothing; --seeds begins at 1';
      return { what, seeds, from: wholeNumber('--from', values.from), twice: values.twice };
    }
    if (what === 'canaries' && text === '') return { what };
    if (what === 'shrink' && rest.length === 0) return { what, seed: wholeNumber('SEED', text) };
    if (what !== 'replay' || rest.length > 0) return `there is no "${positionals.join(' ')}"`;
    const { format } = values;
    if (format !== 'text' && format !== 'mermaid') return `there is no format "${format}"`;
    const untilMs = values.until === undefined ? undefined : wholeNumber('--until', values.until);
    const keep = values.keep === undefined ? undefined : placesIn(values.keep);
    return { what, seed: wholeNumber('SEED', text), untilMs, format, keep };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function placesIn(text: string): readonly number[] {
  return text === 'none' ? [] : text.split(',').map((place) => wholeNumber('--keep', place));
}

/** Seeds are 32 bits. */
function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!/^\d{1,10}$/.test(text) || number > 0xffff_ffff) {
    throw new Error(`${name} must be a whole number up to 4294967295, not "${text}"`);
  }
  return number;
}
