/**
 * Who carries traffic beside the chosen tunnel: uplinks of equal priority balance it by their weights.
 *
 * All members end at the gateway of the chosen one, because return traffic comes from one gateway. A member
 * joins like traffic returns to a tunnel, after its hold and proven alive, and leaves on evidence.
 */
import type { TunnelShare } from '../../model/decision.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import type { UplinkId } from '../../model/uplink.ts';
import { doubtOf, readyAtMs, type TunnelCandidate } from '../tunnel-candidate.ts';

export interface BalanceInput {
  readonly chosen: TunnelCandidate | undefined;
  readonly usable: readonly TunnelCandidate[];
  /** Those that carry traffic now. */
  readonly before: readonly TunnelId[];
  readonly nowMs: number;
}

/** The chosen one first. */
export function membersOf({ chosen, usable, before, nowMs }: BalanceInput): readonly TunnelShare[] {
  if (chosen === undefined) return [];
  const uplinks = new Set<UplinkId>();
  const members = [chosen];
  for (const each of usable) {
    if (uplinks.has(each.plan.uplink) || !sharesWith(chosen, each)) continue;
    const stays = before.includes(each.plan.id);
    if (!stays && (doubtOf(each) > 0 || readyAtMs(each) > nowMs)) continue;
    uplinks.add(each.plan.uplink);
    members.push(each);
  }
  return members.map(({ plan, uplink }) => ({ tunnel: plan.id, weight: uplink?.weight ?? 1 }));
}

/** When a tunnel that could join has served its hold. */
export function joinMoments(
  { chosen, usable, nowMs }: BalanceInput,
  members: readonly TunnelShare[],
): readonly number[] {
  if (chosen === undefined) return [];
  return usable
    .filter((each) => sharesWith(chosen, each))
    .filter((each) => !members.some((member) => member.tunnel === each.plan.id))
    .map((each) =>
      doubtOf(each) === 0
        ? readyAtMs(each)
        : Math.max(readyAtMs(each), nowMs + (each.proof?.intervalMs ?? 0)),
    );
}

/** Equal for equal shares. */
export function sharesKey(members: readonly TunnelShare[]): string {
  return members.map(({ tunnel, weight }) => `${tunnel}x${weight}`).join(' ');
}

function sharesWith(chosen: TunnelCandidate, other: TunnelCandidate): boolean {
  return (
    other.plan.uplink !== chosen.plan.uplink &&
    other.uplink?.priority === chosen.uplink?.priority &&
    other.plan.gateway === chosen.plan.gateway &&
    other.sla?.verdict !== 'violated'
  );
}
