/**
 * Which tunnel carries the traffic of a branch, and why not each of the others: a pure function.
 *
 * Only a tunnel whose uplink may carry data and is up, and whose session is Up, can be chosen. Among those the
 * order is uplink priority, nearer gateway, greater weight, id. Leaving a tunnel needs evidence against it;
 * returning to a better one needs that it has been usable for its hold.
 */
import type { ChoiceSnapshot } from '../model/snapshot.ts';
import type { TunnelId, TunnelPlan, TunnelState } from '../model/tunnel.ts';
import {
  NEVER_FORWARDS,
  type Uplink,
  type UplinkDownReason,
  type UplinkVerdict,
} from '../model/uplink.ts';

export interface TunnelCandidate {
  readonly plan: TunnelPlan;
  readonly uplink: Uplink | undefined;
  readonly verdict: UplinkVerdict;
  readonly state: TunnelState;
  /** Since when it could have been chosen without interruption. */
  readonly usableSinceMs: number | undefined;
  /** How long it must have been usable before traffic returns to it. */
  readonly holdMs: number;
  /** Its silence is expected and waited for. */
  readonly waiting?: { readonly for: 'adoption' | 'restart'; readonly untilMs: number };
}

export interface ChoiceInput {
  readonly candidates: readonly TunnelCandidate[];
  readonly active: TunnelId | undefined;
  /** An operator's wish: holds until that tunnel fails. */
  readonly pinned: TunnelId | undefined;
  readonly nowMs: number;
}

export interface Choice {
  readonly tunnel: TunnelId | undefined;
  readonly because: string;
  readonly candidates: ChoiceSnapshot['candidates'];
  /** When time alone may change the answer. */
  readonly reconsiderAtMs?: number;
}

type Verdict = { readonly chosen: TunnelCandidate | undefined; readonly because: string };

export function chooseTunnel(input: ChoiceInput): Choice {
  const ranked = input.candidates.filter((each) => objection(each) === undefined).sort(byRank);
  const active = input.candidates.find((each) => each.plan.id === input.active);
  const { chosen, because } = decide(input, ranked, active);
  const reconsiderAtMs = nextMoment(input, ranked, active, chosen);
  return {
    tunnel: chosen?.plan.id,
    because,
    candidates: input.candidates.map((each) => ({
      tunnel: each.plan.id,
      eligible: objection(each) === undefined,
      why: each === chosen ? because : whyNot(each, chosen, input.nowMs),
    })),
    ...(reconsiderAtMs === undefined ? {} : { reconsiderAtMs }),
  };
}

/** Why a tunnel cannot carry traffic now; undefined when it can. */
export function objection(candidate: TunnelCandidate): string | undefined {
  const { uplink, verdict, state, plan } = candidate;
  if (uplink === undefined) return `its uplink ${plan.uplink} is not configured`;
  if (uplink.use === 'management-only') return `uplink ${uplink.id} is for management only`;
  if (uplink.priority === NEVER_FORWARDS) return `uplink ${uplink.id} has priority -1`;
  if (verdict.state === 'down') return `uplink ${uplink.id} ${DOWN_WORDS[verdict.reason]}`;
  return state === 'up' ? undefined : STATE_WORDS[state];
}

/** A down uplink in words that follow its name. */
export const DOWN_WORDS: Readonly<Record<UplinkDownReason, string>> = {
  'not-observed-yet': 'has not been observed yet',
  'no-carrier-board': 'has no carrier (board)',
  'no-carrier-kernel': 'has no carrier (kernel)',
  'device-missing': 'has no device',
  'device-admin-down': 'is switched off',
  'no-address': 'has no address',
  'lte-not-registered': 'is not registered with the LTE network',
};

const STATE_WORDS: Readonly<Record<Exclude<TunnelState, 'up'>, string>> = {
  absent: 'its device does not exist',
  establishing: 'its session is not Up yet',
  down: 'its session is Down',
};

