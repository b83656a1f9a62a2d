/** What can go wrong between the branch and its access gateways, and inside the tunnels. */
import type { Direction } from '../network.ts';
import { type Draw, pick, rounded } from './draw.ts';

export type PathFault =
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
  /** Radio that grows weak in steps and comes back at once: slower, and with more loss each time. */
  | {
      readonly kind: 'uplinkFaded';
      readonly uplink: string;
      readonly steps: number;
      readonly lossPercent: number;
      readonly delayMs: number;
      readonly forMs: number;
    }
  /** No path leads to the gateway and its hub. */
  | { readonly kind: 'hubCutOff'; readonly gateway: string; readonly forMs: number }
  /** The hub's process starts anew and knows no session. */
  | { readonly kind: 'hubRestarted'; readonly gateway: string; readonly downMs: number }
  /** Session keys are renewed, perhaps by both ends at once: nothing passes for a moment, each time. */
  | {
      readonly kind: 'tunnelRekeyed';
      readonly tunnel: string;
      readonly times: number;
      readonly gapMs: number;
    };

/** F-35: renewing keys costs less than detection. */
const REKEY_GAP_MS_MAX = 120;

export const PATH_DRAWS: readonly Draw<PathFault>[] = [
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
  (random, { uplinks }, forMs) => ({
    kind: 'uplinkFaded',
    uplink: pick(random, uplinks),
    steps: 2 + (random.u32() % 5),
    lossPercent: rounded(random.next() * 60),
    delayMs: rounded(random.next() * 400),
    forMs,
  }),
  (random, { gateways }, forMs) => ({ kind: 'hubCutOff', gateway: pick(random, gateways), forMs }),
  (random, { gateways }, downMs) => ({
    kind: 'hubRestarted',
    gateway: pick(random, gateways),
    downMs,
  }),
  (random, { tunnels }) => ({
    kind: 'tunnelRekeyed',
    tunnel: pick(random, tunnels),
    times: 1 + (random.u32() % 3),
    gapMs: rounded(random.next() * REKEY_GAP_MS_MAX),
  }),
];
