/**
 * What the test runner and the thread that runs the tests say to each other.
 */

/** The name under which Stryker's instrumented code looks for the mutant to be. */
export const NAMESPACE = '__stryker__';

export interface ThreadSetup {
  /** Absolute paths. */
  readonly testFiles: readonly string[];
  /** Parts of the names of tests that are not run. */
  readonly leftOut: readonly string[];
  /** Shared: how many tests of the order have begun. */
  readonly begun: Int32Array;
}

export interface MutantOrder {
  readonly order: 'mutant';
  readonly mutant: string;
  readonly hitLimit: number | undefined;
  /** Ids of tests, in the order they are to be run. */
  readonly tests: readonly string[];
  /** The mutant is in code that runs while files are loaded. */
  readonly whileLoading: boolean;
}

export type Order = { readonly order: 'all' } | { readonly order: 'end' } | MutantOrder;

export interface TestOutcome {
  readonly id: string;
  readonly file: string;
  readonly name: string;
  readonly cpuMs: number;
  readonly failure?: string;
}

export interface Outcome {
  readonly tests: readonly TestOutcome[];
  readonly hits: number;
  /** Stryker's own structure: which test reached which mutant. */
  readonly coverage?: unknown;
  /** The test that failed fails without the mutant as well: what the mutant left behind spoilt it. */
  readonly spoilt: boolean;
}

export type Report =
  | { readonly report: 'ready' }
  | { readonly report: 'ended' }
  | { readonly report: 'unloadable'; readonly failure: string }
  | { readonly report: 'outcome'; readonly outcome: Outcome };
