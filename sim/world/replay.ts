/**
 * One seed of the world again, step by step.
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
  const { transcript } = await runSeed(seed, { untilMs: options.untilMs });
  return options.format === 'mermaid' ? toSequenceDiagram(transcript.lines) : transcript.toText();
}
