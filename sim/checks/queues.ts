/** I7: no queue of the agent grows beyond its cap. */
import { OUTBOX_SHELF } from '../../agent/access/outbox.ts';
import { EVENTS_MAX } from '../../agent/access/outbox-room.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { Broken, Invariant } from './invariant.ts';

export class Queues implements Invariant {
  readonly #broken: Broken;
  /** Something was put into the outbox. */
  #isDue = false;

  constructor(broken: Broken) {
    this.#broken = broken;
  }

  onEffect(effect: ControlEffect): void {
    this.#isDue ||= effect.type === 'storePut' && effect.shelf === OUTBOX_SHELF;
  }

  look({ branch }: BranchWorld): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    const pending = branch.snapshot()?.outbox.pending ?? 0;
    if (pending > EVENTS_MAX) this.#broken(`I7: ${pending} events wait in the outbox`);
  }
}
