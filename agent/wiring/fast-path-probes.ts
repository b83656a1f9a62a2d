/**
 * What runs inside each tunnel, put together: its liveness session, its quality probes, and the book of when it
 * was last heard.
 */
import { type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { PathQualityFigures } from '../model/quality.ts';
import type { TunnelSnapshot } from '../model/snapshot.ts';
import type { TunnelId, TunnelPlan } from '../model/tunnel.ts';
import type { BfdEffect } from '../tunnel/bfd/bfd-events.ts';
import { type LivenessEvent, LivenessSession } from '../tunnel/liveness/liveness-session.ts';
import { LivenessSessions } from '../tunnel/liveness/liveness-sessions.ts';
import { STAMP_PORT } from '../tunnel/quality/stamp-packet.ts';
import type { SupervisorEvent } from '../tunnel/supervisor-events.ts';
import type { ProofOfLife } from '../tunnel/tunnel-candidate.ts';
import type { UplinkEffect } from '../uplink/uplink-monitor.ts';
import { BFD_PORT, type FastPathEffect, PROBE_PORTS } from './fast-path-contract.ts';
import { noted, sent } from './fast-path-effects.ts';
import { ProofBook } from './fast-path-proof.ts';
import { FastPathQuality, type QualityEffect } from './fast-path-quality.ts';

/** What comes out of a tunnel: for the driver, or for the supervisor. */
export type ProbesEffect =
  | FastPathEffect
  | QualityEffect
  | { readonly type: 'tellSupervisor'; readonly event: SupervisorEvent };

type UplinkChange = Extract<UplinkEffect, { readonly type: 'uplinkChanged' }>;

/** What is shown of a tunnel that has no session because it has no device. */
const NO_SESSION: TunnelSnapshot['session'] = {
  state: 'none',
  remoteState: 'none',
  detectMs: 0,
  rxPackets: 0,
  txPackets: 0,
  discarded: {},
};

/** A loss ratio of fewer probes would swing the multiplier. */
const LOSS_SAMPLES_MIN = 100;

export class FastPathProbes {
  readonly #random: Random;
  readonly #sessions = new LivenessSessions();
  readonly #proofs = new ProofBook();
  readonly #quality: FastPathQuality;

  constructor(random: Random) {
    this.#random = random;
    this.#quality = new FastPathQuality(random);
  }

  get tunnels(): readonly TunnelId[] {
    return this.#sessions.tunnels;
  }

  planned(plan: FastPathPlan): void {
    this.#quality.planned(plan);
  }

  kernelChanged(events: readonly KernelEvent[]): void {
    this.#quality.kernelChanged(events);
  }

  uplinkChanged({ uplink, verdict }: UplinkChange, nowMs: number): readonly ProbesEffect[] {
    const usable = verdict.state === 'up';
    this.#sessions.uplinkJudged(uplink, usable, nowMs);
    return this.#quality.uplinkJudged(uplink, usable, nowMs);
  }

  start(plan: TunnelPlan, nowMs: number): readonly ProbesEffect[] {
    const lossToPeer = (atMs: number): number | undefined => this.#lossToPeer(plan.id, atMs);
    this.#sessions.add(plan, new LivenessSession(plan, this.#random, lossToPeer), nowMs);
    this.#proofs.opened(plan, nowMs);
    this.#quality.start(plan);
    const options = {
      deviceName: plan.deviceName,
      localAddress: plan.innerLocal,
      remoteAddress: plan.innerRemote,
      ports: PROBE_PORTS,
    };
    return [
      { type: 'openProbe', tunnel: plan.id, options },
      ...this.toSession(plan.id, { type: 'enabled' }, nowMs),
    ];
  }

  /** The far end hears a farewell; nobody here hears of it any more. */
  stop(tunnel: TunnelId, nowMs: number): readonly ProbesEffect[] {
    const effects = this.#sessions.handle(tunnel, { type: 'disabled' }, nowMs);
    this.#sessions.remove(tunnel);
    this.#proofs.closed(tunnel);
    const packets = effects.filter((effect) => effect.type === 'sendPacket');
    return [
      ...this.#quality.stop(tunnel, nowMs),
      ...packets.map(({ bytes }) => sent(tunnel, BFD_PORT, bytes)),
      { type: 'closeProbe', tunnel },
    ];
  }

  /** Something came through the tunnel; the path announcement is not for us. */
  hear(tunnel: TunnelId, port: number, bytes: Uint8Array, nowMs: number): readonly ProbesEffect[] {
    if (port === BFD_PORT) return this.toSession(tunnel, { type: 'packetArrived', bytes }, nowMs);
    this.#sessions.heard(tunnel, nowMs);
    return port === STAMP_PORT ? this.#quality.hear(tunnel, bytes, nowMs) : nothing;
  }

  toSession(tunnel: TunnelId, event: LivenessEvent, nowMs: number): readonly ProbesEffect[] {
    return this.#fromSession(tunnel, this.#sessions.handle(tunnel, event, nowMs), nowMs);
  }

  wokeLate(lateMs: number, nowMs: number): readonly ProbesEffect[] {
    const event = { type: 'wokeLate', lateMs } as const;
    this.#quality.wokeLate(lateMs, nowMs);
    return this.tunnels.flatMap((tunnel) => this.toSession(tunnel, event, nowMs));
  }

  tick(nowMs: number): readonly ProbesEffect[] {
    const out: ProbesEffect[] = [];
    for (const { tunnel, effects } of this.#sessions.tick(nowMs)) {
      this.#pushFromSession(out, tunnel, effects, nowMs);
    }
    out.push(...this.#quality.tick(nowMs));
    return out;
  }

  deadline(): Deadline | undefined {
    return earlier(this.#sessions.deadline(), this.#quality.deadline());
  }

  proofOf(tunnel: TunnelId, nowMs: number): ProofOfLife | undefined {
    const heardAtMs = this.#sessions.heardAtMs(tunnel);
    return this.#proofs.proofOf(tunnel, this.#sessions.get(tunnel), heardAtMs, nowMs);
  }

  sessionSnapshot(tunnel: TunnelId, nowMs: number): TunnelSnapshot['session'] {
    return this.#sessions.get(tunnel)?.snapshot(nowMs) ?? NO_SESSION;
  }

  qualityOf(tunnel: TunnelId, nowMs: number): PathQualityFigures | undefined {
    return this.#quality.figuresOf(tunnel, nowMs);
  }

  qualitySnapshot(tunnel: TunnelId, nowMs: number): TunnelSnapshot['quality'] {
    return this.#quality.snapshot(tunnel, nowMs);
  }

  #lossToPeer(tunnel: TunnelId, nowMs: number): number | undefined {
    const figures = this.#quality.figuresOf(tunnel, nowMs);
    return figures === undefined || figures.samples < LOSS_SAMPLES_MIN
      ? undefined
      : figures.lossUpPercent / 100;
  }

  #fromSession(
    tunnel: TunnelId,
    effects: readonly BfdEffect[],
    nowMs: number,
  ): readonly ProbesEffect[] {
    if (effects.length === 0) return nothing;
    const out: ProbesEffect[] = [];
    this.#pushFromSession(out, tunnel, effects, nowMs);
    return out;
  }

  /** The probes hear of a move first, so that a path that is gone is not measured. */
  #pushFromSession(
    out: ProbesEffect[],
    tunnel: TunnelId,
    effects: readonly BfdEffect[],
    nowMs: number,
  ): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'sendPacket':
          out.push(sent(tunnel, BFD_PORT, effect.bytes));
          break;
        case 'sessionMoved':
          out.push(...this.#quality.turned(tunnel, effect.to === 'Up', nowMs), {
            type: 'tellSupervisor',
            event: { type: 'sessionMoved', tunnel, move: effect },
          });
          break;
        case 'note':
          out.push(noted(effect.note));
          break;
      }
    }
  }
}
