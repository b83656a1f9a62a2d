/**
 * Everything that can go wrong in a simulated run, as data with a moment, and how to draw it from a seed.
 *
 * A fault says what happens in the world, never what the agent should make of it. Every drawn value is
 * printed with the run, so that a failing seed can be read before it is replayed.
 */
import type { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { BRANCH_DRAWS, type BranchFault } from './branch-faults.ts';
import { CLOUD_DRAWS, type CloudFault } from './cloud-faults.ts';
import { type Draw, type FaultTargets, pick, rounded } from './draw.ts';
import { GATEWAY_DRAWS, type GatewayFault } from './gateway-faults.ts';
import { drawNameFault, type NameFault } from './name-faults.ts';
import { PATH_DRAWS, type PathFault } from './path-faults.ts';

export type Fault = PathFault | GatewayFault | CloudFault | BranchFault | NameFault;

export interface TimedFault {
  readonly atMs: number;
  readonly fault: Fault;
}

const FAULTS_MIN = 3;
const FAULTS_MAX = 14;
/** Long enough to be noticed by everything that watches, short enough for several in one run. */
const LASTS_MS_MIN = 30;
const LASTS_MS_MAX = 6_000;
/** Of the episodes, so many have name servers in trouble. */
const NAMES_PART = 0.5;

const DRAWS: readonly Draw<Fault>[] = [
  ...PATH_DRAWS,
  ...GATEWAY_DRAWS,
  ...CLOUD_DRAWS,
  ...BRANCH_DRAWS,
];

export function drawFaults(
  random: SeededRandom,
  targets: FaultTargets,
  fromMs: number,
  untilMs: number,
): readonly TimedFault[] {
  const count = FAULTS_MIN + Math.floor(random.next() * (FAULTS_MAX - FAULTS_MIN + 1));
  const faults = Array.from({ length: count }, () => ({
    atMs: rounded(fromMs + random.next() * (untilMs - fromMs)),
    fault: drawFault(random, targets),
  }));
  return faults.toSorted((a, b) => a.atMs - b.atMs);
}

/**
 * Name servers in trouble, in some episodes. It matters only to whoever connects meanwhile, so it lasts, and comes in
 * addition to whatever else a seed draws.
 */
export function drawNameTrouble(
  random: SeededRandom,
  targets: FaultTargets,
  fromMs: number,
  untilMs: number,
): readonly TimedFault[] {
  if (random.next() >= NAMES_PART) return [];
  const atMs = rounded(fromMs + random.next() * (untilMs - fromMs));
  const forMs = rounded(random.next() * (untilMs - atMs));
  return [{ atMs, fault: drawNameFault(random, targets, forMs) }];
}

function drawFault(random: SeededRandom, targets: FaultTargets): Fault {
  const forMs = rounded(LASTS_MS_MIN + random.next() ** 2 * (LASTS_MS_MAX - LASTS_MS_MIN));
  return pick(random, DRAWS)(random, targets, forMs);
}

export function faultText(fault: Fault): string {
  const { kind, ...rest } = fault;
  const parts = Object.entries(rest).map(([name, value]) => `${name}=${valueText(value)}`);
  return [kind, ...parts].join(' ');
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
