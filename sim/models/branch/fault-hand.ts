/**
 * The hand that breaks things in a simulated branch, and afterwards mends everything it broke.
 */
import { ROUTE_PROTOCOL } from '../../../firmware-shim/kernel/types.ts';
import { UPLINKS } from '../../lab/topology.ts';
import type { Ticket } from '../../world/due-queue.ts';
import { type Fault, faultText } from '../../world/faults.ts';
import { CLEAN_PATH, type PathConditions } from '../../world/network.ts';
import type { WorldOptions } from '../../world/options.ts';
import { TABLE_MAIN } from '../kernel/kernel-state.ts';
import type { BranchWorld } from './branch-world.ts';

export class FaultHand {
  readonly #cast: BranchWorld;
  readonly #options: WorldOptions;
  readonly #laterTickets: Ticket[] = [];

  constructor(cast: BranchWorld, options: WorldOptions) {
    this.#cast = cast;
    this.#options = options;
  }

  strike(fault: Fault): void {
    const { world, branch } = this.#cast;
    world.tell('fault', 'world', faultText(fault));
    switch (fault.kind) {
      case 'cablePulled':
        return this.#pullCable(fault);
      case 'pathBlocked':
        this.#change(fault.path, { blocked: fault.directions });
        return this.#later(fault.forMs, () => this.#change(fault.path, { blocked: [] }));
      case 'pathDegraded': {
        const { path, lossPercent, jitterMs, forMs } = fault;
        this.#change(path, { lossPercent, jitterMs });
        return this.#later(forMs, () => this.#change(path, this.#ordinary(path)));
      }
      case 'pathDisordered':
      case 'pathClogged':
      case 'pathNarrowed':
      case 'hubCutOff':
        return this.#disturbPath(fault);
      case 'gatewayKicked':
        return this.#cast.gateway(fault.gateway)?.kick(fault.reasonCode);
      case 'desiredGarbled':
        return this.#cast.controller.garble(fault.text);
      case 'threadStalled':
        return branch.stall(fault.thread, fault.forMs);
      case 'diskRefused':
        branch.store.trouble = fault.code;
        return this.#later(fault.forMs, () => {
          branch.store.trouble = undefined;
        });
      case 'gatewayRestarted':
        return this.#cast.gateway(fault.gateway)?.restart(fault.downMs);
      case 'agentCrashed':
        branch.crash();
        return this.#later(fault.downMs, () => branch.start());
      case 'netlinkOverrun':
        return branch.host.overrun();
      case 'routesDeleted':
        return branch.host.deleteRoutes(ROUTE_PROTOCOL, TABLE_MAIN);
      case 'tunnelLost':
        return branch.engine.lose(fault.tunnel);
      case 'boardRebooted':
        return branch.board.act({ do: 'reboot' });
      case 'serialNoise': {
        branch.board.line.change({ noisePpm: fault.noisePpm });
        const { serialNoisePpm: noisePpm } = this.#options;
        return this.#later(fault.forMs, () => branch.board.line.change({ noisePpm }));
      }
      case 'serialUnplugged':
        branch.board.line.unplug();
        return this.#later(fault.forMs, () => branch.board.line.plug());
      case 'wallClockJumped':
        return world.jumpWall(fault.byMs);
    }
  }

  /** Everything is as it was before the first strike; only the wall clock stays where it was put. */
  heal(): void {
    const { world, branch, network } = this.#cast;
    world.tell('fault', 'world', 'everything is mended');
    for (const ticket of this.#laterTickets) world.cancel(ticket);
    for (const { id } of UPLINKS) this.#plugCable(id);
    for (const { id } of network.paths) {
      this.#change(id, { ...this.#ordinary(id), blocked: [], cloggedUntilMs: 0 });
    }
    branch.board.line.change({ noisePpm: this.#options.serialNoisePpm });
    branch.board.line.plug();
    branch.store.trouble = undefined;
    branch.start();
  }

  #disturbPath(
    fault: Extract<
      Fault,
      { readonly kind: 'pathDisordered' | 'pathClogged' | 'pathNarrowed' | 'hubCutOff' }
    >,
  ): void {
    const { world, network } = this.#cast;
    switch (fault.kind) {
      case 'pathDisordered': {
        const { path, duplicatePercent, jitterMs, forMs } = fault;
        this.#change(path, { duplicatePercent, jitterMs });
        return this.#later(forMs, () => this.#change(path, this.#ordinary(path)));
      }
      case 'pathClogged':
        return this.#change(fault.path, { cloggedUntilMs: world.nowMs + fault.forMs });
      case 'pathNarrowed': {
        const { path, bytesMax, forMs } = fault;
        this.#change(path, { bytesMax });
        return this.#later(forMs, () => this.#change(path, this.#ordinary(path)));
      }
      case 'hubCutOff':
        for (const { id } of network.paths.filter(({ id }) => id.endsWith(`/${fault.gateway}`))) {
          this.#change(id, { blocked: ['out', 'in'] });
          this.#later(fault.forMs, () => this.#change(id, { blocked: [] }));
        }
        return;
    }
  }

  #pullCable(fault: Extract<Fault, { readonly kind: 'cablePulled' }>): void {
    const { uplink, forMs, boardLagMs, kernelLagMs } = fault;
    this.#later(boardLagMs, () => this.#cast.setBoardCable(uplink, false));
    this.#later(kernelLagMs, () => this.#cast.setCarrier(uplink, false));
    this.#later(forMs + boardLagMs, () => this.#cast.setBoardCable(uplink, true));
    this.#later(forMs + kernelLagMs, () => this.#cast.setCarrier(uplink, true));
  }

  #plugCable(uplink: string): void {
    this.#cast.setBoardCable(uplink, true);
    this.#cast.setCarrier(uplink, true);
  }

  #ordinary(path: string): Partial<PathConditions> {
    const { lossPercent, jitterMs } = this.#options.paths[path] ?? CLEAN_PATH;
    const { duplicatePercent, bytesMax } = CLEAN_PATH;
    return { lossPercent, jitterMs, duplicatePercent, bytesMax };
  }

  #change(path: string, conditions: Partial<PathConditions>): void {
    this.#cast.network.paths.find(({ id }) => id === path)?.change(conditions);
  }

  #later(afterMs: number, act: () => void): void {
    this.#laterTickets.push(this.#cast.world.after(afterMs, 'fault', act));
  }
}
