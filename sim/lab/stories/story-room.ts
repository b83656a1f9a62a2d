/**
 * The lab of the failover stories: the whole product between impaired uplinks, and a flow of one packet a millisecond
 * from the branch's LAN to the VPC.
 */
import type { AgentSnapshot, TunnelSnapshot } from '../../../agent/model/snapshot.ts';
import type { Impairment } from '../../models/network/impaired-direction.ts';
import { runCommand } from '../command.ts';
import { DemoLab } from '../demo-lab.ts';
import { ImpairmentRelay } from '../impairment-relay.ts';
import type { LabEngine } from '../lab-engines.ts';
import { PingFlow } from '../ping-flow.ts';
import { type LabUplinkId, netnsPath, VPC_HOST } from '../topology.ts';
import { waitUntil } from '../wait-until.ts';

/** Handshakes, first sessions and engines that are started again, on a slow machine under load. */
const SETTLED_MS_MAX = 40_000;
/** Answers in a row that prove that traffic flows. */
const ANSWERS = 50;
const HOLD_MS = 1_000;
const BEST_TUNNEL = 'wan1-agw-hangzhou-a';

export interface StoryRoomOptions {
  readonly engine: LabEngine;
  readonly seed: number;
  readonly logDirectory: string;
  readonly stop: AbortSignal;
  readonly onTrouble: (sentence: string) => void;
}

export class StoryRoom {
  readonly lab: DemoLab;
  readonly relay: ImpairmentRelay;
  readonly flow: PingFlow;
  readonly #stop: AbortSignal;

  private constructor(lab: DemoLab, relay: ImpairmentRelay, stop: AbortSignal) {
    this.lab = lab;
    this.relay = relay;
    this.#stop = stop;
    const nowMs = () => lab.nowMs();
    this.flow = new PingFlow({
      netnsPath: netnsPath('lan'),
      target: VPC_HOST,
      intervalMs: 1,
      nowMs,
    });
  }

  static async open(options: StoryRoomOptions): Promise<StoryRoom> {
    const { engine, seed, logDirectory, stop, onTrouble } = options;
    const lab = await DemoLab.open({ engine, logDirectory, onTrouble });
    const room = new StoryRoom(lab, await ImpairmentRelay.open(seed), stop);
    try {
      // Faults come thick here; a hold that doubles with each would only make the stories long.
      lab.orderPolicy({ failbackHoldMs: HOLD_MS, failbackHoldMaxMs: HOLD_MS });
      await lab.startAgent();
      await room.settled();
    } catch (error) {
      await room.close();
      throw error;
    }
    return room;
  }

  /** The best tunnel carries, every other stands by, and the flow is answered. */
  async settled(): Promise<AgentSnapshot> {
    const snapshot = await this.until(`every tunnel is up and ${BEST_TUNNEL} carries`, (now) => {
      const { tunnels, active } = now.fastPath;
      const isUp = tunnels.every(({ state }) => state === 'up');
      return isUp && active === BEST_TUNNEL ? now : undefined;
    });
    await this.flows();
    return snapshot;
  }

  /** Traffic flows from this moment on. */
  async flows(): Promise<void> {
    const sinceMs = this.lab.nowMs();
    const { record } = this.flow;
    const look = () =>
      record.answersBetween(sinceMs, Number.POSITIVE_INFINITY).length >= ANSWERS ? true : undefined;
    await waitUntil('the flow is answered', SETTLED_MS_MAX, look, this.#stop);
  }

  async pause(forMs: number): Promise<void> {
    const untilMs = this.lab.nowMs() + forMs;
    const isOver = () => (this.lab.nowMs() >= untilMs ? true : undefined);
    await waitUntil('time passes', forMs + SETTLED_MS_MAX, isOver, this.#stop);
  }

  async until<Value>(
    what: string,
    look: (snapshot: AgentSnapshot) => Value | undefined,
    withinMs = SETTLED_MS_MAX,
  ): Promise<Value> {
    const asked = async () => {
      const snapshot = await this.lab.snapshot();
      return snapshot === undefined ? undefined : look(snapshot);
    };
    return waitUntil(what, withinMs, asked, this.#stop);
  }

  /** Bounded by the caller's patience, and looked at without the agent. */
  async untilTrue(what: string, look: () => Promise<boolean>): Promise<void> {
    const asked = async () => ((await look()) ? true : undefined);
    await waitUntil(what, SETTLED_MS_MAX, asked, this.#stop);
  }

  async impair(uplink: LabUplinkId, over: Partial<Impairment>): Promise<void> {
    await this.relay.impair(uplink, 'out', over);
    await this.relay.impair(uplink, 'in', over);
  }

  async tunnelOf(id: string): Promise<TunnelSnapshot> {
    return this.until(`${id} is there`, ({ fastPath }) =>
      fastPath.tunnels.find((tunnel) => tunnel.id === id),
    );
  }

  /** The gateway's host is gone or back: nothing passes on its wire. */
  async setGatewayWire(device: 'core-a' | 'core-b', passes: boolean): Promise<void> {
    const word = passes ? 'delete' : 'add';
    await runCommand(['nft', '-f', '-'], {
      input: `${word} element inet faults dark { ${device} }\n`,
      netnsPath: netnsPath('inet'),
    });
  }

  async close(): Promise<void> {
    await this.flow.stop();
    await this.lab.close();
    await this.relay.close();
  }
}
