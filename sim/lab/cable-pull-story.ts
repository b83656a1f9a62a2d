/**
 * The headless story: registration, reach, a pulled cable, a silent black hole, a CEN of another area; told
 * on standard output as it happens and written to `demo.json` with every number measured in this run.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';
import { DemoLab } from './demo-lab.ts';
import {
  type DemoReport,
  type FailoverFigures,
  judge,
  type RecoveryFigures,
} from './demo-report.ts';
import { activeUplink, FailoverWatch, type FaultCause } from './failover-watch.ts';
import type { InsideRun } from './inside-run.ts';
import { offerFrankfurt } from './lab-cloud.ts';
import type { LabEngine } from './lab-engines.ts';
import type { PingFlow } from './ping-flow.ts';
import { LAN_HOST, type LabUplinkId, VPC_HOST } from './topology.ts';
import { NotInTime, waitUntil } from './wait-until.ts';

/** Cold start of Node, handshakes and the first sessions, on a slow machine under load. */
const START_MS_MAX = 30_000;
/** Pings before the first fault. */
const REACH_MS = 2_000;
/** The gateway's word on what happened may trail the event itself. */
const STORED_MS_MAX = 5_000;

export async function runCablePull(
  run: InsideRun,
  { engine, outDirectory }: { readonly engine: LabEngine; readonly outDirectory: string },
): Promise<number> {
  const logDirectory = join(outDirectory, 'demo-logs');
  await mkdir(logDirectory, { recursive: true });
  const story = new CablePullStory(run, engine, logDirectory);
  const report = await story.tell();
  const file = join(outDirectory, 'demo.json');
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  if (report.failed.length === 0) {
    say(`all held; the numbers are in ${file}`);
    return 0;
  }
  for (const sentence of report.failed) console.error(`demo: FAILED: ${sentence}`);
  console.error(`demo: look at ${join(logDirectory, 'agent.log')} and ${file}`);
  return 1;
}

interface Draft {
  registered: DemoReport['registered'];
  board: DemoReport['board'];
  reach: DemoReport['reach'];
  failovers: FailoverFigures[];
  recovery: RecoveryFigures[];
  gatewayStored: readonly string[];
  crossArea: DemoReport['crossArea'];
  scheduling: string;
  engine: string;
  enclosure: string;
}

