/**
 * The tunnels of the plan and what is known of each: devices, sessions, uplinks. Answers who could carry
 * traffic; decides nothing.
 */
import type { KernelEvent } from '../../firmware-shim/kernel/types.ts';
import { DeviceView } from '../model/device-view.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { TunnelId, TunnelPlan } from '../model/tunnel.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';
import type { SessionMove } from './bfd/bfd-events.ts';
import { FailbackHold } from './choice/failback-hold.ts';
import type { SlaBoard } from './choice/sla-board.ts';
import type { SupervisorEffect } from './supervisor-events.ts';
import {
  isViolated,
  objection,
  type ProofOfLife,
  type TunnelCandidate,
} from './tunnel-candidate.ts';
import { TunnelWatch, type WatchedChange } from './tunnel-watch.ts';

const UNOBSERVED: UplinkVerdict = { state: 'down', sinceMs: 0, reason: 'not-observed-yet' };

/** Sockets that failed although their device is there are tried again after this. */
const REOPEN_MS = 1_000;

/** What was heard through a tunnel until now. */
export type ProofOf = (tunnel: TunnelId, nowMs: number) => ProofOfLife | undefined;

/** A tunnel that was lost by what its uplink did, as far as its session can tell. */
interface UplinkLoss {
  readonly tunnel: TunnelId;
  readonly how: 'silent' | 'unheard';
  readonly atMs: number;
}

export class TunnelRoster {
  readonly #proofOf: ProofOf;
  readonly #watches = new Map<TunnelId, TunnelWatch>();
  readonly #devices = new DeviceView();
  readonly #verdicts = new Map<UplinkId, UplinkVerdict>();
  readonly #hold = new FailbackHold();
  readonly #slas: SlaBoard;
  /** Tunnels whose sockets failed, and when to try again. */
  readonly #reopenAtMs = new Map<TunnelId, number>();
  readonly #losses = new Map<UplinkId, UplinkLoss>();
  #plan: FastPathPlan | undefined;

  constructor(proofOf: ProofOf, slas: SlaBoard) {
    this.#proofOf = proofOf;
    this.#slas = slas;
  }

  watch(tunnel: TunnelId): TunnelWatch | undefined {
    return this.#watches.get(tunnel);
  }

