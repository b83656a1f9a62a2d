/**
 * Runs a scenario by name in the deterministic world and says whether it held.
 */
import { notConverged } from '../checks/liveness.ts';
import { type DemoReport, judge } from '../lab/demo-report.ts';
import { toSequenceDiagram } from '../world/sequence-diagram.ts';
import { Story } from '../world/story.ts';
import { cablePull } from './cable-pull.ts';

export const SCENARIOS = { 'cable-pull': cablePull } as const;
export type ScenarioName = keyof typeof SCENARIOS;

export interface ScenarioResult {
  readonly name: ScenarioName;
  readonly seed: number;
  readonly held: boolean;
  /** What did not hold, as sentences. */
  readonly failed: readonly string[];
  /** Absent when the story broke off. */
  readonly report: DemoReport | undefined;
  /** The run step by step; equal for equal seeds. */
  readonly transcript: string;
  readonly diagram: string;
}

export async function runScenario(name: ScenarioName, seed: number): Promise<ScenarioResult> {
  const story = new Story(seed);
  const { transcript } = story.world;
  const failed: string[] = [];
  let report: DemoReport | undefined;
  try {
    const told = await SCENARIOS[name](story);
    failed.push(...judge(told), ...notConverged(story.cast, story.watch.events));
    report = { ...told, failed };
  } catch (error) {
    failed.push(error instanceof Error ? error.message : String(error));
  }
  return {
    name,
    seed,
    held: failed.length === 0,
    failed,
    report,
    transcript: transcript.toText(),
    diagram: toSequenceDiagram(transcript.lines),
  };
}
