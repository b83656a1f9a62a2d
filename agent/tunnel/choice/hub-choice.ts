/**
 * Which tunnel a hub uses for return traffic: the one the branch named, or any that is Up.
 *
 * A hub does not judge uplinks: it hears about them from the branch. When no session is Up it stays where it
 * is, because a restart of the branch's agent leaves tunnels and routes in place and a hub has nowhere better
 * to send the traffic.
 */
import type { TunnelId } from '../../model/tunnel.ts';
import type { TunnelCandidate } from '../tunnel-candidate.ts';
import type { Choice } from './tunnel-choice.ts';

export interface HubChoiceInput {
  readonly candidates: readonly TunnelCandidate[];
  readonly active: TunnelId | undefined;
  /** The tunnel the branch named last, if it ends here. */
  readonly named: TunnelId | undefined;
}

export function followBranch(input: HubChoiceInput): Choice {
  const up = input.candidates
    .filter((each) => each.state === 'up')
    .sort((a, b) => a.plan.gatewayOrder - b.plan.gatewayOrder || (a.plan.id < b.plan.id ? -1 : 1));
  const { tunnel, because } = decide(input, up);
  return {
    tunnel,
    members: tunnel === undefined ? [] : [{ tunnel, weight: 1 }],
    rule: 'branch',
    because,
    candidates: input.candidates.map(({ plan, state }) => ({
      tunnel: plan.id,
      eligible: state === 'up',
      why: plan.id === tunnel ? because : state === 'up' ? 'standby' : `its state is ${state}`,
    })),
  };
}

/**
 * While the active tunnel is Up, a move of one that the branch has not named changes nothing. A hub may have
 * thousands: weighing all of them at each move would cost their number squared.
 */
export function isBystander(
  moved: TunnelId,
  active: TunnelId | undefined,
  named: TunnelId | undefined,
): boolean {
  return moved !== active && moved !== named;
}

function decide(
  input: HubChoiceInput,
  up: readonly TunnelCandidate[],
): { readonly tunnel: TunnelId | undefined; readonly because: string } {
  const named = up.find((each) => each.plan.id === input.named);
  if (named !== undefined) return { tunnel: named.plan.id, because: 'the branch uses it' };
  const active = up.find((each) => each.plan.id === input.active);
  if (active !== undefined) return { tunnel: active.plan.id, because: 'its session is Up' };
  const first = up[0];
  if (first !== undefined) return { tunnel: first.plan.id, because: 'its session is Up' };
  const stays = input.candidates.some((each) => each.plan.id === input.active);
  return stays
    ? { tunnel: input.active, because: 'no session is Up, so traffic stays where it was' }
    : { tunnel: undefined, because: 'no session is Up' };
}
