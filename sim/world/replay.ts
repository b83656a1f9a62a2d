/**
 * `sag-sim world`: many seeds in a row, or one of them again, step by step.
 */
import { runSeed } from './seed-run.ts';
import { toSequenceDiagram } from './sequence-diagram.ts';

export interface ReplayOptions {
  /** Ends the run early, in milliseconds of virtual time. */
  readonly untilMs?: number;
  readonly format?: 'text' | 'mermaid';
}

/** The transcript of one seed. */
export async function replay(seed: number, options: ReplayOptions = {}): Promise<string> {
  const { transcript } = await runSeed(seed, options.untilMs);
  return options.format === 'mermaid' ? toSequenceDiagram(transcript.lines) : transcript.toText();
}

export interface SeedsSummary {
  readonly seeds: number;
  readonly failed: readonly number[];
  /** The slowest convergence of the seeds that held. */
  readonly convergedMsMax: number;
}

/** Runs `count` seeds from `from` on; `print` gets a line for each that failed and one at the end. */
export async function runSeeds(
  count: number,
  from: number,
  print: (line: string) => void,
): Promise<SeedsSummary> {
  const failed: number[] = [];
  let convergedMsMax = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const result = await runSeed(seed);
    convergedMsMax = Math.max(convergedMsMax, result.convergedMs ?? 0);
    if (result.held) continue;
    failed.push(seed);
    print(`seed ${seed}: ${result.failure}; see it again with: make replay SEED=${seed}`);
  }
  const held = count - failed.length;
  print(`${held} of ${count} seeds held; slowest convergence ${convergedMsMax} ms of virtual time`);
  return { seeds: count, failed, convergedMsMax };
}
