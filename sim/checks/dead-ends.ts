/**
 * I5: nothing is routed into a tunnel that the agent has known Down for longer than detection plus a grace, or has
 * adopted and not seen Up within its own patience.
 */
import type { FastPathFact } from '../../agent/model/fast-path.ts';
import type { TunnelState } from '../../agent/model/tunnel.ts';
import { ADOPTION_WAIT_MS } from '../../agent/tunnel/tunnel-supervisor.ts';
import { DETECT_MS } from '../models/branch/branch-site.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { Broken, Invariant } from './invariant.ts';

/** Traffic must have left a dead tunnel this long after it was known dead (fault model, I5). */
const GRACE_MS = 200;
/** How long traffic may go into a tunnel that is in this state. */
const TOLERATED_MS: Readonly<Record<TunnelState, number>> = {
  absent: DETECT_MS + GRACE_MS,
  down: DETECT_MS + GRACE_MS,
  establishing: ADOPTION_WAIT_MS + GRACE_MS,
  up: Number.POSITIVE_INFINITY,
};

export class DeadEnds implements Invariant {
  readonly #broken: Broken;
  readonly #notUp = new Map<string, { readonly state: TunnelState; readonly sinceMs: number }>();

  constructor(broken: Broken) {
    this.#broken = broken;
  }

  onStarted(): void {
    this.#notUp.clear();
  }

  onFact(fact: FastPathFact): void {
    if (fact.type !== 'tunnelStateChanged') return;
    const { tunnel, to: state, atMs: sinceMs } = fact;
    if (state === 'up') this.#notUp.delete(tunnel);
    else this.#notUp.set(tunnel, { state, sinceMs });
  }

  look({ branch, world }: BranchWorld): void {
    if (this.#notUp.size === 0 || !branch.running) return;
    const tunnel = branch.egress();
    const known = tunnel === undefined ? undefined : this.#notUp.get(tunnel);
    if (known === undefined) return;
    const lastsMs = world.nowMs - known.sinceMs;
    if (lastsMs > TOLERATED_MS[known.state]) {
      this.#broken(`I5: traffic goes into ${tunnel}, ${known.state} for ${lastsMs.toFixed(1)} ms`);
    }
  }
}
