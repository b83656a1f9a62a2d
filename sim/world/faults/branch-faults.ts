/** What can go wrong in the branch itself: its cables, its box, its board, its disk, its clock and its agent. */
import { type Draw, pick, rounded } from './draw.ts';

export type BranchFault =
  /** The cable of an uplink is out; board and kernel see it at slightly different moments. */
  | {
      readonly kind: 'cablePulled';
      readonly uplink: string;
      readonly forMs: number;
      readonly boardLagMs: number;
      readonly kernelLagMs: number;
    }
  /** A plug that does not hold: out and in again and again, faster than anybody can follow (F-07). */
  | {
      readonly kind: 'cableFlapped';
      readonly uplink: string;
      readonly times: number;
      readonly everyMs: number;
    }
  /** The device of an uplink is gone and comes back as another: the same name, a new index (F-06). */
  | { readonly kind: 'deviceReplaced'; readonly uplink: string; readonly forMs: number }
  /** The kernel refuses the next operation of a kind, once (F-36). */
  | {
      readonly kind: 'kernelRefused';
      readonly op: 'routeAdd' | 'routeReplace' | 'ruleAdd' | 'nexthopReplace';
      readonly code: string;
    }
  | {
      readonly kind: 'threadStalled';
      readonly thread: 'control' | 'fast path';
      readonly forMs: number;
    }
  /** The disk refuses every record. */
  | { readonly kind: 'diskRefused'; readonly code: 'ENOSPC' | 'EIO'; readonly forMs: number }
  /** Its flushes fail: every record is refused, and may be found after the next start all the same. */
  | { readonly kind: 'diskFlushFailed'; readonly forMs: number }
  /** The whole box loses its power: what was being written is written or not, and the kernel begins anew. */
  | {
      readonly kind: 'powerCut';
      readonly downMs: number;
      /** Without its battery the clock says 1970. */
      readonly clock: 'kept' | 'lost';
    }
  /** The power goes at one step of the next small file that is written: a certificate, its key, the time (F-23, F-27). */
  | { readonly kind: 'powerCutInFile'; readonly step: number }
  /** The agent's process is killed and started again. */
  | { readonly kind: 'agentCrashed'; readonly downMs: number }
  /** It is killed between two effects of one turn of its control thread, so many effects from now. */
  | { readonly kind: 'agentKilledMidway'; readonly effects: number; readonly downMs: number }
  /**
   * Whatever holds this text ends the agent's process when it is read, again and again (F-30). Not drawn: safe mode lasts
   * longer than an episode.
   */
  | { readonly kind: 'inputPoisoned'; readonly text: string }
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

/** Half an hour, a day, ten years, and back to 1970. */
const JUMPS_MS = [1_800_000, 86_400_000, 315_000_000_000, 1_760_000_000_000];
/** A real-time thread is stalled by little but the kernel. */
const STALL_MS_MAX = 60;
/** A pair of certificate and key takes some twenty. */
const FILE_STEPS_MAX = 24;
/** A turn of the control thread has a handful of effects; a second of it some dozens. */
const EFFECTS_MAX = 60;

export const BRANCH_DRAWS: readonly Draw<BranchFault>[] = [
  (random, { uplinks }, forMs) => ({
    kind: 'cablePulled',
    uplink: pick(random, uplinks),
    forMs,
    boardLagMs: rounded(random.next() * 40),
    kernelLagMs: rounded(random.next() * 40),
  }),
  (random, { uplinks }) => ({
    kind: 'cableFlapped',
    uplink: pick(random, uplinks),
    times: 2 + (random.u32() % 60),
    everyMs: rounded(5 + random.next() * 60),
  }),
  (random, { uplinks }, forMs) => ({
    kind: 'deviceReplaced',
    uplink: pick(random, uplinks),
    forMs,
  }),
  (random) => ({
    kind: 'kernelRefused',
    op: pick(random, ['routeAdd', 'routeReplace', 'ruleAdd', 'nexthopReplace'] as const),
    code: pick(random, ['EBUSY', 'ENOBUFS', 'ENOMEM']),
  }),
  (_, __, downMs) => ({ kind: 'agentCrashed', downMs }),
  (random, _, downMs) => ({
    kind: 'agentKilledMidway',
    effects: 1 + (random.u32() % EFFECTS_MAX),
    downMs,
  }),
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
  (_, __, forMs) => ({ kind: 'diskFlushFailed', forMs }),
  (random, _, downMs) => ({
    kind: 'powerCut',
    downMs,
    clock: pick(random, ['kept', 'lost'] as const),
  }),
  (random) => ({ kind: 'powerCutInFile', step: 1 + (random.u32() % FILE_STEPS_MAX) }),
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
