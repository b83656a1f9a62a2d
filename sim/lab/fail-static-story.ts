/**
 * The second headless story: what goes on without us. The agent is killed while traffic flows and finds its tunnels
 * again; then no tunnel is left at all, once with each policy. Told on standard output, measured into
 * `fail-static.json`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentSnapshot, TunnelSnapshot } from '../../agent/model/snapshot.ts';
import { DemoLab } from './demo-lab.ts';
import {
  type AdoptedTunnel,
  type AllDownFigures,
  type FailStaticReport,
  judgeFailStatic,
} from './fail-static-report.ts';
import type { InsideRun } from './inside-run.ts';
import type { LabEngine } from './lab-engines.ts';
import type { PingFlow } from './ping-flow.ts';
import { UPLINKS } from './topology.ts';
import { waitUntil } from './wait-until.ts';

/** Cold start of Node, handshakes and the first sessions, on a slow machine under load. */
const START_MS_MAX = 30_000;
/** Pings while nobody minds the tunnels; the agent's sessions have long run out by then. */
const ORPHANED_MS = 1_500;
/** The new agent says what it found at once, and again when a session comes up. */
const SETTLED_MS = 1_000;

/** Another one of the first uplink's network. */
const NEW_ADDRESS = '10.91.1.77';

type Policy = AllDownFigures['policy'];

export async function runFailStatic(
  run: InsideRun,
  { engine, outDirectory }: { readonly engine: LabEngine; readonly outDirectory: string },
): Promise<number> {
  const logDirectory = join(outDirectory, 'fail-static-logs');
  await mkdir(logDirectory, { recursive: true });
  const troubles: string[] = [];
  const lab = await DemoLab.open({
    engine,
    logDirectory,
    onTrouble: (text) => troubles.push(text),
  });
  try {
    const story = new FailStaticStory(run, lab);
    const report = await story.tell();
    const broken = judgeFailStatic(report);
    // A gateway that was only measured says so, too: what the lab noticed explains what did not hold.
    const failed = broken.length === 0 ? [] : [...broken, ...troubles];
    const file = join(outDirectory, 'fail-static.json');
    await writeFile(file, `${JSON.stringify({ ...report, failed }, null, 2)}\n`);
    for (const sentence of failed) console.error(`demo: FAILED: ${sentence}`);
    say(failed.length === 0 ? `all held; the numbers are in ${file}` : `look at ${logDirectory}`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    await lab.close();
  }
}

class FailStaticStory {
  readonly #run: InsideRun;
  readonly #lab: DemoLab;

  constructor(run: InsideRun, lab: DemoLab) {
    this.#run = run;
    this.#lab = lab;
  }

  async tell(): Promise<FailStaticReport> {
    const lab = this.#lab;
    await lab.startAgent();
    const before = await this.#until('every tunnel is up and its document proved', proved);
    const ping = lab.startPings();
    await this.#until('pings flow', () => ping.record.last());
    const engine = await lab.engine();
    say(`every tunnel is up: ${engine}`);
    const killed = await this.#killAgent(ping, before);
    const moved = await this.#renumber(ping);
    const allDown = [await this.#allDown('blackhole'), await this.#allDown('internet')];
    const gatewayStored = await this.#stored('ConnectionDisconnect', allDown.length);
    return { engine, killed, moved, allDown, gatewayStored };
  }

  async #killAgent(ping: PingFlow, before: AgentSnapshot): Promise<FailStaticReport['killed']> {
    const lab = this.#lab;
    const sentBefore = ping.record.totals();
    const killedAtMs = lab.nowMs();
    await lab.killAgent();
    await this.#pause(killedAtMs + ORPHANED_MS);
    await lab.startAgent();
    const after = await this.#until('the next agent has every tunnel up', settled);
    await this.#pause(lab.nowMs() + SETTLED_MS);
    const untilMs = lab.nowMs();
    const sent = ping.record.totals();
    const tunnels = before.fastPath.tunnels.map((tunnel) =>
      adopted(
        tunnel,
        after.fastPath.tunnels.find(({ id }) => id === tunnel.id),
      ),
    );
    const figures = {
      pingsSent: sent.sent - sentBefore.sent,
      pingsLost: sent.lost - sentBefore.lost,
      longestGapMs: rounded(ping.record.gap(killedAtMs, untilMs)?.gapMs ?? Number.NaN),
      machineLateMs: rounded(lab.lateness.worstMs(killedAtMs, untilMs)),
      withoutAgentMs: ORPHANED_MS,
      tunnels,
    };
    say(
      `the agent was killed for ${ORPHANED_MS} ms: ${figures.pingsSent} pings, ` +
        `${figures.pingsLost} lost, longest gap ${figures.longestGapMs} ms`,
    );
    for (const { tunnel, kind, isSame } of tunnels) {
      say(`  ${tunnel} (${kind}): ${isSame ? 'found with its keys' : 'has NEW keys'}`);
    }
    return figures;
  }

  /** The first uplink gets another address, as a new lease would give it. */
  async #renumber(ping: PingFlow): Promise<FailStaticReport['moved']> {
    const lab = this.#lab;
    const renumberedAtMs = lab.nowMs();
    await lab.renumber('wan1', NEW_ADDRESS);
    const isThere = (end: string): boolean => end.startsWith(`${NEW_ADDRESS}:`);
    const hubsSee = await waitUntil(
      'the hubs see the tunnels at the new address',
      START_MS_MAX,
      async () => {
        const ends = await lab.branchEnds('wan1');
        return ends.every(isThere) ? ends : undefined;
      },
      this.#run.stop,
    );
    await this.#until('every tunnel is up at the new address', settled);
    const nowMs = lab.nowMs();
    const homedMs = rounded(nowMs - renumberedAtMs);
    const longestGapMs = rounded(ping.record.gap(renumberedAtMs, nowMs)?.gapMs ?? Number.NaN);
    say(
      `wan1 got ${NEW_ADDRESS}: every tunnel is up there after ${homedMs} ms, ` +
        `traffic stood still for ${longestGapMs} ms`,
    );
    return { address: NEW_ADDRESS, hubsSee, homedMs, longestGapMs };
  }

  /** Cuts everything, asks the kernel where a packet for the VPC would go, and heals. */
  async #allDown(policy: Policy): Promise<AllDownFigures> {
    const lab = this.#lab;
    const revision = lab.orderPolicy({ allDown: policy });
    await this.#until(`revision ${revision} is reached`, ({ desired, fastPath }) => {
      const isReached = desired.revision === revision && desired.pendingSteps.length === 0;
      return isReached ? fastPath.active : undefined;
    });
    for (const { id } of UPLINKS) await lab.faults.blackHole(id);
    const via = await this.#until('no tunnel is active', ({ fastPath }) =>
      fastPath.active === undefined && fastPath.routes.via === policy
        ? fastPath.routes.via
        : undefined,
    );
    const kernelRoute = await lab.routeToVpc();
    for (const { id } of UPLINKS) await lab.faults.clearBlackHole(id);
    await this.#until('a tunnel is active again', ({ fastPath }) => fastPath.active);
    say(`no tunnel left, policy ${policy}: ${via}; the kernel says: ${kernelRoute}`);
    return { policy, via, kernelRoute };
  }

  async #stored(name: string, times: number): Promise<readonly string[]> {
    await this.#until(`${name} is stored ${times} times`, () => {
      const count = this.#lab.storedEvents().filter((each) => each === name).length;
      return count >= times ? true : undefined;
    });
    return this.#lab.storedEvents();
  }

  async #pause(untilMs: number): Promise<void> {
    const isOver = () => (this.#lab.nowMs() >= untilMs ? true : undefined);
    await waitUntil('time passes', START_MS_MAX, isOver, this.#run.stop);
  }

  async #until<Value>(
    what: string,
    look: (snapshot: AgentSnapshot) => Value | undefined,
  ): Promise<Value> {
    const asked = async () => {
      const snapshot = await this.#lab.snapshot();
      return snapshot === undefined ? undefined : look(snapshot);
    };
    return waitUntil(what, START_MS_MAX, asked, this.#run.stop);
  }
}

