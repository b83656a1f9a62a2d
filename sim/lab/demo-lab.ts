/**
 * Everything of the demo standing at once: network, board, cloud with its hubs, the shipped agent, and the
 * pings that judge them all.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastPathPolicy } from '../../agent/model/fast-path.ts';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';
import { liveClock } from '../../firmware-shim/adapters/live-clock.ts';
import type { Kernel } from '../../firmware-shim/ports.ts';
import type { PtyBoard } from '../live/pty-board.ts';
import { agentSnapshot } from './agent-answer.ts';
import type { WrittenConfig } from './agent-config.ts';
import { AgentProcess } from './agent-process.ts';
import { LabFailed, runCommand } from './command.ts';
import type { Faults } from './faults.ts';
import type { LabCloud } from './lab-cloud.ts';
import { engineSentence, type LabEngine } from './lab-engines.ts';
import type { LabHub } from './lab-hub.ts';
import type { LabOperator } from './lab-operator.ts';
import { type LabOptions, type LabParts, SERIAL_NUMBER, standUp } from './lab-parts.ts';
import { MachineLateness } from './machine-lateness.ts';
import { buildNetwork } from './network-lab.ts';
import { PingFlow } from './ping-flow.ts';
import { LAN_HOST, type LabUplinkId, netnsPath, uplinkOf, VPC_HOST } from './topology.ts';

const PING_INTERVAL_MS = 10;
const TUNNEL_KINDS = ['wireguard', 'xfrm', 'tun'];

export class DemoLab {
  readonly board: PtyBoard;
  readonly faults: Faults;
  readonly cloud: LabCloud;
  readonly hubs: readonly LabHub[];
  readonly config: WrittenConfig;
  readonly operator: LabOperator;
  readonly lateness = new MachineLateness(() => liveClock.nowMs());
  /** When a birth of the device was stored, in monotonic milliseconds, and by which gateway. */
  readonly births: readonly { readonly gateway: string; readonly atMs: number }[];
  readonly #logDirectory: string;
  readonly #kernels: readonly Kernel[];
  readonly #engine: LabEngine;
  #agent: AgentProcess | undefined;
  #agentStartedAtMs = 0;
  #ping: PingFlow | undefined;

  private constructor(parts: LabParts) {
    this.board = parts.board;
    this.faults = parts.faults;
    this.cloud = parts.cloud;
    this.hubs = parts.hubs;
    this.config = parts.config;
    this.operator = parts.operator;
    this.births = parts.births;
    this.#logDirectory = parts.logDirectory;
    this.#kernels = parts.kernels;
    this.#engine = parts.engine;
  }

  static async open(options: LabOptions): Promise<DemoLab> {
    await mkdir(options.logDirectory, { recursive: true });
    await buildNetwork();
    return new DemoLab(await standUp(options));
  }

  nowMs(): number {
    return liveClock.nowMs();
  }

  get agentStartedAtMs(): number {
    return this.#agentStartedAtMs;
  }

  /** How the agent ended; undefined while it runs. */
  get agentExit(): string | undefined {
    return this.#agent?.exit;
  }

  async startAgent(): Promise<void> {
    this.#agentStartedAtMs = this.nowMs();
    this.#agent = await AgentProcess.start({
      configFile: this.config.configFile,
      logFile: join(this.#logDirectory, 'agent.log'),
      netnsPath: netnsPath('sag'),
    });
  }

  async stopAgent(): Promise<void> {
    await this.#agent?.stop();
    this.#agent = undefined;
  }

  /** Kills the agent as a crash would; whatever it started goes on. */
  async killAgent(): Promise<void> {
    await this.#agent?.kill();
    this.#agent = undefined;
  }

  /** The cloud wants another policy of every device; answers with the revision of the agent's new document. */
  orderPolicy(policy: Partial<FastPathPolicy>): number {
    const { controller } = this.cloud.cloud;
    controller.settle((settings) => ({ ...settings, policy: { ...settings.policy, ...policy } }));
    return controller.documentOf(SERIAL_NUMBER)?.revision ?? 0;
  }

  /** What a new lease does: the uplink has another address, and its old one is gone. */
  async renumber(uplink: LabUplinkId, address: string): Promise<void> {
    const { address: before, gateway } = uplinkOf(uplink);
    const lines = [
      `address del ${before}/24 dev ${uplink}`,
      `address add ${address}/24 dev ${uplink}`,
      `route replace default via ${gateway} dev ${uplink} metric ${uplink === 'wan1' ? 101 : 102}`,
    ];
    await runCommand(['ip', '-n', 'sag', '-batch', '-'], { input: lines.join('\n') });
  }

  /** Where the branch's end of each tunnel over an uplink is, as the hubs see it. */
  async branchEnds(uplink: LabUplinkId): Promise<readonly string[]> {
    const ends = this.hubs.map(async (hub) => hub.branchEndOf(`${uplink}-${hub.gateway.id}`));
    return (await Promise.all(ends)).map((end) => end ?? 'nowhere');
  }

  /** Where the branch's kernel would send a packet from the LAN to the VPC, or `blackhole`. */
  async routeToVpc(): Promise<string> {
    const from = ['from', LAN_HOST, 'iif', 'lan0'];
    try {
      return (await runCommand(['ip', '-n', 'sag', 'route', 'get', VPC_HOST, ...from])).trim();
    } catch (error) {
      // What the kernel answers for a blackhole (ip-route(8)).
      if (error instanceof LabFailed && error.message.includes('Invalid argument')) {
        return 'blackhole';
      }
      throw error;
    }
  }

  async snapshot(): Promise<AgentSnapshot | undefined> {
    return agentSnapshot(this.config.controlSocket);
  }

  /** What carries the branch's packets: read off its tunnel devices. */
  async engine(): Promise<string> {
    const text = await runCommand(['ip', '-n', 'sag', '-j', '-d', 'link']);
    const links = JSON.parse(text) as { linkinfo?: { info_kind?: string } }[];
    const kinds = links.flatMap(({ linkinfo }) => linkinfo?.info_kind ?? []);
    return engineSentence(
      this.#engine,
      kinds.filter((kind) => TUNNEL_KINDS.includes(kind)),
    );
  }

  startPings(): PingFlow {
    this.#ping ??= new PingFlow({
      netnsPath: netnsPath('lan'),
      target: VPC_HOST,
      intervalMs: PING_INTERVAL_MS,
      nowMs: () => this.nowMs(),
    });
    return this.#ping;
  }

  /** Names of everything the gateways have acknowledged, in the order of storing. */
  storedEvents(): readonly string[] {
    return this.cloud.store.all().map(({ event }) => event.name);
  }

  async close(): Promise<void> {
    this.lateness.stop();
    await this.#ping?.stop();
    await this.stopAgent();
    await Promise.all(this.hubs.map(async (hub) => hub.close()));
    await this.board.close();
    await this.cloud.close();
    for (const kernel of this.#kernels) kernel.close();
  }
}
