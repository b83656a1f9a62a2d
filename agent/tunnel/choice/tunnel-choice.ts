/**
 * Which tunnel carries the traffic of a branch, and why not each of the others: a pure function.
 *
 * Only a tunnel whose uplink may carry data and is up, and whose session is Up, can be chosen, and one that is
 * proven alive now before one that is not. Leaving a tunnel needs evidence against it; returning to a better
 * one needs that it has been usable for its hold and is proven alive at that moment.
 */

import type { TunnelShare } from '../../model/decision.ts';
import type { ChoiceSnapshot } from '../../model/snapshot.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import {
  doubtOf,
  isViolated,
  objection,
  readyAtMs,
  type TunnelCandidate,
} from '../tunnel-candidate.ts';
import { joinMoments, membersOf } from './balance.ts';
import { byProof, byRank, type RankRule, rankReason } from './candidate-rank.ts';
import { candidateRecords } from './candidate-record.ts';
import { isClearGain } from './sla-judge.ts';

export interface ChoiceInput {
  readonly candidates: readonly TunnelCandidate[];
  readonly active: TunnelId | undefined;
  /** An operator's wish: holds until that tunnel fails. */
  readonly pinned: TunnelId | undefined;
  /** All that carry traffic now. */
  readonly members?: readonly TunnelId[];
  readonly nowMs: number;
}

export type ChoiceRule =
  | RankRule
  | 'sla-gain'
  | 'pinned'
  | 'stays'
  | 'adoption'
  | 'restart'
  | 'none'
  | 'branch';

export interface Choice {
  readonly tunnel: TunnelId | undefined;
  /** The tunnel itself first, then those that share the traffic with it. */
  readonly members: readonly TunnelShare[];
  readonly rule: ChoiceRule;
  readonly because: string;
  readonly candidates: ChoiceSnapshot['candidates'];
  /** When time alone may change the answer. */
  readonly reconsiderAtMs?: number;
}

interface Verdict {
  readonly chosen: TunnelCandidate | undefined;
  readonly rule: ChoiceRule;
  readonly because: string;
}

/**
 * Tunnels of one uplink come back within a slow BFD interval of each other and each serves its own hold: so
 * long a return waits for a still better tunnel, and traffic returns once instead of twice.
 */
export const GATHER_MS = 1_500;

export function chooseTunnel(input: ChoiceInput): Choice {
  const { candidates, nowMs } = input;
  const usable = candidates.filter((each) => objection(each) === undefined).toSorted(byRank);
  const active = candidates.find((each) => each.plan.id === input.active);
  const { chosen, rule, because } = decide(input, usable, active);
  const adopted = candidates.filter(
    (each) => each.waiting?.for === 'adoption' && !usable.includes(each),
  );
  const carrying = adopted.filter((each) => waitsUntilMs(each, true, nowMs) !== undefined);
  const balance = { chosen, usable: [...usable, ...carrying], before: input.members ?? [], nowMs };
  const members = membersOf(balance);
  const moments = [
    ...betterMoments(input, usable, active, chosen),
    ...joinMoments(balance, members),
    ...carrying.map((each) => waitsUntilMs(each, true, nowMs) ?? Infinity),
  ].filter((atMs) => atMs > nowMs && atMs !== Infinity);
  const reconsiderAtMs = moments.length === 0 ? undefined : Math.min(...moments);
  return {
    tunnel: chosen?.plan.id,
    members,
    rule,
    because,
    candidates: candidateRecords(candidates, chosen, { rule, because }, nowMs),
    ...(reconsiderAtMs === undefined ? {} : { reconsiderAtMs }),
  };
}

function decide(
  input: ChoiceInput,
  usable: readonly TunnelCandidate[],
  active: TunnelCandidate | undefined,
): Verdict {
  const pinned = usable.find((each) => each.plan.id === input.pinned);
  if (pinned !== undefined) {
    return { chosen: pinned, rule: 'pinned', because: 'an operator asked for it' };
  }
  if (active !== undefined && usable.includes(active)) return stayOrImprove(input, usable, active);
  const next = successor(usable, input.nowMs);
  const waitsMs = active && waitsUntilMs(active, next !== undefined, input.nowMs);
  if (active?.waiting !== undefined && waitsMs !== undefined) {
    const rule = active.waiting.for;
    return { chosen: active, rule, because: WAITING_WORDS[rule] };
  }
  if (next === undefined) {
    return { chosen: undefined, rule: 'none', because: 'no tunnel is usable' };
  }
  const { rule, words } = rankReason(next, usable);
  return { chosen: next, rule, because: words };
}

const WAITING_WORDS = {
  adoption: 'it carried traffic before the restart of the agent',
  restart: 'its far end restarts, and no other tunnel is usable',
} as const;

