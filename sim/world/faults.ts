/**
 * Everything that can go wrong in a simulated run, as data with a moment, and how to draw it from a seed.
 *
 * A fault says what happens in the world, never what the agent should make of it. Every drawn value is
 * printed with the run, so that a failing seed can be read before it is replayed.
 */
import type { SeededRandom } from '../../firmware-shim/base/random.ts';
import type { Direction } from './network.ts';

export type Fault =
  /** The cable of an uplink is out; board and kernel see it at slightly different moments. */
  | {
      readonly kind: 'cablePulled';
      readonly uplink: string;
      readonly forMs: number;
      readonly boardLagMs: number;
      readonly kernelLagMs: number;
    }
  /** The path drops everything one way, or both ways, and nobody is told. */
  | {
      readonly kind: 'pathBlocked';
      readonly path: string;
      readonly directions: readonly Direction[];
      readonly forMs: number;
    }
  | {
      readonly kind: 'pathDegraded';
      readonly path: string;
      readonly lossPercent: number;
      readonly jitterMs: number;
      readonly forMs: number;
    }
  | { readonly kind: 'gatewayRestarted'; readonly gateway: string; readonly downMs: number }
  /** The agent's process is killed and started again. */
  | { readonly kind: 'agentCrashed'; readonly downMs: number }
  /** The agent's netlink sockets lose events. */
  | { readonly kind: 'netlinkOverrun' }
  /** Somebody deletes the routes the agent has installed. */
  | { readonly kind: 'routesDeleted' }
  /** The engine loses a tunnel: its device is gone. */
  | { readonly kind: 'tunnelLost'; readonly tunnel: string }
  | { readonly kind: 'boardRebooted' }
  | { readonly kind: 'serialNoise'; readonly noisePpm: number; readonly forMs: number }
  | { readonly kind: 'serialUnplugged'; readonly forMs: number }
  | { readonly kind: 'wallClockJumped'; readonly byMs: number };

export interface TimedFault {
  readonly atMs: number;
  readonly fault: Fault;
}

/** What there is to break. */
export interface FaultTargets {
  readonly uplinks: readonly string[];
  readonly gateways: readonly string[];
  readonly paths: readonly string[];
  readonly tunnels: readonly string[];
}

const FAULTS_MIN = 3;
const FAULTS_MAX = 14;
/** Long enough to be noticed by everything that watches, short enough for several in one run. */
const LASTS_MS_MIN = 30;
const LASTS_MS_MAX = 6_000;

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

function drawFault(random: SeededRandom, targets: FaultTargets): Fault {
  const forMs = rounded(LASTS_MS_MIN + random.next() ** 2 * (LASTS_MS_MAX - LASTS_MS_MIN));
  const draws: readonly (() => Fault)[] = [
    () => ({
      kind: 'cablePulled',
      uplink: pick(random, targets.uplinks),
      forMs,
      boardLagMs: rounded(random.next() * 40),
      kernelLagMs: rounded(random.next() * 40),
    }),
    () => ({
      kind: 'pathBlocked',
      path: pick(random, targets.paths),
      directions: pick(random, [['out'], ['in'], ['out', 'in']] as const),
      forMs,
    }),
    () => ({
      kind: 'pathDegraded',
      path: pick(random, targets.paths),
      lossPercent: rounded(random.next() * 40),
      jitterMs: rounded(random.next() * 60),
      forMs,
    }),
    () => ({ kind: 'gatewayRestarted', gateway: pick(random, targets.gateways), downMs: forMs }),
    () => ({ kind: 'agentCrashed', downMs: forMs }),
    () => ({ kind: 'netlinkOverrun' }),
    () => ({ kind: 'routesDeleted' }),
    () => ({ kind: 'tunnelLost', tunnel: pick(random, targets.tunnels) }),
    () => ({ kind: 'boardRebooted' }),
    () => ({ kind: 'serialNoise', noisePpm: Math.round(random.next() * 20_000), forMs }),
    () => ({ kind: 'serialUnplugged', forMs }),
    () => ({ kind: 'wallClockJumped', byMs: Math.round((random.next() - 0.5) * 7_200_000) }),
  ];
  return pick(random, draws)();
}

export function faultText(fault: Fault): string {
  const { kind, ...rest } = fault;
  const parts = Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`);
  return [kind, ...parts].join(' ');
}

function pick<Item>(random: SeededRandom, items: readonly Item[]): Item {
  const item = items[random.u32() % items.length];
  if (item === undefined) throw new Error('nothing to draw from');
  return item;
}

/** A tenth of a millisecond is as fine as a printed value should be. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
