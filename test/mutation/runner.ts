/**
 * The test runner that Stryker is given: the tests of an area, loaded once in a thread, again for every mutant.
 *
 * Stryker's runner for vitest starts a worker for every test file of every mutant. That costs a second of processor
 * time where the tests themselves take milliseconds, which no run of the whole core can afford.
 */
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import type { MutantCoverage } from '@stryker-mutator/api/core';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
} from '@stryker-mutator/api/test-runner';
import { AREAS, type Area } from './areas.ts';
import type { MutantOrder, Order, Outcome, TestOutcome } from './orders.ts';
import { type Answer, ThreadHost } from './thread-host.ts';

export const RUNNER = 'loaded-once';
/** The variable that tells the processes Stryker starts which area is meant. */
export const AREA_VARIABLE = 'MUTATION_AREA';

/** Cold code and a busy machine: what is over this is no longer slow but endless. */
const LOAD_CPU_MS_MAX = 60_000;
const TEST_CPU_MS_MIN = 2_000;
const TEST_CPU_FACTOR = 5;

class LoadedOnceRunner implements TestRunner {
  readonly #area: Area;
  readonly #testFiles: readonly string[];
  #host: ThreadHost | undefined;
  /** What each test took without a mutant. */
  readonly #cpuMs = new Map<string, number>();

  constructor(area: Area) {
    this.#area = area;
    this.#testFiles = globSync([...area.tests]).map((file) => resolve(file));
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<DryRunResult> {
    const answer = await this.#ask({ order: 'all' });
    if (answer.is === 'endless') return { status: DryRunStatus.Timeout, reason: answer.why };
    if (answer.is === 'unloadable') {
      return { status: DryRunStatus.Error, errorMessage: answer.failure };
    }
    const { tests, coverage } = answer.outcome;
    const mutantCoverage = coverage as MutantCoverage | undefined;
    return {
      status: DryRunStatus.Complete,
      tests: tests.map(resultOf),
      ...(mutantCoverage && { mutantCoverage }),
    };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const answer = await this.#answerFor(options);
    if (answer.is === 'endless') return { status: MutantRunStatus.Timeout, reason: answer.why };
    if (answer.is === 'unloadable') {
      return { status: MutantRunStatus.Error, errorMessage: answer.failure };
    }
    return judged(answer.outcome, options.hitLimit);
  }

  async dispose(): Promise<void> {
    await this.#host?.stop();
  }

  async #answerFor(options: MutantRunOptions): Promise<Answer> {
    const { activeMutant, testFilter, hitLimit, mutantActivation } = options;
    if (this.#cpuMs.size === 0) await this.#learn();
    const ids = testFilter ?? [...this.#cpuMs.keys()];
    const tests = ids.toSorted((a, b) => this.#cost(a) - this.#cost(b));
    const order: MutantOrder = {
      order: 'mutant',
      mutant: activeMutant.id,
      hitLimit,
      tests,
      whileLoading: mutantActivation === 'static',
    };
    const answer = await this.#ask(order);
    if (answer.is !== 'outcome' || !answer.outcome.spoilt) return answer;
    await this.#host?.stop();
    return this.#ask(order);
  }

  async #ask(order: Order): Promise<Answer> {
    if (this.#host?.usable !== true) {
      this.#host = new ThreadHost({
        testFiles: this.#testFiles,
        leftOut: this.#area.leftOut ?? [],
      });
      const failed = await this.#host.loaded(LOAD_CPU_MS_MAX);
      if (failed !== undefined) return failed;
    }
    return this.#host.ask(order, (index) => this.#cpuMsMax(order, index));
  }

  async #learn(): Promise<void> {
    const answer = await this.#ask({ order: 'all' });
    const tests = answer.is === 'outcome' ? answer.outcome.tests : [];
    for (const { id, cpuMs } of tests) this.#cpuMs.set(id, cpuMs);
  }

  #cost(test: string | undefined): number {
    return this.#cpuMs.get(test ?? '') ?? 0;
  }

  #cpuMsMax(order: Order, index: number): number {
    if (order.order !== 'mutant') return LOAD_CPU_MS_MAX;
    return TEST_CPU_MS_MIN + TEST_CPU_FACTOR * this.#cost(order.tests[index]);
  }
}

function judged(outcome: Outcome, hitLimit: number | undefined): MutantRunResult {
  const { tests, hits } = outcome;
  if (hitLimit !== undefined && hits > hitLimit) {
    return { status: MutantRunStatus.Timeout, reason: `it is run more than ${hitLimit} times` };
  }
  const failed = tests.find(({ failure }) => failure !== undefined);
  if (failed === undefined) return { status: MutantRunStatus.Survived, nrOfTests: tests.length };
  return {
    status: MutantRunStatus.Killed,
    killedBy: [failed.id],
    failureMessage: failed.failure ?? '',
    nrOfTests: tests.length,
  };
}

function resultOf({ id, file, name, cpuMs, failure }: TestOutcome): TestResult {
  const known = { id, name, fileName: file, timeSpentMs: cpuMs };
  return failure === undefined
    ? { ...known, status: TestStatus.Success }
    : { ...known, status: TestStatus.Failed, failureMessage: failure };
}

function runner(): TestRunner {
  const name = process.env[AREA_VARIABLE] ?? '';
  const area = new Map<string, Area>(Object.entries(AREAS)).get(name);
  if (area === undefined) throw new Error(`EAREA: there is no area "${name}"`);
  return new LoadedOnceRunner(area);
}
runner.inject = [] as const;

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, RUNNER, runner)];
