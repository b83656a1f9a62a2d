/**
 * The hand that breaks things in a simulated branch, and afterwards mends everything it broke.
 */
import type { Ticket } from '../../../world/due-queue.ts';
import { type Fault, faultText } from '../../../world/faults/fault.ts';
import type { WorldOptions } from '../../../world/options.ts';
import type { BranchWorld } from '../branch-world.ts';
import { BranchHand } from './branch-hand.ts';
import { CloudHand } from './cloud-hand.ts';
import { GatewayHand } from './gateway-hand.ts';
import { PathHand } from './path-hand.ts';
import type { HandTools, Strikes } from './strikes.ts';

export class FaultHand {
  readonly #cast: BranchWorld;
  readonly #hands: readonly { mend(): void }[];
  readonly #strikes: Strikes<Fault>;
  readonly #laterTickets: Ticket[] = [];

  constructor(cast: BranchWorld, options: WorldOptions) {
    this.#cast = cast;
    const later: HandTools['later'] = (afterMs, act) => {
      this.#laterTickets.push(cast.world.after(afterMs, 'fault', act));
    };
    const tools = { cast, options, later };
    const [path, gateway, cloud, branch] = [
      new PathHand(tools),
      new GatewayHand(tools),
      new CloudHand(tools),
      new BranchHand(tools),
    ];
    this.#hands = [path, gateway, cloud, branch];
    this.#strikes = { ...path.strikes, ...gateway.strikes, ...cloud.strikes, ...branch.strikes };
  }

  strike(fault: Fault): void {
    this.#cast.world.tell('fault', 'world', faultText(fault));
    // Each kind has its own act, which the compiler cannot follow through a union.
    (this.#strikes[fault.kind] as (struck: Fault) => void)(fault);
  }

  /** Everything is as it was before the first strike; only the wall clock stays where it was put. */
  heal(): void {
    const { world } = this.#cast;
    world.tell('fault', 'world', 'everything is mended');
    for (const ticket of this.#laterTickets) world.cancel(ticket);
    for (const hand of this.#hands) hand.mend();
  }
}
