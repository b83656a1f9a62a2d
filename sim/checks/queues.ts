/** I7: no queue of the agent grows beyond its cap. */
import { EVENTS_MAX } from '../../agent/access/outbox.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { Broken, Invariant } from './invariant.ts';

/** Looking into the agent costs more than a step; this often is enough for queues. */
const LOOK_EVERY_MS = 250;

export class Queues implements Invariant {
  readonly #broken: Broken;
  #nextLookMs = 0;

  constructor(broken: Broken) {
    this.#broken = broken;
  }

  look({ world, branch }: BranchWorld): void {
    if (world.nowMs < this.#nextLookMs) return;
    this.#nextLookMs = world.nowMs + LOOK_EVERY_MS;
    const pending = branch.snapshot()?.outbox.pending ?? 0;
    if (pending > EVENTS_MAX) this.#broken(`I7: ${pending} events wait in the outbox`);
  }
}
