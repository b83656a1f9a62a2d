/**
 * One run of the world with everything drawn from its seed: faults strike for half a minute while safety is
 * checked after every step, then all is mended and the branch must converge.
 */
import { CONVERGE_MS_MAX, notConverged } from '../checks/liveness.ts';
import { SafetyWatch } from '../checks/safety.ts';
import { GATEWAYS, UPLINKS } from '../lab/topology.ts';
import { SITE_PATHS, SITE_TUNNELS } from '../models/branch-site.ts';
import { BranchWorld } from '../models/branch-world.ts';
import { FaultHand } from '../models/fault-hand.ts';
import { drawFaults, faultText } from './faults.ts';
import { drawOptions, printOptions } from './options.ts';
import type { SeedOutcome } from './seed-outcome.ts';
import type { Transcript } from './transcript.ts';
import { World } from './world.ts';

/** The branch has come up by then, on calm paths. */
const FAULTS_FROM_MS = 1_000;
const FAULTS_UNTIL_MS = 31_000;
/** The last faults may still be at work by then: mending cuts them short. */
const HEAL_AT_MS = 31_500;
/** How often convergence is looked for. */
const LOOK_EVERY_MS = 200;

export interface SeedResult extends SeedOutcome {
  readonly transcript: Transcript;
}

/** With `untilMs` the run ends early and judges nothing beyond. */
export async function runSeed(
  seed: number,
  untilMs = Number.POSITIVE_INFINITY,
): Promise<SeedResult> {
  const world = new World(seed);
  const { transcript } = world;
  try {
    const convergedMs = await liveThrough(world, untilMs);
    return { seed, failure: undefined, convergedMs, livedMs: world.nowMs, transcript };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    world.tell('check', 'world', `failed: ${failure}`);
    return { seed, failure, convergedMs: undefined, livedMs: world.nowMs, transcript };
  }
}

async function liveThrough(world: World, untilMs: number): Promise<number | undefined> {
  const options = drawOptions(world.randomOf('options'), SITE_PATHS);
  const watch = new SafetyWatch(world);
  const cast = new BranchWorld(world, options, watch);
  const hand = new FaultHand(cast, options);
  const afterStep = (): void => watch.afterStep(cast);
  printOptions(world, options);
  const targets = {
    uplinks: UPLINKS.map(({ id }) => id),
    gateways: GATEWAYS.map(({ id }) => id),
    paths: SITE_PATHS,
    tunnels: SITE_TUNNELS.map(({ id }) => id),
  };
  const faults = drawFaults(world.randomOf('faults'), targets, FAULTS_FROM_MS, FAULTS_UNTIL_MS);
  for (const { atMs, fault } of faults) {
    world.tell('option', 'world', `fault at ${atMs} ms: ${faultText(fault)}`);
    world.at(atMs, 'fault', () => hand.strike(fault));
  }
  cast.branch.start();
  cast.echoes.start();
  await world.run(Math.min(HEAL_AT_MS, untilMs), afterStep);
  if (untilMs <= HEAL_AT_MS) return undefined;
  hand.heal();
  for (;;) {
    const missing = notConverged(cast, watch.raised);
    const convergedMs = world.nowMs - HEAL_AT_MS;
    if (missing.length === 0) {
      world.tell('check', 'world', `all converged ${convergedMs} ms after everything was mended`);
      return convergedMs;
    }
    if (world.nowMs >= untilMs) return undefined;
    if (convergedMs >= CONVERGE_MS_MAX) throw new Error(`not converged: ${missing.join('; ')}`);
    await world.run(world.nowMs + LOOK_EVERY_MS, afterStep);
  }
}
