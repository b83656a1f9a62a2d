/**
 * I8: no command is carried out twice, late or unauthorised, over all runs of the agent. The clerk's book says which may
 * be; the time is the true one, whatever the clock of the branch says.
 *
 * Commands that the access side carries out by itself are known by the success the device reports of them.
 */
import type { CommandStatus } from '../../agent/access/payloads.ts';
import { laneOf } from '../../agent/access/publish-lane.ts';
import type { ControlEffect } from '../../agent/wiring/control-events.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { Broken, Invariant } from './invariant.ts';

/** The gateway's word on the time is as old as its way here. */
const CLOCK_ERROR_MS = 1_000;

export class Commands implements Invariant {
  readonly #broken: Broken;
  readonly #begun = new Set<string>();
  #beginning: string[] = [];
  #succeeded: string[] = [];

  constructor(broken: Broken) {
    this.#broken = broken;
  }

  onEffect(effect: ControlEffect): void {
    if (effect.type === 'deviceWork') this.#beginning.push(effect.requestId);
    else if (effect.type === 'orderFastPath' && effect.order.type === 'switchRequested') {
      this.#beginning.push(effect.order.requestId);
    } else if (effect.type === 'publish' && laneOf(effect.message.publishId) === 'command') {
      const { id, state } = JSON.parse(
        new TextDecoder().decode(effect.message.payload),
      ) as CommandStatus;
      if (state === 'Succeed') this.#succeeded.push(id);
    }
  }

  look({ clerk, world }: BranchWorld): void {
    for (const id of this.#beginning.splice(0)) {
      const known = clerk.commanded(id);
      if (known?.isProper !== true) this.#broken(`I8: ${id} is carried out without authority`);
      if (this.#begun.has(id)) this.#broken(`I8: ${id} is carried out twice`);
      if (world.trueWallMs > known.command.expiresAtMs + CLOCK_ERROR_MS) {
        this.#broken(`I8: ${id} is carried out after its time`);
      }
      this.#begun.add(id);
    }
    for (const id of this.#succeeded.splice(0)) {
      if (clerk.commanded(id)?.isProper !== true) this.#broken(`I8: ${id} succeeded unauthorised`);
    }
  }
}
