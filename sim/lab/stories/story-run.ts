/**
 * Tells one story: settles, makes the fault, measures until traffic is where it must be, judges, heals.
 */

import type { AgentSnapshot } from '../../../agent/model/snapshot.ts';
import type { ActiveTunnelChange } from '../../../agent/model/tunnel-change.ts';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { activeUplink } from '../failover-watch.ts';
import type { LabUplinkId } from '../topology.ts';
import { NotInTime } from '../wait-until.ts';
import type { Expectation, Scene, Story } from './story.ts';
import { judgeStory, outageBoundMs, type StoryFigures } from './story-judge.ts';
import type { StoryRoom } from './story-room.ts';

/** Far beyond what a failover takes; reached only when there is none. */
const MOVED_MS_MAX = 20_000;
/** The gateway's word on what happened may trail the event itself. */
const STORED_MS_MAX = 15_000;

export interface StoryResult extends StoryFigures {
  readonly name: string;
  readonly drawn?: string;
  readonly boundMs: number;
  readonly tookMs: number;
  readonly failed: readonly string[];
}

export async function tellStory(room: StoryRoom, story: Story, seed: number): Promise<StoryResult> {
  const startedAtMs = room.lab.nowMs();
  const before = await room.settled();
  const scene = sceneOf(room, before, new SeededRandom(seed).fork(story.name));
  const promisedMs = await promised(room, scene);
  const storedBefore = room.lab.storedEvents().length;
  const cutAtMs = room.lab.nowMs();
  const drawn = await story.make(scene);
  const broke: string[] = [];
  try {
    await reach(scene, story.expects, cutAtMs);
    await wordStored(room, story.expects, storedBefore);
    broke.push(...((await story.check?.(scene)) ?? []));
  } catch (error) {
    if (!(error instanceof NotInTime)) throw error;
    broke.push(error.message);
  }
  if (story.expects.kind === 'disconnects') await story.heal(scene);
  const figures = await measured(room, { story, cutAtMs, promisedMs, storedBefore, scene });
  if (story.expects.kind !== 'disconnects') await story.heal(scene);
  return {
    name: story.name,
    ...(drawn === undefined ? {} : { drawn }),
    ...figures,
    boundMs: outageBoundMs(figures),
    tookMs: room.lab.nowMs() - startedAtMs,
    failed: [...broke, ...judgeStory(story.expects, figures)],
  };
}

function sceneOf(room: StoryRoom, before: AgentSnapshot, random: SeededRandom): Scene {
  const victim = (activeUplink(before) ?? 'wan1') as LabUplinkId;
  const other = victim === 'wan1' ? 'wan2' : 'wan1';
  return { room, victim, other, tunnel: before.fastPath.active ?? '', random };
}

/** The longer of both sessions that may be first to notice. */
async function promised(room: StoryRoom, { tunnel }: Scene): Promise<number> {
  return (await room.tunnelOf(tunnel)).session.detectMs;
}

/** Waits until traffic is where the story says, or for as long as it says that nothing happens. */
async function reach(scene: Scene, expects: Expectation, cutAtMs: number): Promise<void> {
  const { room, victim, tunnel } = scene;
  switch (expects.kind) {
    case 'moves':
      await room.until(
        `traffic leaves ${expects.away === 'uplink' ? victim : tunnel}`,
        (snapshot) => {
          const { active, changes } = snapshot.fastPath;
          const isGone =
            expects.away === 'uplink' ? activeUplink(snapshot) !== victim : active !== tunnel;
          const hasReport = changes.some(({ detectedAtMs }) => detectedAtMs >= cutAtMs);
          return active !== undefined && isGone && hasReport ? true : undefined;
        },
        MOVED_MS_MAX,
      );
      break;
    case 'disconnects':
      await room.until(
        'no tunnel is left',
        ({ fastPath }) => (fastPath.active === undefined ? true : undefined),
        MOVED_MS_MAX,
      );
      return;
    default:
      await room.pause(expects.forMs);
  }
  await room.flows();
}

async function wordStored(room: StoryRoom, expects: Expectation, since: number): Promise<void> {
  if (expects.kind !== 'moves') return;
  const isStored = async () =>
    room.lab.storedEvents().slice(since).includes('AccessGatewayFailover');
  await room.untilTrue('the gateway has stored the failover', isStored);
}

interface Begun {
  readonly story: Story;
  readonly scene: Scene;
  readonly cutAtMs: number;
  readonly promisedMs: number;
  readonly storedBefore: number;
}

async function measured(room: StoryRoom, begun: Begun): Promise<StoryFigures> {
  const { story, cutAtMs, promisedMs, storedBefore } = begun;
  const { lab } = room;
  if (story.expects.kind === 'disconnects') {
    await room.flows();
    const isStored = async () =>
      lab.storedEvents().slice(storedBefore).includes('ConnectionDisconnect');
    await room.untilTrue('the gateway has stored the disconnection', isStored);
  }
  const nowMs = lab.nowMs();
  const snapshot = await room.until('the agent answers', (now) => now, STORED_MS_MAX);
  const changes = snapshot.fastPath.changes.filter(({ detectedAtMs }) => detectedAtMs >= cutAtMs);
  return {
    promisedMs,
    // Only what is silent at once has a moment from which silence is counted.
    detectMs: story.expects.kind === 'moves' ? detected(changes, begun) : 0,
    outageMs: room.flow.record.gap(cutAtMs, nowMs)?.gapMs ?? Number.POSITIVE_INFINITY,
    machineLateMs: lab.lateness.worstMs(cutAtMs, nowMs),
    changes,
    stored: lab.storedEvents().slice(storedBefore),
  };
}

/** The first change that left what was hit: what comes after it is another story. */
function detected(
  changes: readonly ActiveTunnelChange[],
  { story, scene, cutAtMs }: Begun,
): number {
  const { expects } = story;
  const place =
    expects.kind === 'moves' && expects.away === 'tunnel' ? scene.tunnel : `${scene.victim}-`;
  const isThere = (tunnel: string | undefined) => tunnel?.startsWith(place) === true;
  const left = changes.find(({ from, to }) => isThere(from) && !isThere(to));
  return left === undefined ? 0 : left.detectedAtMs - cutAtMs;
}
