/**
 * The order of usable tunnels, best first, and the rule that puts one before another.
 *
 * SAG selects by priority, then ISP match, then weight; the nearer gateway comes before the weight, because
 * two gateways of one uplink share its weight.
 */
import {
  crossesIsps,
  doubtOf,
  doubtWords,
  isViolated,
  type TunnelCandidate,
} from '../tunnel-candidate.ts';

export type RankRule =
  | 'only'
  | 'doubt'
  | 'sla'
  | 'priority'
  | 'isp'
  | 'gateway'
  | 'weight'
  | 'id'
  | 'hold';

export interface RankReason {
  readonly rule: RankRule;
  readonly words: string;
}

/** By what is configured alone. */
export function byRank(a: TunnelCandidate, b: TunnelCandidate): number {
  return (
    (a.uplink?.priority ?? 0) - (b.uplink?.priority ?? 0) ||
    Number(crossesIsps(a)) - Number(crossesIsps(b)) ||
    a.plan.gatewayOrder - b.plan.gatewayOrder ||
    (b.uplink?.weight ?? 0) - (a.uplink?.weight ?? 0) ||
    (a.plan.id < b.plan.id ? -1 : 1)
  );
}

/** What is proven alive now before what is not, and what keeps to its class before what does not. */
export function byProof(a: TunnelCandidate, b: TunnelCandidate): number {
  return doubtOf(a) - doubtOf(b) || Number(isViolated(a)) - Number(isViolated(b)) || byRank(a, b);
}

/** What puts `chosen` before the others: the rule that beats the best of them. */
export function rankReason(
  chosen: TunnelCandidate,
  others: readonly TunnelCandidate[],
): RankReason {
  const rivals = others.filter((each) => each !== chosen);
  if (rivals.length === 0) return { rule: 'only', words: 'it is the only usable tunnel' };
  const doubted = rivals
    .filter((each) => byRank(each, chosen) < 0 && doubtOf(each) > doubtOf(chosen))
    .toSorted(byRank)[0];
  if (doubted !== undefined) {
    const words = `it is proven alive, while ${doubted.plan.id} ${doubtWords(doubted)}`;
    return { rule: 'doubt', words };
  }
  const worse = rivals
    .filter((each) => byRank(each, chosen) < 0 && isViolated(each) && !isViolated(chosen))
    .toSorted(byRank)[0];
  if (worse !== undefined) {
    return {
      rule: 'sla',
      words: `it keeps to its class, while of ${worse.plan.id} ${worse.sla?.why}`,
    };
  }
  const next = rivals.filter((each) => byRank(chosen, each) < 0).toSorted(byRank)[0];
  if (next === undefined) {
    return { rule: 'hold', words: 'the better ones must prove themselves first' };
  }
  return rankDifference(chosen, next);
}

function rankDifference(chosen: TunnelCandidate, next: TunnelCandidate): RankReason {
  const { uplink, plan } = chosen;
  if (uplink?.priority !== next.uplink?.priority) {
    const words = `uplink ${plan.uplink} has the best priority (${uplink?.priority})`;
    return { rule: 'priority', words };
  }
  if (crossesIsps(chosen) !== crossesIsps(next)) {
    const words = `uplink ${plan.uplink} is of the same ISP as gateway ${plan.gateway}`;
    return { rule: 'isp', words };
  }
  if (plan.gatewayOrder !== next.plan.gatewayOrder) {
    return { rule: 'gateway', words: `gateway ${plan.gateway} is nearest` };
  }
  if (uplink?.weight !== next.uplink?.weight) {
    const words = `uplink ${plan.uplink} has the greater weight (${uplink?.weight})`;
    return { rule: 'weight', words };
  }
  return { rule: 'id', words: 'it comes first among equals' };
}
