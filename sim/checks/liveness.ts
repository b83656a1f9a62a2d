/**
 * What must come true once nothing is broken any more (I6, I9): agent, kernel, board and gateway agree, every
 * tunnel is up, traffic flows, and no event is owed.
 */

import { OUTBOX_SHELF } from '../../agent/access/outbox.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { EventLedger } from './event-ledger.ts';
import { gatewayDisagrees } from './reference-gateway.ts';

/** All converged within this much of virtual time after the last fault is mended. */
export const CONVERGE_MS_MAX = 120_000;
/** Echoes must come back about as often as they go out; this leaves room for the way there and back. */
const ECHO_SILENCE_MS_MAX = 450;

/** Everything that is not as it should be, as sentences; empty when all have converged. */
export function notConverged(cast: BranchWorld, events: EventLedger): readonly string[] {
  const missing: string[] = [];
  const must = (held: boolean, sentence: string): void => {
    if (!held) missing.push(sentence);
  };
  const agent = cast.branch.snapshot();
  const fastPath = cast.branch.fastPathSnapshot();
  if (agent === undefined || fastPath === undefined) return ['the agent does not run'];
  const { registration, outbox, board, desired } = agent;
  must(registration.state === 'registered', `registration is ${registration.state}`);
  must(board.state === 'up', 'the board is lost');
  must(outbox.pending === 0, `${outbox.pending} events wait for the gateway`);
  must(desired.revision === cast.controller.revision, `revision ${desired.revision} is in force`);
  must(desired.trial === undefined, `revision ${desired.trial?.revision} is on trial`);
  must(desired.pendingSteps.length === 0, `steps are left: ${desired.pendingSteps.join('; ')}`);
  for (const { id, verdict } of fastPath.uplinks) must(verdict.state === 'up', `${id} is down`);
  for (const { id, state } of fastPath.tunnels) must(state === 'up', `tunnel ${id} is ${state}`);
  must(fastPath.tunnels.length > 0, 'the fast path has no tunnels');
  const egress = cast.branch.egress();
  const { active } = fastPath;
  must(egress === active, `the kernel routes into ${egress}, the agent thinks ${active}`);
  must(fastPath.routes.installed, 'routes are not installed');
  const lastMs = cast.echoes.lastAnswerAtMs ?? Number.NEGATIVE_INFINITY;
  const silentMs = cast.world.nowMs - lastMs;
  must(silentMs < ECHO_SILENCE_MS_MAX, `no echo came back for ${silentMs.toFixed(0)} ms`);
  // What the gateway has and a disk in trouble did not forget is told once more after the next start.
  const owed = cast.branch.store
    .load(OUTBOX_SHELF)
    .map(({ key }) => key)
    .filter((id) => !cast.store.hasEvent(id));
  must(owed.length === 0, `events still on the disk: ${owed.join(', ')}`);
  missing.push(...gatewayDisagrees(cast, events));
  return missing;
}