class CablePullStory {
  readonly #run: InsideRun;
  readonly #engine: LabEngine;
  readonly #logDirectory: string;
  readonly #troubles: string[] = [];
  readonly #draft: Draft = {
    registered: { area: '', gateway: '', afterMs: 0 },
    board: { model: '', serialNumber: '', ports: 0 },
    reach: { pingsSent: 0, pingsLost: 0 },
    failovers: [],
    recovery: [],
    gatewayStored: [],
    crossArea: { refused: false, code: '', message: '' },
    scheduling: '',
    engine: '',
    enclosure: '',
  };

  constructor(run: InsideRun, engine: LabEngine, logDirectory: string) {
    this.#run = run;
    this.#engine = engine;
    this.#logDirectory = logDirectory;
  }

  /** Whatever goes wrong on the way, there is a report of how far it came. */
  async tell(): Promise<DemoReport> {
    let broke: string | undefined;
    try {
      await this.#tell();
    } catch (error) {
      if (this.#run.stop.aborted) broke = 'the run was ended from outside';
      else if (error instanceof NotInTime) broke = error.message;
      else broke = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    const draft: DemoReport = { mode: 'real', ...this.#draft, failed: [] };
    // A story that broke off has not promised the rest.
    const failed = broke === undefined ? judge(draft) : [broke];
    return { ...draft, failed: failed.length === 0 ? [] : [...failed, ...this.#troubles] };
  }

  async #tell(): Promise<void> {
    say('building the network, the board, two access gateways and the CCN of Mainland China');
    const lab = await DemoLab.open({
      engine: this.#engine,
      logDirectory: this.#logDirectory,
      onTrouble: (sentence) => this.#troubles.push(sentence),
    });
    try {
      await lab.startAgent();
      await this.#register(lab);
      const ping = lab.startPings();
      await this.#reach(lab, ping);
      const watch = new FailoverWatch(lab, ping, this.#run.stop);
      await this.#breakAndRepair(lab, watch, 'carrier');
      await this.#breakAndRepair(lab, watch, 'blackhole');
      this.#offerForeignCen(lab);
      await this.#readStore(lab);
    } finally {
      await lab.close();
    }
  }

  async #register(lab: DemoLab): Promise<void> {
    const birth = await this.#until('the agent registers', lab, () => lab.births[0]);
    const afterMs = round(birth.atMs - lab.agentStartedAtMs);
    const snapshot = await this.#until(
      'the agent has its board, area and an active tunnel',
      lab,
      ready,
    );
    const { registration, board, agent } = snapshot;
    this.#draft.registered = { area: registration.area ?? '', gateway: birth.gateway, afterMs };
    const { hello } = board;
    if (hello !== undefined)
      this.#draft.board = {
        model: hello.model,
        serialNumber: hello.serialNumber,
        ports: hello.ports.length,
      };
    this.#draft.scheduling = agent.fastPathScheduling;
    this.#draft.engine = await lab.engine();
    this.#draft.enclosure = this.#run.begin.enclosure;
    say(`registered with ${birth.gateway} (${registration.area}) after ${afterMs} ms`);
    say(`active tunnel: ${snapshot.fastPath.active}; ${snapshot.fastPath.choice.because}`);
  }

  async #reach(lab: DemoLab, ping: PingFlow): Promise<void> {
    say(`pinging from the LAN host ${LAN_HOST} to the VPC host ${VPC_HOST} every 10 ms`);
    await this.#until('the first ping is answered', lab, () => ping.record.last());
    const before = ping.record.totals();
    const untilMs = lab.nowMs() + REACH_MS;
    await this.#until('pings flow', lab, () => (lab.nowMs() >= untilMs ? true : undefined));
    const after = ping.record.totals();
    this.#draft.reach = {
      pingsSent: after.sent - before.sent,
      pingsLost: after.lost - before.lost,
    };
    say(`reach: ${this.#draft.reach.pingsSent} sent, ${this.#draft.reach.pingsLost} lost`);
  }

  async #breakAndRepair(lab: DemoLab, watch: FailoverWatch, cause: FaultCause): Promise<void> {
    const uplink = await this.#until('an uplink is active', lab, activeUplink);
    say(
      cause === 'carrier'
        ? `pulling the cable of ${uplink}, at the board and in the kernel`
        : `a silent black hole on ${uplink}: every link stays up, nothing gets through`,
    );
    const figures = await watch.cut(cause, uplink as LabUplinkId);
    this.#draft.failovers.push(figures);
    say(`  ${figures.from} -> ${figures.to}: ${figures.because}`);
    say(
      `  detected after ${figures.detectMs} ms, decided in ${figures.decideMs} ms, installed in` +
        ` ${figures.installMs} ms; traffic stood still for ${figures.trafficGapMs} ms`,
    );
    const recovery = await watch.repair(cause, uplink as LabUplinkId);
    this.#draft.recovery.push(recovery);
    say(
      `repaired: back on ${uplink} after ${recovery.failbackMs} ms, longest gap on the way` +
        ` ${recovery.trafficGapMs} ms`,
    );
  }

  #offerForeignCen(lab: DemoLab): void {
    const outcome = offerFrankfurt(lab.cloud);
    if (outcome.ok) return;
    this.#draft.crossArea = { refused: true, code: outcome.code, message: outcome.sentence };
    say(`a CEN with a Frankfurt VPC is refused: ${outcome.code}: ${outcome.sentence}`);
  }

  async #readStore(lab: DemoLab): Promise<void> {
    try {
      await waitUntil('the last event is stored', STORED_MS_MAX, () =>
        lab.storedEvents().includes('DeviceWanLinkUp') ? true : undefined,
      );
    } finally {
      this.#draft.gatewayStored = lab.storedEvents();
      say(`stored by the gateways: ${this.#draft.gatewayStored.join(', ')}`);
    }
  }

  /** Looks at the agent until it shows what is waited for; an agent that has ended never will. */
  async #until<Value>(
    what: string,
    lab: DemoLab,
    look: (snapshot: AgentSnapshot) => Value | undefined,
  ): Promise<Value> {
    return waitUntil(
      what,
      START_MS_MAX,
      async () => {
        if (lab.agentExit !== undefined)
          throw new NotInTime(`the agent ended (${lab.agentExit}) before: ${what}`);
        const snapshot = await lab.snapshot();
        return snapshot === undefined ? undefined : look(snapshot);
      },
      this.#run.stop,
    );
  }
}

function ready(snapshot: AgentSnapshot): AgentSnapshot | undefined {
  const { registration, board, fastPath } = snapshot;
  const settled =
    registration.state === 'registered' &&
    board.hello !== undefined &&
    fastPath.active !== undefined &&
    fastPath.tunnels.every((tunnel) => tunnel.state === 'up');
  return settled ? snapshot : undefined;
}

function round(valueMs: number): number {
  return Math.round(valueMs * 10) / 10;
}

function say(sentence: string): void {
  console.log(`demo: ${sentence}`);
}
