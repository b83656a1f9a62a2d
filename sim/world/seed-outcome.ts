/**
 * What is left of a run once its transcript is thrown away: small enough to hand from thread to thread.
 */
export interface SeedOutcome {
  readonly seed: number;
  /** What did not hold; undefined when everything did. */
  readonly failure: string | undefined;
  /** From mending to convergence, the slowest of the run; undefined when one was not reached. */
  readonly convergedMs: number | undefined;
  /** How long the run lasted in virtual time. */
  readonly livedMs: number;
}
