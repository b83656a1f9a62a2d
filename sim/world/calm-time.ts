/**
 * Time in which nothing is broken: the steady exchange of liveness is not played packet by packet but taken as a
 * rate, with samples that are played, and everything must stay as it was.
 *
 * A rest skips only what a fast path and its far ends would have said again. All else happens at its own moment:
 * board, gateway, disk and the whole control thread. A test holds that both ways agree.
 */
import { notConverged } from '../checks/liveness.ts';
import type { SafetyWatch } from '../checks/safety.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';

export type CalmWay = 'rate' | 'packets';

/**
 * Between two samples. Short while traffic has not come to its best place yet: a hold that ends in a rest is heard
 * of at its end.
 */
const REST_MS = { settled: 19_000, unsettled: 700 } as const;
/** Several detection times, and a row of quality probes. */
const SAMPLE_MS = 300;
/** A will of a connection long gone may still be told by the gateway it went to: the device takes its word back. */
const REPAIR_MS = 2_000;

export class CalmTime {
  readonly #cast: BranchWorld;
  readonly #watch: SafetyWatch;
  readonly #way: CalmWay;

  constructor(cast: BranchWorld, watch: SafetyWatch, way: CalmWay) {
    this.#cast = cast;
    this.#watch = watch;
    this.#way = way;
  }

  /** Lets calm time pass; throws when something moves though nothing is broken. */
  async pass(untilMs: number): Promise<void> {
    const { world, branch } = this.#cast;
    const { reference } = this.#watch;
    const quietSinceMs = world.nowMs;
    let carrying = branch.egress();
    while (world.nowMs < untilMs) {
      if (this.#way === 'rate') {
        this.#cast.rest();
        const restMs = REST_MS[reference.isBest(carrying) ? 'settled' : 'unsettled'];
        await this.#run(Math.min(untilMs, world.nowMs + restMs));
        this.#cast.goOn();
      }
      await this.#run(Math.min(untilMs, world.nowMs + SAMPLE_MS));
      let wrong = this.#wrong();
      if (wrong.length > 0) {
        await this.#run(Math.min(untilMs, world.nowMs + REPAIR_MS));
        wrong = this.#wrong();
      }
      const now = branch.egress();
      const mistake =
        wrong[0] ??
        reference.wrongMove(carrying, now, world.nowMs - quietSinceMs) ??
        reference.wrongWith(now, quietSinceMs, world.nowMs);
      if (mistake !== undefined) throw new Error(`in calm time: ${mistake}`);
      carrying = now;
    }
  }

  #wrong(): readonly string[] {
    return notConverged(this.#cast, this.#watch.events);
  }

  async #run(untilMs: number): Promise<void> {
    await this.#cast.world.run(untilMs, () => this.#watch.afterStep(this.#cast));
  }
}
