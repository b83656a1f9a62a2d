/**
 * The demo's story in virtual time: register, reach the VPC, lose a cable, lose a path without a word, get
 * both back, and be refused a CEN of another area.
 *
 * Its report has the shape of the lab's; every figure is virtual time.
 */
import { CONNACK_PROPERTIES } from '../../agent/access/payloads.ts';
import type { DemoReport, FailoverFigures, RecoveryFigures } from '../lab/demo-report.ts';
import { DETECT_MS } from '../models/branch/branch-site.ts';
import type { BranchWorld } from '../models/branch/branch-world.ts';
import type { Story } from '../world/story.ts';

const REACH_MS = 2_000;
/** Between two acts, so that each starts from rest. */
const REST_MS = 1_000;
/** The uplink that is broken, and returned to. */
const PREFERRED_UPLINK = 'wan1';

export async function cablePull(story: Story): Promise<DemoReport> {
  const { cast } = story;
  const registered = await register(story);
  const reach = await reachVpc(story);
  const carrier = await failover(story, 'carrier', (isCut) => pullCable(cast, isCut));
  const blackHole = await failover(story, 'blackhole', (isCut) => swallow(cast, isCut));
  const refusal = cast.controller.offerForeignCen();
  story.tell(refusal === undefined ? 'the foreign CEN was bound' : refusal.sentence);
  await story.pass(REST_MS);
  const hello = cast.branch.snapshot()?.board.hello;
  return {
    mode: 'simulated',
    registered,
    board: {
      model: hello?.model ?? '',
      serialNumber: hello?.serialNumber ?? '',
      ports: hello?.ports.length ?? 0,
    },
    reach,
    failovers: [carrier.figures, blackHole.figures],
    gatewayStored: cast.store.events.map(({ event }) => event.name),
    crossArea: {
      refused: refusal !== undefined,
      code: refusal?.code ?? '',
      message: refusal?.sentence ?? '',
    },
    engine: 'simulated',
    scheduling: cast.branch.snapshot()?.agent.fastPathScheduling ?? '',
    recovery: [carrier.recovery, blackHole.recovery],
    failed: [],
  };
}

async function register(story: Story): Promise<DemoReport['registered']> {
  const { cast } = story;
  const startedAtMs = story.world.nowMs;
  cast.branch.start();
  const snapshot = await story.until('the agent is registered', () => {
    const now = cast.branch.snapshot();
    return now?.registration.state === 'registered' ? now : undefined;
  });
  const { gateway = '' } = snapshot.registration;
  const area = cast.gateway(gateway)?.properties[CONNACK_PROPERTIES.area] ?? '';
  return { area, gateway, afterMs: story.world.nowMs - startedAtMs };
}

async function reachVpc(story: Story): Promise<DemoReport['reach']> {
  const { cast } = story;
  await story.until('every tunnel is up and the board answers', () => {
    const tunnels = cast.branch.fastPathSnapshot()?.tunnels ?? [];
    const allUp = tunnels.length > 0 && tunnels.every(({ state }) => state === 'up');
    return allUp && cast.branch.snapshot()?.board.state === 'up' ? true : undefined;
  });
  await story.pass(REST_MS);
  cast.echoes.start();
  await story.pass(REACH_MS);
  const pingsSent = cast.echoes.sent;
  await story.pass(REST_MS);
  return { pingsSent, pingsLost: cast.echoes.lostAmong(pingsSent) };
}

interface Act {
  readonly figures: FailoverFigures;
  readonly recovery: RecoveryFigures;
}

/** Cuts the active path, waits for traffic on another, mends, and waits for its return. */
async function failover(
  story: Story,
  cause: FailoverFigures['cause'],
  cut: (isCut: boolean) => number,
): Promise<Act> {
  const { cast, world } = story;
  const cutAtMs = world.nowMs;
  const droppedBefore = cut(true);
  story.tell(`cut: ${cause}`);
  const change = await story.until('traffic left the cut path', () => story.change(cutAtMs));
  await story.pass(REST_MS);
  const trafficGapMs = cast.echoes.longestGapMs(cutAtMs, world.nowMs);
  const mendedAtMs = world.nowMs;
  const swallowed = cut(false) - droppedBefore;
  story.tell(`mended: ${cause}`);
  const back = await story.until('traffic is back on the better uplink', () => {
    const active = cast.branch.fastPathSnapshot()?.active;
    return active?.startsWith(PREFERRED_UPLINK) ? story.change(mendedAtMs) : undefined;
  });
  await story.pass(REST_MS);
  return {
    figures: {
      cause,
      detectMs: rounded(change.detectedAtMs - cutAtMs),
      decideMs: rounded(change.decideMs),
      installMs: rounded(change.installMs),
      trafficGapMs: rounded(trafficGapMs),
      because: change.because,
      from: change.from ?? '',
      to: change.to ?? '',
      detectBoundMs: cause === 'blackhole' ? DETECT_MS : 0,
      swallowedPackets: swallowed,
    },
    recovery: {
      after: cause,
      failbackMs: rounded(back.detectedAtMs - mendedAtMs),
      trafficGapMs: rounded(cast.echoes.longestGapMs(mendedAtMs, world.nowMs)),
    },
  };
}

/** Board and kernel see the same cable. Returns the packets dropped so far: none, it is no black hole. */
function pullCable(cast: BranchWorld, isPulled: boolean): number {
  cast.setBoardCable(PREFERRED_UPLINK, !isPulled);
  cast.setCarrier(PREFERRED_UPLINK, !isPulled);
  return 0;
}

/** Everything over the uplink is dropped while every link stays up. Returns the packets dropped so far. */
function swallow(cast: BranchWorld, isSwallowing: boolean): number {
  const paths = cast.network.paths.filter(({ id }) => id.startsWith(`${PREFERRED_UPLINK}/`));
  for (const path of paths) path.change({ blocked: isSwallowing ? ['out', 'in'] : [] });
  return paths.reduce((sum, path) => sum + path.counters.dropped, 0);
}

/** Virtual time has no noise, but its sums have rounding errors that nobody wants to read. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
