/**
 * One run of the world with everything drawn from its seed, in episodes: faults strike while safety is checked
 * after every step, then all is mended and the branch must converge, and then it must stay as it is.
 */
import { CONVERGE_MS_MAX, notConverged } from '../checks/liveness.ts';
import { SafetyWatch } from '../checks/safety.ts';
import { GATEWAYS, UPLINKS } from '../lab/topology.ts';
import { SITE_PATHS, SITE_TUNNELS } from '../models/branch/branch-site.ts';
import { BranchWorld } from '../models/branch/branch-world.ts';
import { FaultHand } from '../models/branch/hand/fault-hand.ts';
import { CalmTime, type CalmWay } from './calm-time.ts';
import { drawFaults, drawNameTrouble, faultText, type TimedFault } from './faults/fault.ts';
import { drawOptions, printOptions } from './options.ts';
import type { SeedOutcome } from './seed-outcome.ts';
import type { Transcript } from './transcript.ts';
import { World } from './world.ts';

const EPISODES = 2;
/** Faults, convergence at its slowest, and calm time: long enough for hours of a branch's life over many seeds. */
const EPISODE_MS = 265_000;
/** The branch is coming up by then. */
const FAULTS_FROM_MS = 1_000;
const FAULTS_UNTIL_MS = 16_000;
/** The last faults may still be at work by then: mending cuts them short. */
const HEAL_AFTER_MS = 16_500;
/** How often convergence is looked for: at first, and once something waits for a deadline of its own. */
const LOOK_EVERY_MS = { first: 200, later: 1_000 } as const;
const LATER_MS = 5_000;
/** A lull before calm time: what was mended last settles. */
const SETTLE_MS = 2_000;

export interface SeedResult extends SeedOutcome {
  readonly faults: readonly TimedFault[];
  readonly transcript: Transcript;
}

export interface SeedOptions {
  /** The run ends early and judges nothing beyond. */
  readonly untilMs?: number | undefined;
  readonly calm?: CalmWay | undefined;
  /** Instead of those drawn. */
  readonly faults?: readonly TimedFault[] | undefined;
  /** Of those, only the ones at these places. */
  readonly keep?: readonly number[] | undefined;
}

export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const world = new World(seed);
  const { transcript } = world;
  const drawn = options.faults ?? faultsOf(world);
  const faults = drawn.filter((_, at) => options.keep?.includes(at) ?? true);
  let failure: string | undefined;
  let convergedMs: number | undefined;
  try {
    convergedMs = await new SeedLife(world, faults, options).live();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    world.tell('check', 'world', `failed: ${failure}`);
  }
  return { seed, failure, convergedMs, livedMs: world.nowMs, faults, transcript };
}

function faultsOf(world: World): readonly TimedFault[] {
  const targets = {
    uplinks: UPLINKS.map(({ id }) => id),
    gateways: GATEWAYS.map(({ id }) => id),
    paths: SITE_PATHS,
    tunnels: SITE_TUNNELS.map(({ id }) => id),
  };
  const [random, names] = [world.randomOf('faults'), world.randomOf('name faults')];
  return Array.from({ length: EPISODES }, (_, episode) => {
    const startMs = episode * EPISODE_MS;
    const [fromMs, untilMs] = [startMs + FAULTS_FROM_MS, startMs + FAULTS_UNTIL_MS];
    return [
      ...drawFaults(random, targets, fromMs, untilMs),
      ...drawNameTrouble(names, targets, fromMs, untilMs),
    ].toSorted((a, b) => a.atMs - b.atMs);
  }).flat();
}

class SeedLife {
  readonly #world: World;
  readonly #cast: BranchWorld;
  readonly #watch: SafetyWatch;
  readonly #hand: FaultHand;
  readonly #calm: CalmTime;
  readonly #untilMs: number;

  constructor(world: World, faults: readonly TimedFault[], options: SeedOptions) {
    const drawn = drawOptions(world.randomOf('options'), SITE_PATHS);
    this.#world = world;
    this.#untilMs = options.untilMs ?? Number.POSITIVE_INFINITY;
    this.#watch = new SafetyWatch(world);
    this.#cast = new BranchWorld(world, drawn, this.#watch);
    this.#hand = new FaultHand(this.#cast, drawn);
    this.#calm = new CalmTime(this.#cast, this.#watch, options.calm ?? 'rate');
    printOptions(world, drawn);
    for (const { atMs, fault } of faults) {
      world.tell('option', 'world', `fault at ${atMs} ms: ${faultText(fault)}`);
      world.at(atMs, 'fault', () => {
        this.#watch.struck(fault);
        this.#hand.strike(fault);
      });
    }
  }

  /** The slowest convergence, or undefined when the run ended before all episodes were through. */
  async live(): Promise<number | undefined> {
    this.#cast.branch.start();
    this.#cast.echoes.start();
    let slowestMs = 0;
    for (let episode = 0; episode < EPISODES; episode += 1) {
      const endMs = (episode + 1) * EPISODE_MS;
      await this.#run(episode * EPISODE_MS + HEAL_AFTER_MS);
      if (this.#isOver()) return undefined;
      this.#hand.heal();
      const convergedMs = await this.#converge();
      if (convergedMs === undefined) return undefined;
      slowestMs = Math.max(slowestMs, convergedMs);
      await this.#run(Math.min(endMs, this.#world.nowMs + SETTLE_MS));
      await this.#calm.pass(Math.min(endMs, this.#untilMs));
    }
    return this.#isOver() ? undefined : slowestMs;
  }

  async #converge(): Promise<number | undefined> {
    const sinceMs = this.#world.nowMs;
    for (;;) {
      const missing = notConverged(this.#cast, this.#watch.events);
      const tookMs = this.#world.nowMs - sinceMs;
      if (missing.length === 0) {
        this.#world.tell('check', 'world', `all converged ${tookMs} ms after all was mended`);
        return tookMs;
      }
      if (this.#isOver()) return undefined;
      if (tookMs >= CONVERGE_MS_MAX) throw new Error(`not converged: ${missing.join('; ')}`);
      const lookMs = LOOK_EVERY_MS[tookMs < LATER_MS ? 'first' : 'later'];
      await this.#run(this.#world.nowMs + lookMs);
    }
  }

  #isOver(): boolean {
    return this.#world.nowMs >= this.#untilMs;
  }

  async #run(untilMs: number): Promise<void> {
    const endMs = Math.min(untilMs, this.#untilMs);
    await this.#world.run(endMs, () => this.#watch.afterStep(this.#cast));
  }
}
