/**
 * Decides which tunnel is active, when to leave it and when to return, and says why.
 *
 * It hears sessions, uplinks, devices, the engine and orders; every event ends in one question, "who carries
 * traffic now?", answered by `chooseTunnel` for a branch and `followBranch` for a hub. A change is told to the
 * control thread when the kernel has acknowledged it.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { ChoiceSnapshot } from '../model/snapshot.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';
import type { SessionMove } from './bfd-events.ts';
import { type Evidence, evidenceOf, moveEvidence, reasonOf } from './change-evidence.ts';
import { followBranch } from './hub-choice.ts';
import { canonicalAddress } from './path-announcement.ts';
import { PendingChanges } from './pending-changes.ts';
import type { SupervisorEffect, SupervisorEvent } from './supervisor-events.ts';
import { DOWN_WORDS, objection } from './tunnel-candidate.ts';
import { type Choice, chooseTunnel } from './tunnel-choice.ts';
import { changed, type ProofOf, TunnelRoster } from './tunnel-roster.ts';

/** Sessions of a restarted agent come up within two slow seconds; after this the adopted route is judged too. */
export const ADOPTION_WAIT_MS = 5_000;
/** Sessions start within a second of each other; so long the best of them wins without a hold. */
export const SETTLE_MS = 3_000;

export class TunnelSupervisor implements Core<SupervisorEvent, SupervisorEffect> {
  readonly #roster: TunnelRoster;
  readonly #pending = new PendingChanges();
  readonly #timers = new Timers<'reconsider' | 'reopen'>();
  #plan: FastPathPlan | undefined;
  #active: TunnelId | undefined;
  #pinned: TunnelId | undefined;
  #namedAddress: string | undefined;
  #settledAtMs: number | undefined;
  #upBefore = '';
  #choice: ChoiceSnapshot = { because: 'there is no plan yet', candidates: [] };

  /** `proofOf` is asked at the moment of each decision. */
  constructor(proofOf: ProofOf = () => undefined) {
    this.#roster = new TunnelRoster(proofOf);
  }

  handle(event: SupervisorEvent, nowMs: number): readonly SupervisorEffect[] {
    switch (event.type) {
      case 'planReceived':
        return this.#applyPlan(event.plan, nowMs);
      case 'kernelChanged':
        this.#roster.applyKernel(event.events);
        return this.#followDevices(nowMs);
      case 'uplinkChanged':
        return this.#hearUplink(event.uplink, event.verdict, nowMs);
      case 'sessionMoved':
        return this.#hearSession(event.tunnel, event.move, nowMs);
      case 'probeFailed':
        return this.#hearProbeFailure(event.tunnel, event.code, nowMs);
      case 'engineLostTunnel':
        // The session goes Down and tells us so: the engine may speed that up, never decide it alone.
        return [{ type: 'failSession', tunnel: event.tunnel }];
      case 'switchRequested':
        return this.#obey(event.requestId, event.tunnel, nowMs);
      case 'pathNamed':
        return this.#hearName(event.address, event.over, nowMs);
      case 'adopted':
        return this.#adopt(event.tunnel, nowMs);
      case 'activated':
        return this.#pending.installed(event, nowMs);
    }
  }

  tick(nowMs: number): readonly SupervisorEffect[] {
    const reopens = this.#timers.take('reopen', nowMs);
    const reconsiders = this.#timers.take('reconsider', nowMs);
    return [
      ...(reopens ? this.#followDevices(nowMs) : nothing),
      ...(reconsiders
        ? this.#reconsider(evidenceOf('silence', 'its session did not return', nowMs), nowMs)
        : nothing),
    ];
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  snapshot() {
    const tunnels = this.#roster.watches().map((watch) => ({
      plan: watch.plan,
      state: watch.state,
      sinceMs: watch.sinceMs,
    }));
    const changes = this.#pending.history();
    return { active: this.#active, choice: this.#choice, tunnels, changes };
  }

