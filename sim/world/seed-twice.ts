/**
 * A run is a number: the same seed lived twice gives the same transcript, byte for byte, down to the fingerprint of every
 * packet.
 */
import type { SeedOutcome } from './seed-outcome.ts';
import { runSeed } from './seed-run.ts';

/** The outcome of the seed; when its lives differ, that is its failure. */
export async function liveTwice(seed: number): Promise<SeedOutcome> {
  const { transcript: first, faults: _, ...outcome } = await runSeed(seed);
  const { transcript: second } = await runSeed(seed);
  const difference = firstDifference(first.toText(), second.toText());
  return difference === undefined ? outcome : { ...outcome, failure: difference };
}

export function firstDifference(first: string, second: string): string | undefined {
  if (first === second) return undefined;
  const [a, b] = [first.split('\n'), second.split('\n')];
  const at = a.findIndex((line, place) => line !== b[place]);
  const [one = 'nothing more', other = 'nothing more'] = at < 0 ? [] : [a[at], b[at]];
  return `two lives of one seed differ: ${one.trim()} and ${other.trim()}`;
}
