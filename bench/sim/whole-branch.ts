/**
 * A branch with everything on, in calm time: both threads, board, disk, kernel, engine, two gateways and their hubs,
 * echoes through four tunnels, and the safety checks after every step.
 */
import { SafetyWatch } from '../../sim/checks/safety.ts';
import { SITE_PATHS } from '../../sim/models/branch/branch-site.ts';
import { BranchWorld } from '../../sim/models/branch/branch-world.ts';
import { CalmTime } from '../../sim/world/calm-time.ts';
import { calmOptions } from '../../sim/world/options.ts';
import { World } from '../../sim/world/world.ts';

/** Registered, provisioned and settled on its best tunnel. */
const START_MS = 60_000;

export class WholeBranch {
  readonly #world = new World(1);
  readonly #watch = new SafetyWatch(this.#world);
  readonly #cast: BranchWorld;
  readonly #calm: CalmTime;

  constructor() {
    this.#cast = new BranchWorld(this.#world, calmOptions(SITE_PATHS), this.#watch);
    this.#calm = new CalmTime(this.#cast, this.#watch, 'rate');
  }

  get nowMs(): number {
    return this.#world.nowMs;
  }

  async start(): Promise<void> {
    this.#cast.branch.start();
    this.#cast.echoes.start();
    await this.#world.run(START_MS, () => this.#watch.afterStep(this.#cast));
  }

  /** Throws when anything moves. */
  async rest(forMs: number): Promise<void> {
    await this.#calm.pass(this.#world.nowMs + forMs);
  }
}