/** A document that is on trial when the agent dies is undone by the next start, and its tunnels with it. */
function proved(snapshot: AgentSnapshot): AgentSnapshot | undefined {
  return snapshot.desired.trial === undefined ? settled(snapshot) : undefined;
}

function settled(snapshot: AgentSnapshot): AgentSnapshot | undefined {
  const { active, tunnels } = snapshot.fastPath;
  const isSettled =
    active !== undefined &&
    tunnels.every(({ state, engine }) => state === 'up' && engine?.handshakeAgeMs !== undefined);
  return isSettled ? snapshot : undefined;
}

/** Ages are whole seconds where they come from. */
const AGE_DOUBT_MS = 2_500;

function adopted(before: TunnelSnapshot, after: TunnelSnapshot | undefined): AdoptedTunnel {
  const was = keysOf(before);
  const is = after === undefined ? undefined : keysOf(after);
  const isSame =
    is !== undefined &&
    is.names === was.names &&
    Math.abs(is.madeAtMs - was.madeAtMs) < AGE_DOUBT_MS;
  return { tunnel: before.id, kind: before.engine?.kind ?? 'none', isSame };
}

/** What tells one set of session keys from another: names where there are some, else when they were made. */
function keysOf({ engine }: TunnelSnapshot): { readonly names: string; readonly madeAtMs: number } {
  const { security, readAtMs = 0, handshakeAgeMs = 0 } = engine ?? {};
  const names = security === undefined ? '' : `${security.ikeId} ${security.childSpi}`;
  return { names, madeAtMs: readAtMs - handshakeAgeMs };
}

function rounded(valueMs: number): number {
  return Math.round(valueMs * 10) / 10;
}

function say(sentence: string): void {
  console.log(`demo: ${sentence}`);
}