  #applyPlan(plan: FastPathPlan, nowMs: number): readonly SupervisorEffect[] {
    this.#plan = plan;
    const effects = [...this.#roster.applyPlan(plan, nowMs), ...this.#roster.followDevices(nowMs)];
    const evidence = evidenceOf('plan', 'the plan changed', nowMs);
    return [...effects, ...this.#reconsider(evidence, nowMs)];
  }

  #followDevices(nowMs: number): readonly SupervisorEffect[] {
    const effects = this.#roster.followDevices(nowMs);
    this.#armReopen();
    if (effects.length === 0) return nothing;
    const evidence = evidenceOf('engine', 'its device is gone', nowMs);
    return [...effects, ...this.#reconsider(evidence, nowMs)];
  }

  #hearUplink(
    uplink: UplinkId,
    verdict: UplinkVerdict,
    nowMs: number,
  ): readonly SupervisorEffect[] {
    this.#roster.setVerdict(uplink, verdict);
    const why = verdict.state === 'down' ? DOWN_WORDS[verdict.reason] : 'is up';
    const evidence = evidenceOf('carrier', `uplink ${uplink} ${why}`, nowMs);
    return this.#reconsider(evidence, nowMs);
  }

  #hearSession(tunnel: TunnelId, move: SessionMove, nowMs: number): readonly SupervisorEffect[] {
    const watch = this.#roster.watch(tunnel);
    const change = watch?.sessionMoved(move, nowMs);
    if (watch === undefined || change === undefined) return nothing;
    if (change.from === 'up') this.#roster.sessionLost(watch, move, nowMs);
    return [
      ...this.#reconsider(moveEvidence(move, nowMs), nowMs),
      ...changed(tunnel, change, nowMs),
    ];
  }

  #hearProbeFailure(tunnel: TunnelId, code: string, nowMs: number): readonly SupervisorEffect[] {
    if (this.#roster.watch(tunnel) === undefined) return nothing;
    this.#roster.probeFailed(tunnel, nowMs);
    return [
      { type: 'note', note: { code: 'probeFailed', level: 'warning', tunnel, errno: code } },
      ...this.#followDevices(nowMs),
    ];
  }

  #hearName(
    address: string | undefined,
    over: TunnelId,
    nowMs: number,
  ): readonly SupervisorEffect[] {
    this.#namedAddress = address;
    const tunnel = this.#named();
    const evidence = evidenceOf('command', `the branch said so over ${over}`, nowMs);
    return [
      ...this.#reconsider(evidence, nowMs),
      { type: 'tellControl', fact: { type: 'pathAnnounced', tunnel, atMs: nowMs } },
      { type: 'note', note: { code: 'pathAnnounced', level: 'info', tunnel, over } },
    ];
  }

  /** The tunnel of ours in which the branch has the address it named. */
  #named(): TunnelId | undefined {
    if (this.#namedAddress === undefined) return undefined;
    return this.#plan?.tunnels.find(
      (plan) => canonicalAddress(plan.innerRemote) === this.#namedAddress,
    )?.id;
  }

  #adopt(tunnel: TunnelId, nowMs: number): readonly SupervisorEffect[] {
    const watch = this.#roster.watch(tunnel);
    if (watch === undefined || this.#active !== undefined) return nothing;
    watch.awaitAdoption(nowMs + ADOPTION_WAIT_MS);
    this.#active = tunnel;
    this.#settledAtMs = nowMs;
    const change = {
      from: undefined,
      to: tunnel,
      cause: 'first-choice',
      because: `${tunnel} carried traffic before the restart of the agent and keeps it`,
      detectedAtMs: nowMs,
      silentForMs: 0,
      decideMs: 0,
      installMs: 0,
    } as const;
    this.#pending.remember(change);
    return [
      { type: 'note', note: { code: 'activeTunnelAdopted', level: 'notice', tunnel } },
      { type: 'tellControl', fact: { type: 'activeTunnelChanged', change } },
      { type: 'announcePath', address: watch.plan.innerLocal, over: this.#tunnelsUp() },
      ...this.#reconsider(evidenceOf('better', 'it proved itself', nowMs), nowMs),
    ];
  }

  #obey(requestId: string, tunnel: TunnelId, nowMs: number): readonly SupervisorEffect[] {
    const refuse = (code: string, because: string): readonly SupervisorEffect[] => [
      {
        type: 'tellControl',
        fact: { type: 'switchAnswered', requestId, ok: false, code, because },
      },
    ];
    if (this.#plan?.role === 'hub') {
      return refuse('ESWITCH_HUB', 'a hub follows the branch and is not switched by itself');
    }
    const candidate = this.#roster.candidates(nowMs, true).find((each) => each.plan.id === tunnel);
    if (candidate === undefined) return refuse('ESWITCH_UNKNOWN', `there is no tunnel ${tunnel}`);
    const against = objection(candidate);
    if (against !== undefined) {
      return refuse('ESWITCH_UNUSABLE', `${tunnel} cannot carry traffic: ${against.why}`);
    }
    this.#pinned = tunnel;
    if (tunnel === this.#active) {
      const because = `${tunnel} is active already and stays so until it fails`;
      const answer = { type: 'switchAnswered', requestId, ok: true, because } as const;
      return [
        { type: 'tellControl', fact: answer },
        ...this.#reconsider(evidenceOf('better', 'it proved itself', nowMs), nowMs),
      ];
    }
    const evidence = evidenceOf('command', 'an operator asked for it', nowMs);
    return this.#reconsider(evidence, nowMs, requestId);
  }

  /** The one place where the active tunnel changes. */
  #reconsider(evidence: Evidence, nowMs: number, requestId?: string): readonly SupervisorEffect[] {
    this.#roster.assess(nowMs);
    this.#unpinFailed(nowMs);
    const choice = this.#choose(nowMs);
    const { because, rule, candidates } = choice;
    this.#choice = { because, rule, candidates };
    if (choice.reconsiderAtMs === undefined) this.#timers.clear('reconsider');
    else this.#timers.set('reconsider', choice.reconsiderAtMs);
    const effects =
      choice.tunnel === this.#active ? nothing : this.#become(choice, evidence, nowMs, requestId);
    return [...effects, ...this.#tellTunnelsUp()];
  }

  #choose(nowMs: number): Choice {
    const settled = this.#settledAtMs !== undefined && nowMs >= this.#settledAtMs;
    const candidates = this.#roster.candidates(nowMs, settled);
    if (this.#plan?.role === 'hub') {
      return followBranch({ candidates, active: this.#active, named: this.#named() });
    }
    return chooseTunnel({ candidates, active: this.#active, pinned: this.#pinned, nowMs });
  }

  #unpinFailed(nowMs: number): void {
    const pinned = this.#roster
      .candidates(nowMs, true)
      .find((each) => each.plan.id === this.#pinned);
    if (pinned === undefined || objection(pinned) !== undefined) this.#pinned = undefined;
  }

  #become(
    choice: Choice,
    evidence: Evidence,
    nowMs: number,
    requestId?: string,
  ): readonly SupervisorEffect[] {
    const from = this.#active;
    const to = choice.tunnel;
    this.#active = to;
    if (to !== undefined) this.#settledAtMs ??= nowMs + SETTLE_MS;
    const activation = this.#pending.begin({
      change: { from, to, ...reasonOf(from, choice, evidence) },
      decidedAtMs: nowMs,
      ...(requestId === undefined ? {} : { requestId }),
    });
    const address = to === undefined ? undefined : this.#roster.watch(to)?.plan.innerLocal;
    const over = this.#tunnelsUp();
    this.#upBefore = over.join(' ');
    return [
      { type: 'activate', activation, tunnel: to },
      ...(this.#plan?.role === 'hub' ? [] : [{ type: 'announcePath', address, over } as const]),
    ];
  }

  #tellTunnelsUp(): readonly SupervisorEffect[] {
    const tunnels = this.#tunnelsUp();
    const key = tunnels.join(' ');
    if (key === this.#upBefore) return nothing;
    this.#upBefore = key;
    return [{ type: 'tellTunnelsUp', tunnels }];
  }

  /** The active one first. */
  #tunnelsUp(): readonly TunnelId[] {
    const up = this.#roster.watches().filter((watch) => watch.state === 'up');
    const tunnels = up.map((watch) => watch.plan.id);
    return tunnels.sort((a, b) => Number(b === this.#active) - Number(a === this.#active));
  }

  #armReopen(): void {
    const atMs = this.#roster.reopenAtMs();
    if (atMs === undefined) this.#timers.clear('reopen');
    else this.#timers.set('reopen', atMs);
  }
}
