/** The hand that breaks things in the branch itself. */
import { ROUTE_PROTOCOL } from '../../../../firmware-shim/kernel/types.ts';
import { UPLINKS } from '../../../lab/topology.ts';
import type { BranchFault } from '../../../world/faults/branch-faults.ts';
import type { DiskTrouble } from '../../disk/memory-store.ts';
import { TABLE_MAIN } from '../../kernel/kernel-state.ts';
import type { HandTools, Strikes } from './strikes.ts';

type CablePulled = Extract<BranchFault, { readonly kind: 'cablePulled' }>;

export class BranchHand {
  readonly #tools: HandTools;

  constructor(tools: HandTools) {
    this.#tools = tools;
  }

  readonly strikes: Strikes<BranchFault> = {
    cablePulled: (fault) => this.#pullCable(fault),
    cableFlapped: ({ uplink, times, everyMs }) => {
      const { cast, later } = this.#tools;
      for (let at = 0; at < 2 * times; at += 1) {
        later(at * everyMs, () => {
          cast.setBoardCable(uplink, at % 2 === 1);
          cast.setCarrier(uplink, at % 2 === 1);
        });
      }
    },
    deviceReplaced: ({ uplink, forMs }) => {
      this.#branch.devices.lose(uplink);
      this.#tools.later(forMs, () => this.#branch.devices.replace(uplink));
    },
    kernelRefused: ({ op, code }) => this.#branch.host.kernel.refuseNext(op, code),
    threadStalled: ({ thread, forMs }) => this.#branch.stall(thread, forMs),
    diskRefused: ({ code, forMs }) => this.#troubleDisk(code, forMs),
    diskFlushFailed: ({ forMs }) => this.#troubleDisk('flush', forMs),
    powerCut: ({ downMs, clock }) => {
      const { world } = this.#tools.cast;
      this.#branch.cutPower();
      if (clock === 'lost') world.setWall(0);
      this.#tools.later(downMs, () => this.#branch.start());
    },
    agentCrashed: ({ downMs }) => this.#crash(downMs),
    agentKilledMidway: ({ effects, downMs }) =>
      this.#branch.killAfter(effects, () => this.#crash(downMs)),
    inputPoisoned: ({ text }) => {
      this.#branch.starts.poison = text;
    },
    powerCutInFile: ({ step }) => this.#branch.identity.cutAtStep(step),
    netlinkOverrun: () => this.#branch.host.overrun(),
    routesDeleted: () => this.#branch.host.deleteRoutes(ROUTE_PROTOCOL, TABLE_MAIN),
    tunnelLost: ({ tunnel }) => this.#branch.engine.lose(tunnel),
    boardRebooted: () => this.#branch.board.act({ do: 'reboot' }),
    serialNoise: ({ noisePpm, forMs }) => {
      const { line } = this.#branch.board;
      line.change({ noisePpm });
      this.#tools.later(forMs, () => line.change({ noisePpm: this.#tools.options.serialNoisePpm }));
    },
    serialUnplugged: ({ forMs }) => {
      const { line } = this.#branch.board;
      line.unplug();
      this.#tools.later(forMs, () => line.plug());
    },
    wallClockJumped: ({ byMs }) => this.#tools.cast.world.jumpWall(byMs),
  };

  /** Only the wall clock stays where it was put, but for a box that no gateway has told the time: a time server does. */
  mend(): void {
    const { world } = this.#tools.cast;
    if (!this.#branch.identity.knowsTime) world.setWall(world.trueWallMs);
    for (const { id } of UPLINKS) {
      this.#branch.devices.replace(id);
      this.#tools.cast.setBoardCable(id, true);
      this.#tools.cast.setCarrier(id, true);
    }
    const { board, store } = this.#branch;
    board.line.change({ noisePpm: this.#tools.options.serialNoisePpm });
    board.line.plug();
    store.trouble = undefined;
    this.#branch.spare();
    this.#branch.starts.poison = undefined;
    this.#branch.identity.spare();
    this.#branch.start();
  }

  get #branch() {
    return this.#tools.cast.branch;
  }

  #troubleDisk(trouble: DiskTrouble, forMs: number): void {
    const { store } = this.#branch;
    store.trouble = trouble;
    this.#tools.later(forMs, () => {
      store.trouble = undefined;
    });
  }

  #crash(downMs: number): void {
    this.#branch.crash();
    this.#tools.later(downMs, () => this.#branch.start());
  }

  #pullCable({ uplink, forMs, boardLagMs, kernelLagMs }: CablePulled): void {
    const { cast, later } = this.#tools;
    later(boardLagMs, () => cast.setBoardCable(uplink, false));
    later(kernelLagMs, () => cast.setCarrier(uplink, false));
    later(forMs + boardLagMs, () => cast.setBoardCable(uplink, true));
    later(forMs + kernelLagMs, () => cast.setCarrier(uplink, true));
  }
}
