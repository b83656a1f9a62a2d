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
  /** Packets come twice and out of their order. */
  | {
      readonly kind: 'pathDisordered';
      readonly path: string;
      readonly duplicatePercent: number;
      readonly jitterMs: number;
      readonly forMs: number;
    }
  /** Everything on the path waits somewhere and then comes at once. */
  | { readonly kind: 'pathClogged'; readonly path: string; readonly forMs: number }
  | {
      readonly kind: 'pathNarrowed';
      readonly path: string;
      readonly bytesMax: number;
      readonly forMs: number;
    }
  /** No path leads to the gateway and its hub. */
  | { readonly kind: 'hubCutOff'; readonly gateway: string; readonly forMs: number }
  /** The gateway ends the connection with an MQTT reason code (0x8B shutting down, 0x97 quota, …). */
  | { readonly kind: 'gatewayKicked'; readonly gateway: string; readonly reasonCode: number }
  /** Something on the desired topic that is no document. */
  | { readonly kind: 'desiredGarbled'; readonly text: string }
  | {
      readonly kind: 'threadStalled';
      readonly thread: 'control' | 'fast path';
      readonly forMs: number;
    }
  /** The disk refuses every record. */
  | { readonly kind: 'diskRefused'; readonly code: 'ENOSPC' | 'EIO'; readonly forMs: number }
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

/** Half an hour, a day, ten years, and back to 1970. */
const JUMPS_MS = [1_800_000, 86_400_000, 315_000_000_000, 1_760_000_000_000];
/** Shutting down, use another server without saying which, keep alive time-out, administrative action. */
const KICKS = [0x8b, 0x9c, 0x8d, 0x98];
/** A real-time thread is stalled by little but the kernel. */
const STALL_MS_MAX = 60;
/** Not JSON, nothing, too deep, of no known version, a key twice, and a document that takes everything away. */
const GARBLED = [
  'neither here nor there',
  '',
  `${'['.repeat(100)}${']'.repeat(100)}`,
  '{"v":99,"revision":4000000000}',
  '{"v":1,"v":1,"revision":4000000001}',
  '{"v":1,"revision":-1,"tunnels":[]}',
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

type Draw = (random: SeededRandom, targets: FaultTargets, forMs: number) => Fault;

const PATH_DRAWS: readonly Draw[] = [
  (random, { paths }, forMs) => ({
    kind: 'pathBlocked',
    path: pick(random, paths),
    directions: pick(random, [['out'], ['in'], ['out', 'in']] as const),
    forMs,
  }),
  (random, { paths }, forMs) => ({
    kind: 'pathDegraded',
    path: pick(random, paths),
    lossPercent: rounded(random.next() * 40),
    jitterMs: rounded(random.next() * 60),
    forMs,
  }),
  (random, { paths }, forMs) => ({
    kind: 'pathDisordered',
    path: pick(random, paths),
    duplicatePercent: rounded(random.next() * 50),
    jitterMs: rounded(random.next() * 60),
    forMs,
  }),
  (random, { paths }, forMs) => ({
    kind: 'pathClogged',
    path: pick(random, paths),
    forMs: rounded(forMs / 4),
  }),
  (random, { paths }, forMs) => ({
    kind: 'pathNarrowed',
    path: pick(random, paths),
    bytesMax: pick(random, [576, 1_200, 1_280, 1_400]),
    forMs,
  }),
  (random, { gateways }, forMs) => ({
    kind: 'hubCutOff',
    gateway: pick(random, gateways),
    forMs,
  }),
];

const CLOUD_DRAWS: readonly Draw[] = [
  (random, { gateways }, forMs) => ({
    kind: 'gatewayRestarted',
    gateway: pick(random, gateways),
    downMs: forMs,
  }),
  (random, { gateways }) => ({
    kind: 'gatewayKicked',
    gateway: pick(random, gateways),
    reasonCode: pick(random, KICKS),
  }),
  (random) => ({ kind: 'desiredGarbled', text: pick(random, GARBLED) }),
];

const BRANCH_DRAWS: readonly Draw[] = [
  (random, { uplinks }, forMs) => ({
    kind: 'cablePulled',
    uplink: pick(random, uplinks),
    forMs,
    boardLagMs: rounded(random.next() * 40),
    kernelLagMs: rounded(random.next() * 40),
  }),
  (_, __, downMs) => ({ kind: 'agentCrashed', downMs }),
  (_, __, forMs) => ({ kind: 'threadStalled', thread: 'control', forMs: rounded(forMs / 2) }),
  (random) => ({
    kind: 'threadStalled',
    thread: 'fast path',
    forMs: rounded(random.next() * STALL_MS_MAX),
  }),
  (random, _, forMs) => ({
    kind: 'diskRefused',
    code: pick(random, ['ENOSPC', 'EIO'] as const),
    forMs,
  }),
  () => ({ kind: 'netlinkOverrun' }),
  () => ({ kind: 'routesDeleted' }),
  (random, { tunnels }) => ({ kind: 'tunnelLost', tunnel: pick(random, tunnels) }),
  () => ({ kind: 'boardRebooted' }),
  (random, _, forMs) => ({
    kind: 'serialNoise',
    noisePpm: Math.round(random.next() * 20_000),
    forMs,
  }),
  (_, __, forMs) => ({ kind: 'serialUnplugged', forMs }),
  (random) => ({
    kind: 'wallClockJumped',
    byMs: Math.round((random.next() - 0.5) * 2 * pick(random, JUMPS_MS)),
  }),
];

const DRAWS: readonly Draw[] = [...PATH_DRAWS, ...CLOUD_DRAWS, ...BRANCH_DRAWS];

function drawFault(random: SeededRandom, targets: FaultTargets): Fault {
  const forMs = rounded(LASTS_MS_MIN + random.next() ** 2 * (LASTS_MS_MAX - LASTS_MS_MIN));
  return pick(random, DRAWS)(random, targets, forMs);
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
