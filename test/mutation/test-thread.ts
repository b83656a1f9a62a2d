/**
 * The thread that holds the loaded tests of an area and runs them again for every mutant.
 *
 * Loading is what costs when a test takes milliseconds, so it is done once. For a mutant in code that only runs while
 * files are loaded, everything of ours is loaded again beside what is there. Whatever a mutant may leave behind in a
 * module cannot condemn the next one: a test that fails is run again without the mutant, and a thread in which it
 * still fails is given up.
 */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import {
  type MutantOrder,
  NAMESPACE,
  type Order,
  type Outcome,
  type Report,
  type TestOutcome,
  type ThreadSetup,
} from './orders.ts';
import { collected, type Hook, type TestCase } from './suite.ts';

/** The same examples for every mutant; the first that fails is enough. */
const PROPERTIES = { seed: 1, endOnFailure: true };
const SUITE_URL = new URL('suite.ts', import.meta.url).href;
const OURS = pathToFileURL(`${process.cwd()}/`).href;

interface Instrumented {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: unknown;
}

interface LoadedTest extends TestCase {
  readonly id: string;
  readonly file: string;
}

interface Loaded {
  readonly tests: readonly LoadedTest[];
  readonly atEnd: readonly Hook[];
}

const { testFiles, begun, leftOut } = workerData as ThreadSetup;
const instrumented: Instrumented = {};
Object.assign(globalThis, { [NAMESPACE]: instrumented });

/** The mutant for which files are being loaded, as the query that keeps them apart from those of others. */
let generation = '';
/** By URL without query. */
const sources = new Map<string, string>();

registerHooks({
  resolve: (specifier, context, nextResolve) => {
    if (specifier === 'vitest' && context.parentURL !== SUITE_URL) {
      return { url: SUITE_URL, shortCircuit: true };
    }
    const resolved = nextResolve(specifier, context);
    return isOurs(resolved.url) ? { ...resolved, url: bare(resolved.url) + generation } : resolved;
  },
  load: (url, context, nextLoad) => {
    if (!isOurs(url) || !bare(url).endsWith('.ts')) return nextLoad(url, context);
    const known = sources.get(bare(url));
    const source = known ?? stripTypeScriptTypes(readFileSync(new URL(bare(url)), 'utf8'));
    sources.set(bare(url), source);
    return { format: 'module', source, shortCircuit: true };
  },
});

function isOurs(url: string): boolean {
  return url.startsWith(OURS) && !url.includes('/node_modules/');
}

function bare(url: string): string {
  return url.split('?')[0] ?? url;
}

async function load(): Promise<Loaded> {
  const tests: LoadedTest[] = [];
  const atEnd: Hook[] = [];
  for (const path of testFiles) {
    const file = relative(process.cwd(), path);
    const url = pathToFileURL(path).href + generation;
    const found = await collected(() => import(url));
    tests.push(...found.cases.map((each) => ({ ...each, file, id: `${file}#${each.name}` })));
    atEnd.push(...found.atEnd);
  }
  const asked = tests.filter(({ name }) => !leftOut.some((sentence) => name.includes(sentence)));
  return { tests: asked, atEnd };
}

async function end({ atEnd }: Loaded): Promise<void> {
  for (const hook of atEnd) await hook();
}

async function run(test: LoadedTest): Promise<TestOutcome> {
  const { id, file, name } = test;
  Atomics.add(begun, 0, 1);
  const from = process.threadCpuUsage();
  const failure = await failureOf(test);
  const { user, system } = process.threadCpuUsage(from);
  const outcome = { id, file, name, cpuMs: (user + system) / 1_000 };
  return failure === undefined ? outcome : { ...outcome, failure };
}

async function failureOf({ before, run: body, after }: TestCase): Promise<string | undefined> {
  try {
    for (const hook of before) await hook();
    await body();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    for (const hook of after) await hook();
  }
}

/** Every test without a mutant, and which mutants each of them reaches. */
async function runAll(tests: readonly LoadedTest[]): Promise<Outcome> {
  const outcomes: TestOutcome[] = [];
  for (const test of tests) {
    instrumented.currentTestId = test.id;
    outcomes.push(await run(test));
    instrumented.currentTestId = undefined;
  }
  return { tests: outcomes, hits: 0, coverage: instrumented.mutantCoverage, spoilt: false };
}

async function runMutant(
  tests: readonly LoadedTest[],
  { mutant, hitLimit, tests: wanted, whileLoading }: MutantOrder,
): Promise<Outcome> {
  const byId = new Map(tests.map((test) => [test.id, test]));
  const outcomes: TestOutcome[] = [];
  let hits = 0;
  let spoilt = false;
  for (const test of wanted.flatMap((id) => byId.get(id) ?? [])) {
    Object.assign(instrumented, { activeMutant: mutant, hitCount: hits, hitLimit });
    const outcome = await run(test);
    hits = instrumented.hitCount ?? 0;
    instrumented.activeMutant = undefined;
    instrumented.hitCount = undefined;
    outcomes.push(outcome);
    if (outcome.failure === undefined) continue;
    // What was loaded with a mutant is used for no other.
    if (!whileLoading) spoilt = (await failureOf(test)) !== undefined;
    break;
  }
  return { tests: outcomes, hits, spoilt };
}

async function runReloaded(order: MutantOrder): Promise<Outcome> {
  generation = `?mutant=${order.mutant}`;
  instrumented.activeMutant = order.mutant;
  const loaded = await load().finally(() => {
    generation = '';
    instrumented.activeMutant = undefined;
  });
  try {
    return await runMutant(loaded.tests, order);
  } finally {
    await end(loaded);
  }
}

async function report(order: Order, loaded: Loaded): Promise<Report> {
  const { tests } = loaded;
  try {
    if (order.order === 'end') {
      await end(loaded);
      return { report: 'ended' };
    }
    if (order.order === 'all') return { report: 'outcome', outcome: await runAll(tests) };
    const outcome = order.whileLoading ? runReloaded(order) : runMutant(tests, order);
    return { report: 'outcome', outcome: await outcome };
  } catch (error) {
    return unloadable(error);
  }
}

function unloadable(error: unknown): Report {
  return { report: 'unloadable', failure: error instanceof Error ? error.message : String(error) };
}

function say(said: Report): void {
  parentPort?.postMessage(said);
}

fc.configureGlobal(PROPERTIES);
try {
  const loaded = await load();
  parentPort?.on('message', (order: Order) => void report(order, loaded).then(say));
  say({ report: 'ready' });
} catch (error) {
  say(unloadable(error));
}
