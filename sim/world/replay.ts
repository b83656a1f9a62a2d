/**
 * One seed of the world again, step by step.
 */
import { runSeed } from './seed-run.ts';
import { toSequenceDiagram } from './sequence-diagram.ts';

export interface ReplayOptions {
  /** Ends the run early, in milliseconds of virtual time. */
  readonly untilMs?: number | undefined;
  readonly format?: 'text' | 'mermaid';
  /** Only the faults at these places strike, of all that the seed draws. */
  readonly keep?: readonly number[] | undefined;
}

/** The transcript of one seed. */
export async function replay(seed: number, options: ReplayOptions = {}): Promise<string> {
  const { untilMs, keep, format } = options;
  const { transcript } = await runSeed(seed, { untilMs, keep });
  return format === 'mermaid' ? toSequenceDiagram(transcript.lines) : transcript.toText();
}