function decide(
  input: ChoiceInput,
  ranked: readonly TunnelCandidate[],
  active: TunnelCandidate | undefined,
): Verdict {
  const pinned = ranked.find((each) => each.plan.id === input.pinned);
  if (pinned !== undefined) return { chosen: pinned, because: 'an operator asked for it' };
  if (active !== undefined && ranked.includes(active)) return stayOrImprove(input, ranked, active);
  const ready = ranked.find((each) => readyAtMs(each) <= input.nowMs) ?? ranked[0];
  if (active?.waiting !== undefined && mayWait(active, input.nowMs)) {
    if (active.waiting.for === 'adoption') {
      return { chosen: active, because: 'it carried traffic before the restart of the agent' };
    }
    if (ready === undefined) {
      return { chosen: active, because: 'its far end restarts, and no other tunnel is usable' };
    }
  }
  return ready === undefined
    ? { chosen: undefined, because: 'no tunnel is usable' }
    : { chosen: ready, because: rankWords(ready, ranked) };
}

function stayOrImprove(
  input: ChoiceInput,
  ranked: readonly TunnelCandidate[],
  active: TunnelCandidate,
): Verdict {
  const better = ranked.slice(0, ranked.indexOf(active));
  const ready = better.find((each) => readyAtMs(each) <= input.nowMs);
  // What counts is the place it is better than: a still better one may not have proved itself yet.
  if (ready !== undefined) return { chosen: ready, because: rankWords(ready, [ready, active]) };
  const first = better[0];
  return {
    chosen: active,
    because:
      first === undefined
        ? rankWords(active, ranked)
        : `${first.plan.id} is better, but must prove itself first`,
  };
}

/** Waiting ends when the time is over or when the uplink itself is known to be down. */
function mayWait(candidate: TunnelCandidate, nowMs: number): boolean {
  if (candidate.waiting === undefined || nowMs >= candidate.waiting.untilMs) return false;
  const { verdict } = candidate;
  return verdict.state === 'up' || verdict.reason === 'not-observed-yet';
}

function nextMoment(
  input: ChoiceInput,
  ranked: readonly TunnelCandidate[],
  active: TunnelCandidate | undefined,
  chosen: TunnelCandidate | undefined,
): number | undefined {
  const moments = ranked.slice(0, chosen && ranked.indexOf(chosen)).map(readyAtMs);
  if (active?.waiting !== undefined && mayWait(active, input.nowMs)) {
    moments.push(active.waiting.untilMs);
  }
  const later = moments.filter((atMs) => atMs > input.nowMs);
  return chosen === undefined || later.length === 0 ? undefined : Math.min(...later);
}

function readyAtMs(candidate: TunnelCandidate): number {
  return (candidate.usableSinceMs ?? Infinity) + candidate.holdMs;
}

function byRank(a: TunnelCandidate, b: TunnelCandidate): number {
  return (
    (a.uplink?.priority ?? 0) - (b.uplink?.priority ?? 0) ||
    a.plan.gatewayOrder - b.plan.gatewayOrder ||
    (b.uplink?.weight ?? 0) - (a.uplink?.weight ?? 0) ||
    (a.plan.id < b.plan.id ? -1 : 1)
  );
}

/** What puts `chosen` before the next of the usable ones. */
function rankWords(chosen: TunnelCandidate, ranked: readonly TunnelCandidate[]): string {
  const next = ranked[ranked.indexOf(chosen) + 1];
  const { uplink, plan } = chosen;
  if (ranked.length === 1) return 'it is the only usable tunnel';
  if (next === undefined) return 'the better ones must prove themselves first';
  if (uplink?.priority !== next.uplink?.priority) {
    return `uplink ${plan.uplink} has the best priority (${uplink?.priority})`;
  }
  if (plan.gatewayOrder !== next.plan.gatewayOrder) return `gateway ${plan.gateway} is nearest`;
  if (uplink?.weight !== next.uplink?.weight) {
    return `uplink ${plan.uplink} has the greater weight (${uplink?.weight})`;
  }
  return 'it comes first among equals';
}

function whyNot(
  candidate: TunnelCandidate,
  chosen: TunnelCandidate | undefined,
  nowMs: number,
): string {
  const against = objection(candidate);
  if (against !== undefined) return against;
  const waitMs = readyAtMs(candidate) - nowMs;
  if (waitMs > 0 && chosen !== undefined && byRank(candidate, chosen) < 0) {
    return `better, but must stay usable for another ${(waitMs / 1_000).toFixed(1)} s`;
  }
  return `standby: ${chosen?.plan.id ?? 'another tunnel'} comes first`;
}