/** Of the tunnels in least doubt the best that has proved itself, or else the best. */
function successor(usable: readonly TunnelCandidate[], nowMs: number): TunnelCandidate | undefined {
  const ordered = usable.toSorted(byProof);
  const first = ordered[0];
  if (first === undefined) return undefined;
  const equals = ordered.filter((each) => doubtOf(each) === doubtOf(first));
  return equals.find((each) => readyAtMs(each) <= nowMs) ?? first;
}

function stayOrImprove(
  { nowMs }: ChoiceInput,
  usable: readonly TunnelCandidate[],
  active: TunnelCandidate,
): Verdict {
  const relief = isViolated(active) ? reliefOf(usable, active, nowMs) : undefined;
  if (relief !== undefined) return relief;
  const better = usable.slice(0, usable.indexOf(active)).filter((each) => !isViolated(each));
  const first = better[0];
  if (first === undefined) {
    const { rule, words } = rankReason(active, usable);
    const because = isViolated(active)
      ? `no other tunnel is clearly better, though ${active.sla?.why}`
      : words;
    return { chosen: active, rule, because };
  }
  const proven = better.filter((each) => doubtOf(each) === 0);
  const ready = proven.find((each) => readyAtMs(each) <= nowMs);
  if (ready === undefined) {
    const because = `${first.plan.id} is better, but must prove itself first`;
    return { chosen: active, rule: 'stays', because };
  }
  const awaited = proven.find((each) => readyAtMs(each) <= nowMs + GATHER_MS) ?? ready;
  if (awaited !== ready) {
    const because = `${ready.plan.id} is better, but ${awaited.plan.id} is better still and ready in a moment`;
    return { chosen: active, rule: 'stays', because };
  }
  // What counts is the place it is better than: a still better one may not have proved itself yet.
  const { rule, words } = rankReason(ready, [ready, active]);
  return { chosen: ready, rule, because: words };
}

/** Somewhere to go from a path that does not keep to its class: to one that does, or to one clearly less bad. */
function reliefOf(
  usable: readonly TunnelCandidate[],
  active: TunnelCandidate,
  nowMs: number,
): Verdict | undefined {
  const others = usable.filter((each) => each !== active && doubtOf(each) === 0);
  const met = others.find(
    (each) => each.sla?.verdict === 'met' && each.sla.good === true && readyAtMs(each) <= nowMs,
  );
  const why = `of ${active.plan.id} ${active.sla?.why}`;
  if (met !== undefined)
    return { chosen: met, rule: 'sla', because: `it keeps to its class, while ${why}` };
  const from = active.sla;
  if (from === undefined) return undefined;
  const gain = others.find((each) => each.sla !== undefined && isClearGain(from, each.sla));
  return gain === undefined
    ? undefined
    : { chosen: gain, rule: 'sla-gain', because: `it is clearly less bad, while ${why}` };
}

/**
 * Until when the active tunnel is waited for although it is not usable; undefined when it is not (any more).
 *
 * Waiting ends when the time is over, when the uplink itself is known to be down, or when there is somewhere
 * to go: at once for a far end that restarts, and for an adopted tunnel once it has been silent for longer
 * than its detection time.
 */
function waitsUntilMs(
  { waiting, verdict, proof }: TunnelCandidate,
  elsewhere: boolean,
  nowMs: number,
): number | undefined {
  if (waiting === undefined || nowMs >= waiting.untilMs) return undefined;
  if (verdict.state === 'down' && verdict.reason !== 'not-observed-yet') return undefined;
  if (!elsewhere) return waiting.untilMs;
  if (waiting.for === 'restart') return undefined;
  if (proof === undefined) return waiting.untilMs;
  const silentMs = Math.min(proof.heardAgoMs ?? Infinity, proof.openedAgoMs);
  const silentUntilMs = nowMs - silentMs + proof.detectMs;
  return nowMs >= silentUntilMs ? undefined : Math.min(waiting.untilMs, silentUntilMs);
}

function betterMoments(
  { nowMs }: ChoiceInput,
  usable: readonly TunnelCandidate[],
  active: TunnelCandidate | undefined,
  chosen: TunnelCandidate | undefined,
): readonly number[] {
  if (chosen === undefined) return [];
  const place = usable.indexOf(chosen);
  const better = place < 0 ? usable : usable.slice(0, place);
  const moments = better.map((each) =>
    // Doubt ends with a packet, which asks nobody to decide anew: so look again when one is due.
    doubtOf(each) === 0
      ? readyAtMs(each)
      : Math.max(readyAtMs(each), nowMs + (each.proof?.intervalMs ?? GATHER_MS)),
  );
  const waitsMs = active && waitsUntilMs(active, usable.length > 0, nowMs);
  if (waitsMs !== undefined) moments.push(waitsMs);
  return moments;
}
