/**
 * The whole report of a check: the ladder, SAG's fifteen items and the ten inspection rules over one set of facts.
 */
import type { CheckFacts } from './facts.ts';
import type { Outcome } from './finding.ts';
import { type Inspection, inspect } from './inspection-rules.ts';
import { climb, firstBroken, RUNG_IDS, type RungFinding, type RungId } from './ladder.ts';
import { diagnoseItems, type SagItemFinding } from './sag-items.ts';

export interface CheckReport {
  readonly v: 1;
  readonly wallMs: number;
  /** Whether the agent answered, or the check went by state directory and kernel. */
  readonly agent: 'answers' | 'silent';
  readonly firstBroken: { readonly id: RungId; readonly outcome: Outcome } | null;
  readonly ladder: readonly RungFinding[];
  readonly items: readonly SagItemFinding[];
  readonly inspection: Inspection;
}

export function checkReport(facts: CheckFacts): CheckReport {
  const ladder = climb(facts);
  const broken = firstBroken(ladder);
  return {
    v: 1,
    wallMs: facts.wallMs,
    agent: facts.agent.answers ? 'answers' : 'silent',
    firstBroken: broken === undefined ? null : { id: broken.id, outcome: broken.outcome },
    ladder,
    items: diagnoseItems(facts),
    inspection: inspect(facts),
  };
}

/** A failed rung exits with this plus its place in the ladder, a degraded one with the other. */
const EXIT_FAILED = 10;
const EXIT_DEGRADED = 40;

/** 0 when every rung stands; otherwise the code names the rung to mend first. */
export function checkExitCode({ firstBroken: broken }: Pick<CheckReport, 'firstBroken'>): number {
  if (broken === null) return 0;
  const base = broken.outcome === 'failed' ? EXIT_FAILED : EXIT_DEGRADED;
  return base + RUNG_IDS.indexOf(broken.id);
}
