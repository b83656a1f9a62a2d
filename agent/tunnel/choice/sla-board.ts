/**
 * The judges of all paths: whether each keeps to the class the plan's traffic demands.
 */
import type { FastPathPlan } from '../../model/fast-path.ts';
import type { PathQualityFigures } from '../../model/quality.ts';
import { SLA_CLASSES } from '../../model/sla.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import type { SupervisorEffect } from '../supervisor-events.ts';
import { SlaJudge, type SlaVerdict } from './sla-judge.ts';

/** What was measured of a tunnel lately; undefined while nothing is. */
export type QualityOf = (tunnel: TunnelId, nowMs: number) => PathQualityFigures | undefined;

export interface SlaTurn {
  readonly tunnel: TunnelId;
  readonly sla: SlaVerdict;
}

export class SlaBoard {
  readonly #qualityOf: QualityOf;
  readonly #judges = new Map<TunnelId, SlaJudge>();
  #plan: FastPathPlan | undefined;

  constructor(qualityOf: QualityOf) {
    this.#qualityOf = qualityOf;
  }

  planned(plan: FastPathPlan): void {
    this.#plan = plan;
    const ids = new Set(plan.sla === 'none' ? [] : plan.tunnels.map((each) => each.id));
    for (const id of this.#judges.keys()) if (!ids.has(id)) this.#judges.delete(id);
    for (const id of ids) if (!this.#judges.has(id)) this.#judges.set(id, new SlaJudge());
  }

  /** Absent where nothing is demanded. */
  verdictOf(tunnel: TunnelId | undefined): SlaVerdict | undefined {
    return tunnel === undefined ? undefined : this.#judges.get(tunnel)?.verdict;
  }

  /** Judges every path by what was measured; returns those whose verdict has changed. */
  judge(nowMs: number): readonly SlaTurn[] {
    const name = this.#plan?.sla ?? 'standard';
    if (name === 'none') return [];
    return [...this.#judges].flatMap(([tunnel, judge]) => {
      const turned = judge.judge(this.#qualityOf(tunnel, nowMs), SLA_CLASSES[name], nowMs);
      return turned ? [{ tunnel, sla: judge.verdict }] : [];
    });
  }
}

export function turnWords(turns: readonly SlaTurn[]): string {
  return turns.map(({ tunnel, sla }) => `of ${tunnel} ${sla.why}`).join('; ');
}

export function turnNotes(turns: readonly SlaTurn[]): readonly SupervisorEffect[] {
  return turns.map(({ tunnel, sla: { verdict, why } }) => {
    const level = verdict === 'violated' ? 'warning' : 'info';
    return { type: 'note', note: { code: 'slaChanged', level, tunnel, verdict, why } };
  });
}