  watches(): readonly TunnelWatch[] {
    return [...this.#watches.values()];
  }

  verdictOf(uplink: UplinkId): UplinkVerdict {
    return this.#verdicts.get(uplink) ?? UNOBSERVED;
  }

  setVerdict(uplink: UplinkId, verdict: UplinkVerdict): void {
    this.#verdicts.set(uplink, verdict);
  }

  applyKernel(events: readonly KernelEvent[]): void {
    this.#devices.apply(events);
  }

  applyPlan(plan: FastPathPlan, nowMs: number): readonly SupervisorEffect[] {
    if (this.#plan === undefined) this.#hold.restore(plan.flaps ?? [], nowMs);
    this.#plan = plan;
    const effects: SupervisorEffect[] = [];
    const wanted = new Map(plan.tunnels.map((tunnel) => [tunnel.id, tunnel]));
    for (const [id, watch] of this.#watches) {
      const next = wanted.get(id);
      if (next !== undefined && samePlace(next, watch.plan)) continue;
      if (watch.state !== 'absent') effects.push({ type: 'stopSession', tunnel: id });
      this.#watches.delete(id);
      this.#reopenAtMs.delete(id);
      if (next === undefined) this.#hold.forget(id);
    }
    for (const next of plan.tunnels) {
      const watch = this.#watches.get(next.id);
      if (watch === undefined) this.#watches.set(next.id, new TunnelWatch(next, nowMs));
      else {
        watch.plan = next;
        if (watch.state !== 'absent') effects.push({ type: 'retimeSession', plan: next });
      }
    }
    return effects;
  }

  /** Starts sessions where the device has come and stops them where it has gone. */
  followDevices(nowMs: number): readonly SupervisorEffect[] {
    return this.watches().flatMap((watch) => {
      const id = watch.plan.id;
      const waits = (this.#reopenAtMs.get(id) ?? 0) > nowMs;
      if (!waits) this.#reopenAtMs.delete(id);
      const ready = !waits && this.#deviceReady(watch.plan);
      if (ready) {
        const change = watch.deviceReady(nowMs);
        return change === undefined
          ? []
          : [{ type: 'startSession', plan: watch.plan } as const, ...changed(id, change, nowMs)];
      }
      const change = watch.deviceGone(waits ? 'its sockets failed' : 'its device is gone', nowMs);
      return change === undefined
        ? []
        : [{ type: 'stopSession', tunnel: id } as const, ...changed(id, change, nowMs)];
    });
  }

  /** A session that was Up is lost: what its uplink has to do with it concerns the tunnels beside it. */
  sessionLost({ plan }: TunnelWatch, move: SessionMove, nowMs: number): void {
    const how =
      move.cause === 'silence' ? 'silent' : move.cause === 'heardDown' ? 'unheard' : undefined;
    if (how === undefined) return;
    this.#losses.set(plan.uplink, { tunnel: plan.id, how, atMs: nowMs });
  }

  probeFailed(tunnel: TunnelId, errno: string, nowMs: number): readonly SupervisorEffect[] {
    this.#reopenAtMs.set(tunnel, nowMs + REOPEN_MS);
    return [{ type: 'note', note: { code: 'probeFailed', level: 'warning', tunnel, errno } }];
  }

  /** When sockets that failed are to be opened again. */
  reopenAtMs(): number | undefined {
    return this.#reopenAtMs.size === 0 ? undefined : Math.min(...this.#reopenAtMs.values());
  }

  /** Losses to be kept over a restart, as far as they have changed. */
  flapsTold(nowMs: number): readonly SupervisorEffect[] {
    return this.#hold
      .changes(nowMs)
      .map((flaps) => ({ type: 'tellControl', fact: { type: 'flapsChanged', flaps } }));
  }

  /** Keeps account of who is usable; a loss lengthens the hold before traffic may return. */
  assess(nowMs: number): void {
    for (const candidate of this.candidates(nowMs, true)) {
      const watch = this.#watches.get(candidate.plan.id);
      // A path that does not keep to its class is lost to traffic as much as a silent one.
      const usable = objection(candidate) === undefined && !isViolated(candidate);
      const lost = watch?.assess(usable, nowMs) ?? false;
      // A far end that said AdminDown was not lost: it will be back and is no flapping path.
      if (lost && watch?.waiting === undefined) this.#hold.lost(candidate.plan.id, nowMs);
    }
  }

  /** `settled`: traffic has found its first place, so from now on a better tunnel must prove itself. */
  candidates(nowMs: number, settled: boolean): readonly TunnelCandidate[] {
    const plan = this.#plan;
    if (plan === undefined) return [];
    return this.watches().map((watch) => {
      const proof = this.#proofOf(watch.plan.id, nowMs);
      const siblingLost = this.#siblingLost(watch.plan, proof, nowMs);
      const sla = this.#slas.verdictOf(watch.plan.id);
      const gatewayIsp = plan.gatewayIsps?.[watch.plan.gateway];
      return {
        plan: watch.plan,
        uplink: plan.uplinks.find((uplink) => uplink.id === watch.plan.uplink),
        verdict: this.verdictOf(watch.plan.uplink),
        state: watch.state,
        usableSinceMs: watch.usableSinceMs,
        holdMs: this.#hold.holdMs(watch.plan.id, plan.policy, settled, nowMs),
        ...(watch.waiting === undefined ? {} : { waiting: watch.waiting }),
        ...(proof === undefined ? {} : { proof }),
        ...(sla === undefined ? {} : { sla }),
        ...(gatewayIsp === undefined ? {} : { gatewayIsp }),
        ...(siblingLost === undefined ? {} : { siblingLost }),
      };
    });
  }

  /** For one detection time: after that its own session has judged. */
  #siblingLost(
    { id, uplink }: TunnelPlan,
    proof: ProofOfLife | undefined,
    nowMs: number,
  ): TunnelCandidate['siblingLost'] {
    const loss = this.#losses.get(uplink);
    if (loss === undefined || loss.tunnel === id) return undefined;
    return nowMs - loss.atMs < (proof?.detectMs ?? 0) ? loss.how : undefined;
  }

  #deviceReady(plan: TunnelPlan): boolean {
    const link = this.#devices.linkByName(plan.deviceName);
    return link?.adminUp === true && this.#devices.hasAddress(link.index, plan.innerLocal);
  }
}

/** A tunnel whose state changed, told to the control thread and noted. */
export function changed(
  tunnel: TunnelId,
  change: WatchedChange,
  atMs: number,
): readonly SupervisorEffect[] {
  return [
    { type: 'tellControl', fact: { type: 'tunnelStateChanged', tunnel, ...change, atMs } },
    { type: 'note', note: { code: 'tunnelStateChanged', level: 'notice', tunnel, ...change } },
  ];
}

/** Everything but the timers: those a running session can change. */
function samePlace(a: TunnelPlan, b: TunnelPlan): boolean {
  return (
    a.deviceName === b.deviceName &&
    a.innerLocal === b.innerLocal &&
    a.innerRemote === b.innerRemote
  );
}
