/**
 * One fault and what came of it, measured from outside: the moment of the cut from the lab, the decision from
 * the agent's record, the gap from ping's stamps.
 */
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';
import type { ActiveTunnelChange } from '../../agent/model/tunnel-change.ts';
import type { DemoLab } from './demo-lab.ts';
import type { FailoverFigures, RecoveryFigures } from './demo-report.ts';
import { LAB_DETECT_MS, LAB_FAILBACK_HOLD_MS } from './lab-cloud.ts';
import type { PingFlow } from './ping-flow.ts';
import type { LabUplinkId } from './topology.ts';
import { waitUntil } from './wait-until.ts';

/** Far beyond what a failover takes; reached only when there is none. */
const FAILOVER_MS_MAX = 5_000;
/** The hold, doubled for a second loss, with room for sessions that must come up first. */
const FAILBACK_MS_MAX = 15_000 + 4 * LAB_FAILBACK_HOLD_MS;
/** Answers in a row that prove traffic flows again. */
const ANSWERS_AFTER = 20;

export type FaultCause = FailoverFigures['cause'];

export class FailoverWatch {
  readonly #lab: DemoLab;
  readonly #ping: PingFlow;
  readonly #stop: AbortSignal;

  constructor(lab: DemoLab, ping: PingFlow, stop: AbortSignal) {
    this.#lab = lab;
    this.#ping = ping;
    this.#stop = stop;
  }

  /** Cuts the uplink the traffic is on and waits until the traffic is elsewhere. */
  async cut(cause: FaultCause, uplink: LabUplinkId): Promise<FailoverFigures> {
    const { faults } = this.#lab;
    const swallowedBefore = await faults.swallowedPackets();
    const cutAtMs = await (cause === 'carrier'
      ? faults.pullCable(uplink)
      : faults.blackHole(uplink));
    const change = await this.#until('the active tunnel changes', FAILOVER_MS_MAX, (snapshot) =>
      snapshot.fastPath.changes.find(
        (each) => each.detectedAtMs >= cutAtMs && avoids(uplink, each, snapshot),
      ),
    );
    await this.trafficFlows(change.detectedAtMs);
    const nowMs = this.#lab.nowMs();
    const gap = this.#ping.record.gap(cutAtMs, nowMs);
    return {
      cause,
      ...figuresOf(change, cutAtMs),
      trafficGapMs: rounded(gap?.gapMs ?? Number.NaN),
      machineLateMs: rounded(this.#lab.lateness.worstMs(cutAtMs, nowMs)),
      detectBoundMs: cause === 'carrier' ? 0 : LAB_DETECT_MS,
      ...(cause === 'blackhole' && {
        swallowedPackets: (await faults.swallowedPackets()) - swallowedBefore,
      }),
    };
  }

  /** Repairs the uplink and waits until the traffic is back on it. */
  async repair(cause: FaultCause, uplink: LabUplinkId): Promise<RecoveryFigures> {
    const { faults } = this.#lab;
    const repairedAtMs = this.#lab.nowMs();
    await (cause === 'carrier' ? faults.plugCable(uplink) : faults.clearBlackHole(uplink));
    await this.#until(`traffic returns to ${uplink}`, FAILBACK_MS_MAX, (snapshot) =>
      activeUplink(snapshot) === uplink ? true : undefined,
    );
    const backAtMs = this.#lab.nowMs();
    await this.trafficFlows(backAtMs);
    const gap = this.#ping.record.gap(repairedAtMs, this.#lab.nowMs());
    return {
      after: cause,
      failbackMs: rounded(backAtMs - repairedAtMs),
      trafficGapMs: rounded(gap?.gapMs ?? Number.NaN),
    };
  }

  async #until<Value>(
    what: string,
    withinMs: number,
    look: (snapshot: AgentSnapshot) => Value | undefined,
  ): Promise<Value> {
    return waitUntil(
      what,
      withinMs,
      async () => {
        const snapshot = await this.#lab.snapshot();
        return snapshot === undefined ? undefined : look(snapshot);
      },
      this.#stop,
    );
  }

  /** Resolves once a row of pings sent after `sinceMs` is answered. */
  async trafficFlows(sinceMs: number): Promise<void> {
    await waitUntil(
      'pings are answered again',
      FAILOVER_MS_MAX,
      () => {
        const answers = this.#ping.record.answersBetween(sinceMs, Number.POSITIVE_INFINITY);
        return answers.length >= ANSWERS_AFTER ? true : undefined;
      },
      this.#stop,
    );
  }
}

/** The other gateway over the same uplink is tried first where it still seems up; that is no way out yet. */
function avoids(
  uplink: LabUplinkId,
  change: ActiveTunnelChange,
  { fastPath }: AgentSnapshot,
): boolean {
  const tunnel = fastPath.tunnels.find(({ id }) => id === change.to);
  return tunnel !== undefined && tunnel.uplink !== uplink;
}

/** The uplink that carries the traffic now. */
export function activeUplink({ fastPath }: AgentSnapshot): string | undefined {
  return fastPath.tunnels.find((tunnel) => tunnel.id === fastPath.active)?.uplink;
}

function figuresOf(change: ActiveTunnelChange, cutAtMs: number) {
  const { from, to, because, detectedAtMs, decideMs, installMs } = change;
  return {
    detectMs: rounded(detectedAtMs - cutAtMs),
    decideMs: rounded(decideMs),
    installMs: rounded(installMs),
    because,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/** Microseconds are the end of what these clocks tell. */
function rounded(valueMs: number): number {
  return Math.round(valueMs * 1000) / 1000;
}
