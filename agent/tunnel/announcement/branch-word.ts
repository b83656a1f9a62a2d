/**
 * What the branch said last about the tunnel it uses, and which tunnel of ours that is.
 *
 * It names the tunnel by its own inner address; whether that is one of ours may change with the plan.
 */
import type { FastPathPlan } from '../../model/fast-path.ts';
import type { TunnelId } from '../../model/tunnel.ts';
import type { SupervisorEffect } from '../supervisor-events.ts';
import { canonicalAddress } from './path-announcement.ts';

export class BranchWord {
  #address: string | undefined;

  hear(address: string | undefined): void {
    this.#address = address;
  }

  /** The tunnel in which the branch has the address it named; undefined when none of ours. */
  tunnelIn(plan: FastPathPlan | undefined): TunnelId | undefined {
    if (this.#address === undefined) return undefined;
    return plan?.tunnels.find((each) => canonicalAddress(each.innerRemote) === this.#address)?.id;
  }
}

export function wordTold(
  tunnel: TunnelId | undefined,
  over: TunnelId,
  atMs: number,
): readonly SupervisorEffect[] {
  return [
    { type: 'tellControl', fact: { type: 'pathAnnounced', tunnel, atMs } },
    { type: 'note', note: { code: 'pathAnnounced', level: 'info', tunnel, over } },
  ];
}
