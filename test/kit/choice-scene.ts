/**
 * Candidates of a choice: usable, proven alive and equal but for their place, unless a test says otherwise.
 */
import type { Uplink } from '../../agent/model/uplink.ts';
import { type ChoiceInput, chooseTunnel } from '../../agent/tunnel/choice/tunnel-choice.ts';
import type { ProofOfLife, TunnelCandidate } from '../../agent/tunnel/tunnel-candidate.ts';
import { branchTunnel, uplink } from './fast-path-lab.ts';

export const CHOICE_NOW_MS = 100_000;

export function candidate(index: number, over: Partial<TunnelCandidate> = {}): TunnelCandidate {
  return {
    plan: branchTunnel(index),
    uplink: uplink(index),
    verdict: { state: 'up', sinceMs: 0, address: '10.0.0.1' },
    state: 'up',
    usableSinceMs: 0,
    holdMs: 5_000,
    ...over,
  };
}

/** All equal but for what is said: uplinks of one priority. */
export function equal(
  index: number,
  over: Partial<TunnelCandidate> = {},
  of: Partial<Uplink> = {},
) {
  return candidate(index, { uplink: uplink(index, { priority: 1, ...of }), ...over });
}
/** Something was heard so long ago; the interval is 50 ms. */
export function heard(
  heardAgoMs: number | undefined,
  over: Partial<ProofOfLife> = {},
): ProofOfLife {
  return { heardAgoMs, openedAgoMs: 60_000, intervalMs: 50, detectMs: 150, ...over };
}

export function choose(candidates: readonly TunnelCandidate[], over: Partial<ChoiceInput> = {}) {
  const input = { candidates, active: undefined, pinned: undefined, nowMs: CHOICE_NOW_MS };
  return chooseTunnel({ ...input, ...over });
}
