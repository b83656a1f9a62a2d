/**
 * Whether an operator's wish for a tunnel can be met, and what is answered when the kernel has no part in it.
 */
import type { FastPathPlan } from '../../model/fast-path.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import type { SupervisorEffect } from '../supervisor-events.ts';
import { objection, type TunnelCandidate } from '../tunnel-candidate.ts';

export interface SwitchObjection {
  readonly code: 'ESWITCH_HUB' | 'ESWITCH_UNKNOWN' | 'ESWITCH_UNUSABLE';
  readonly because: string;
}

export function switchObjection(
  role: FastPathPlan['role'] | undefined,
  candidates: readonly TunnelCandidate[],
  tunnel: TunnelId,
): SwitchObjection | undefined {
  if (role === 'hub') {
    const because = 'a hub follows the branch and is not switched by itself';
    return { code: 'ESWITCH_HUB', because };
  }
  const candidate = candidates.find((each) => each.plan.id === tunnel);
  if (candidate === undefined) {
    return { code: 'ESWITCH_UNKNOWN', because: `there is no tunnel ${tunnel}` };
  }
  const against = objection(candidate);
  if (against === undefined) return undefined;
  return { code: 'ESWITCH_UNUSABLE', because: `${tunnel} cannot carry traffic: ${against.why}` };
}

export function switchRefused(requestId: string, refusal: SwitchObjection): SupervisorEffect {
  const fact = { type: 'switchAnswered', requestId, ok: false, ...refusal } as const;
  return { type: 'tellControl', fact };
}

export function switchNeedless(requestId: string, tunnel: TunnelId): SupervisorEffect {
  const because = `${tunnel} is active already and stays so until it fails`;
  return { type: 'tellControl', fact: { type: 'switchAnswered', requestId, ok: true, because } };
}
