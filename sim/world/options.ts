/**
 * The surroundings of one simulated run: how far the gateways are, how slow the disk and the threads are.
 * Drawn from the seed, or calm for a story whose figures should mean something.
 */
import type { SeededRandom } from '../../firmware-shim/base/random.ts';
import { CLEAN_PATH, type PathConditions } from './network.ts';
import type { World } from './world.ts';

export interface WorldOptions {
  /** Of every path, by `uplink/gateway`. */
  readonly paths: Readonly<Record<string, PathConditions>>;
  /** A message from one thread of the agent to the other. */
  readonly threadHopMs: number;
  /** Until a record is on the disk. */
  readonly storeMs: number;
  /** Until the engine has made a tunnel. */
  readonly engineMs: number;
  readonly serialNoisePpm: number;
  /** How old the branch's certificate of 90 days is at the start: from 60 days on it is due to be renewed. */
  readonly certificateAgeDays: number;
  /** Until then nobody renews it. */
  readonly deskOpensAtMs: number;
  /** How often the host behind the branch sends an echo request. */
  readonly echoIntervalMs: number;
}

export function calmOptions(paths: readonly string[]): WorldOptions {
  return {
    paths: Object.fromEntries(paths.map((path) => [path, CLEAN_PATH])),
    threadHopMs: 0.2,
    storeMs: 1,
    engineMs: 8,
    serialNoisePpm: 0,
    certificateAgeDays: 1,
    deskOpensAtMs: 0,
    echoIntervalMs: 10,
  };
}

export function drawOptions(random: SeededRandom, paths: readonly string[]): WorldOptions {
  const between = (low: number, high: number): number =>
    Math.round((low + random.next() * (high - low)) * 10) / 10;
  const drawPath = (): PathConditions => ({
    ...CLEAN_PATH,
    delayMs: between(1, 40),
    jitterMs: between(0, 8),
    lossPercent: random.next() < 0.5 ? 0 : between(0, 0.5),
  });
  return {
    paths: Object.fromEntries(paths.map((path) => [path, drawPath()])),
    threadHopMs: between(0.1, 3),
    storeMs: between(0.5, 20),
    engineMs: between(1, 60),
    serialNoisePpm: random.next() < 0.7 ? 0 : between(0, 200),
    // Some are due at once; none ends so soon that people must be alarmed.
    certificateAgeDays: random.next() < 0.5 ? between(0, 55) : between(60, 82),
    deskOpensAtMs: random.next() < 0.5 ? 0 : between(2_000, 15_000),
    echoIntervalMs: 25,
  };
}

/** Every value, one line each, with the seed first. */
export function printOptions(world: World, options: WorldOptions): void {
  const { paths, ...rest } = options;
  world.tell('option', 'world', `seed=${world.seed}`);
  for (const [name, value] of Object.entries(rest)) {
    world.tell('option', 'world', `${name}=${String(value)}`);
  }
  for (const [name, { delayMs, jitterMs, lossPercent }] of Object.entries(paths)) {
    const text = `delayMs=${delayMs} jitterMs=${jitterMs} lossPercent=${lossPercent}`;
    world.tell('option', name, text);
  }
}
