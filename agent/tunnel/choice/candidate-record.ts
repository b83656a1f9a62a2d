/**
 * What is written down of each candidate of a decision: what was known of it, the rule that rejected it, and a
 * sentence for a person.
 */
import type { CandidateRecord } from '../../model/decision.ts';
import {
  doubtOf,
  doubtWords,
  isSuspect,
  isViolated,
  objection,
  readyAtMs,
  type TunnelCandidate,
} from '../tunnel-candidate.ts';
import { byRank } from './candidate-rank.ts';

interface Reason {
  readonly rule: string;
  readonly because: string;
}

export function candidateRecords(
  candidates: readonly TunnelCandidate[],
  chosen: TunnelCandidate | undefined,
  reason: Reason,
  nowMs: number,
): readonly CandidateRecord[] {
  return candidates.map((each) => {
    const { rule, why } =
      each === chosen ? { rule: reason.rule, why: reason.because } : rejection(each, chosen, nowMs);
    const holdLeftMs = readyAtMs(each) - nowMs;
    return {
      tunnel: each.plan.id,
      eligible: objection(each) === undefined,
      why,
      rule,
      suspect: isSuspect(each),
      ...(holdLeftMs > 0 && holdLeftMs !== Infinity ? { holdLeftMs } : {}),
      inputs: inputsOf(each, nowMs),
    };
  });
}

function rejection(
  candidate: TunnelCandidate,
  chosen: TunnelCandidate | undefined,
  nowMs: number,
): { readonly rule: string; readonly why: string } {
  const against = objection(candidate);
  if (against !== undefined) return against;
  const better = chosen !== undefined && byRank(candidate, chosen) < 0;
  if (better && doubtOf(candidate) > 0) {
    return { rule: doubtRule(candidate), why: `better, but it ${doubtWords(candidate)}` };
  }
  if (isViolated(candidate)) {
    return { rule: 'sla', why: candidate.sla?.why ?? 'it does not keep to its class' };
  }
  const waitMs = readyAtMs(candidate) - nowMs;
  if (better && waitMs > 0) {
    const why = `better, but must stay usable for another ${(waitMs / 1_000).toFixed(1)} s`;
    return { rule: 'hold', why };
  }
  if (better) return { rule: 'gather', why: 'better, and a still better one is ready in a moment' };
  return { rule: 'rank', why: `standby: ${chosen?.plan.id ?? 'another tunnel'} comes first` };
}

function doubtRule(candidate: TunnelCandidate): string {
  if (isSuspect(candidate)) return 'suspect';
  return candidate.siblingLost === 'unheard' ? 'sibling-lost' : 'far-end';
}

function inputsOf(
  candidate: TunnelCandidate,
  nowMs: number,
): NonNullable<CandidateRecord['inputs']> {
  const { plan, uplink, verdict, state, usableSinceMs, holdMs, proof, siblingLost, sla } =
    candidate;
  return {
    uplink: plan.uplink,
    gateway: plan.gateway,
    gatewayOrder: plan.gatewayOrder,
    ...(uplink === undefined ? {} : { priority: uplink.priority, weight: uplink.weight }),
    uplinkState: verdict.state === 'up' ? 'up' : verdict.reason,
    tunnelState: state,
    ...(usableSinceMs === undefined ? {} : { usableForMs: nowMs - usableSinceMs }),
    holdMs,
    ...(proof?.heardAgoMs === undefined ? {} : { heardAgoMs: proof.heardAgoMs }),
    ...(proof === undefined ? {} : { intervalMs: proof.intervalMs }),
    ...(proof?.farEndUp === undefined ? {} : { farEndUp: proof.farEndUp }),
    ...(uplink?.isp === undefined ? {} : { isp: uplink.isp }),
    ...(candidate.gatewayIsp === undefined ? {} : { gatewayIsp: candidate.gatewayIsp }),
    ...(sla === undefined ? {} : { sla: sla.verdict, slaWhy: sla.why }),
    ...(sla?.scoreMs === undefined ? {} : { scoreMs: sla.scoreMs }),
    ...(siblingLost === undefined ? {} : { siblingLost }),
  };
}
