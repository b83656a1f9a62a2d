/**
 * The same failure with fewer faults: leaves out what the failure does not need, halves first, then one by one.
 *
 * A fault that is left out changes no other draw of the run, since each participant draws from its own stream.
 */
import type { TimedFault } from './faults/fault.ts';
import { runSeed } from './seed-run.ts';

export interface Shrunk {
  readonly failure: string;
  /** Places of the faults that are needed, among all that the seed draws. */
  readonly kept: readonly number[];
  readonly faults: readonly TimedFault[];
  readonly runs: number;
}

export interface Life {
  readonly failure: string | undefined;
  readonly faults: readonly TimedFault[];
}

/** Lives a seed with the faults drawn for it, or with these. */
export type Live = (faults?: readonly TimedFault[]) => Promise<Life>;

/** Undefined when the seed holds: there is nothing to shrink. */
export function shrinkSeed(seed: number): Promise<Shrunk | undefined> {
  return shrink((faults) => runSeed(seed, { faults }));
}

export async function shrink(live: Live): Promise<Shrunk | undefined> {
  const { failure, faults } = await live();
  if (failure === undefined) return undefined;
  let kept = faults.map((_, at) => at);
  let runs = 1;
  const fails = async (places: readonly number[]): Promise<boolean> => {
    runs += 1;
    const life = await live(faultsAt(faults, places));
    return life.failure !== undefined && kindOf(life.failure) === kindOf(failure);
  };
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const rest = kept.toSpliced(at, size);
      if (await fails(rest)) kept = rest;
      else at += size;
    }
  }
  return { failure, kept, faults: faultsAt(faults, kept), runs };
}

/** The faults at these places. */
function faultsAt(faults: readonly TimedFault[], places: readonly number[]): readonly TimedFault[] {
  return faults.filter((_, at) => places.includes(at));
}

/** Two failures are of one kind when they differ in names and numbers only. */
function kindOf(failure: string): string {
  const [first = ''] = failure.split(/[;:] /);
  return first.replaceAll(/[\w.-]*\d[\w.-]*/g, '#').replaceAll(/wan#?|agw-[\w-]+/g, '#');
}
