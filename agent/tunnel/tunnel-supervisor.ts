/**
 * Decides which tunnel is active, when to leave it and when to return, and says why.
 *
 * It hears sessions, uplinks, devices, the engine and orders; every event ends in one question, "who carries
 * traffic now?", answered by `chooseTunnel` for a branch and `followBranch` for a hub. A change is told to the
 * control thread when the kernel has acknowledged it.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { TunnelShare } from '../model/decision.ts';
import type { FastPathPlan } from '../model/fast-path.ts';
import type { ChoiceSnapshot } from '../model/snapshot.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';
import { BranchWord, wordTold } from './announcement/branch-word.ts';
import type { SessionMove } from './bfd/bfd-events.ts';
import { sharesKey } from './choice/balance.ts';
import {
  adoption,
  type Evidence,
  evidenceOf,
  moveEvidence,
  provedItself,
  reasonOf,
} from './choice/change-evidence.ts';
import { DecisionLog } from './choice/decision-log.ts';
import { followBranch, isBystander } from './choice/hub-choice.ts';
import { type QualityOf, SlaBoard, turnNotes, turnWords } from './choice/sla-board.ts';
import { switchNeedless, switchObjection, switchRefused } from './choice/switch-answer.ts';
import { type Choice, chooseTunnel } from './choice/tunnel-choice.ts';
import { UpList } from './choice/up-list.ts';
import { PendingChanges } from './pending-changes.ts';
import type { SupervisorEffect, SupervisorEvent } from './supervisor-events.ts';
import { DOWN_WORDS, objection } from './tunnel-candidate.ts';
import { changed, type ProofOf, TunnelRoster } from './tunnel-roster.ts';

/** Sessions of a restarted agent come up within two slow seconds; after this the adopted route is judged too. */
export const ADOPTION_WAIT_MS = 5_000;
/** Sessions start within a second of each other; so long the best of them wins without a hold. */
export const SETTLE_MS = 3_000;
/** Windows are seconds long, so a second more or less changes no verdict. */
const JUDGE_MS = 1_000;

export class TunnelSupervisor implements Core<SupervisorEvent, SupervisorEffect> {
  readonly #roster: TunnelRoster;
  readonly #slas: SlaBoard;
  readonly #pending = new PendingChanges();
  readonly #timers = new Timers<'reconsider' | 'reopen' | 'judge'>();
  readonly #decisions = new DecisionLog();
  #plan: FastPathPlan | undefined;
  #active: TunnelId | undefined;
  /** All that carry traffic, the active one first. */
  #members: readonly TunnelShare[] = [];
  #pinned: TunnelId | undefined;
  readonly #word = new BranchWord();
  #settledAtMs: number | undefined;
  readonly #up = new UpList();
  #choice: ChoiceSnapshot = { because: 'there is no plan yet', candidates: [] };

  /** Both are asked at the moment of each decision. */
  constructor(proofOf: ProofOf = () => undefined, qualityOf: QualityOf = () => undefined) {
    this.#slas = new SlaBoard(qualityOf);
    this.#roster = new TunnelRoster(proofOf, this.#slas);
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
        return this.#adopt(event.tunnel, event.members, nowMs);
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
      ...(this.#timers.take('judge', nowMs) ? this.#judge(nowMs) : nothing),
    ];
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** Candidates as they are now; the reason is that of the last decision. */
  snapshot(nowMs: number) {
    const { candidates } = this.#choose(nowMs);
    return {
      active: this.#active,
      members: this.#members,
      choice: { ...this.#choice, candidates },
      tunnels: this.#roster.watches(),
      changes: this.#pending.history(),
      decisions: this.#decisions.records(),
    };
  }

  #applyPlan(plan: FastPathPlan, nowMs: number): readonly SupervisorEffect[] {
    this.#plan = plan;
    if (plan.role === 'branch') this.#timers.set('judge', nowMs + JUDGE_MS);
    this.#slas.planned(plan);
    const effects = [...this.#roster.applyPlan(plan, nowMs), ...this.#roster.followDevices(nowMs)];
    const evidence = evidenceOf('plan', 'the plan changed', nowMs);
    return [...effects, ...this.#reconsider(evidence, nowMs)];
  }

  #followDevices(nowMs: number): readonly SupervisorEffect[] {
    const effects = this.#roster.followDevices(nowMs);
    this.#timers.arrange('reopen', this.#roster.reopenAtMs());
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
    const told = changed(tunnel, change, nowMs);
    const standing = this.#active !== undefined && this.#roster.watch(this.#active)?.state === 'up';
    if (this.#plan?.role === 'hub' && standing) {
      const named = this.#word.tunnelIn(this.#plan);
      if (isBystander(tunnel, this.#active, named)) return told;
    }
    return [...this.#reconsider(moveEvidence(move, nowMs), nowMs), ...told];
  }

  #hearProbeFailure(tunnel: TunnelId, code: string, nowMs: number): readonly SupervisorEffect[] {
    if (this.#roster.watch(tunnel) === undefined) return nothing;
    return [...this.#roster.probeFailed(tunnel, code, nowMs), ...this.#followDevices(nowMs)];
  }

  #hearName(
    address: string | undefined,
    over: TunnelId,
    nowMs: number,
  ): readonly SupervisorEffect[] {
    this.#word.hear(address);
    const tunnel = this.#word.tunnelIn(this.#plan);
    const evidence = evidenceOf('command', `the branch said so over ${over}`, nowMs);
    return [...this.#reconsider(evidence, nowMs), ...wordTold(tunnel, over, nowMs)];
  }

  #adopt(
    tunnel: TunnelId,
    members: readonly TunnelShare[],
    nowMs: number,
  ): readonly SupervisorEffect[] {
    const watch = this.#roster.watch(tunnel);
    if (watch === undefined || this.#active !== undefined) return nothing;
    for (const member of members) {
      this.#roster.watch(member.tunnel)?.awaitAdoption(nowMs + ADOPTION_WAIT_MS);
    }
    this.#active = tunnel;
    this.#members = members;
    this.#settledAtMs = nowMs;
    const over = this.#up.tell(this.#roster.watches(), tunnel);
    const change = adoption(tunnel, nowMs);
    this.#pending.remember(change);
    return [
      { type: 'note', note: { code: 'activeTunnelAdopted', level: 'notice', tunnel } },
      { type: 'tellControl', fact: { type: 'activeTunnelChanged', change } },
      { type: 'announcePath', address: watch.plan.innerLocal, over },
      ...this.#reconsider(provedItself(nowMs), nowMs),
    ];
  }

  #obey(requestId: string, tunnel: TunnelId, nowMs: number): readonly SupervisorEffect[] {
    const candidates = this.#roster.candidates(nowMs, true);
    const refusal = switchObjection(this.#plan?.role, candidates, tunnel);
    if (refusal !== undefined) return [switchRefused(requestId, refusal)];
    this.#pinned = tunnel;
    if (tunnel === this.#active) {
      return [switchNeedless(requestId, tunnel), ...this.#reconsider(provedItself(nowMs), nowMs)];
    }
    const evidence = evidenceOf('command', 'an operator asked for it', nowMs);
    return this.#reconsider(evidence, nowMs, requestId);
  }

  /** The one place where the active tunnel changes. */
  #reconsider(evidence: Evidence, nowMs: number, requestId?: string): readonly SupervisorEffect[] {
    this.#roster.assess(nowMs);
    const choice = this.#choose(nowMs);
    const { because, rule, candidates } = choice;
    this.#choice = { because, rule, candidates };
    this.#timers.arrange('reconsider', choice.reconsiderAtMs);
    this.#decisions.decided(this.#active, choice, evidence, nowMs);
    const effects =
      choice.tunnel === this.#active
        ? this.#rebalance(choice.members)
        : this.#become(choice, evidence, nowMs, requestId);
    return [
      ...effects,
      ...this.#up.news(this.#roster.watches(), this.#active),
      ...this.#roster.flapsTold(nowMs),
    ];
  }

  /** Paths are measured all the time and judged now and then. */
  #judge(nowMs: number): readonly SupervisorEffect[] {
    this.#timers.set('judge', nowMs + JUDGE_MS);
    const turns = this.#slas.judge(nowMs);
    const suffers = this.#slas.verdictOf(this.#active)?.verdict === 'violated';
    if (turns.length === 0 && !suffers) return this.#roster.flapsTold(nowMs);
    const evidence = evidenceOf('quality', turnWords(turns) || 'its path is still bad', nowMs);
    return [...turnNotes(turns), ...this.#reconsider(evidence, nowMs)];
  }

  /** Others share the traffic of the active tunnel now, or with other weights. */
  #rebalance(members: readonly TunnelShare[]): readonly SupervisorEffect[] {
    if (sharesKey(members) === sharesKey(this.#members)) return nothing;
    this.#members = members;
    return [
      { type: 'activate', activation: this.#pending.number(), tunnel: this.#active, members },
      { type: 'note', note: { code: 'balanceChanged', level: 'notice', members } },
    ];
  }

  #choose(nowMs: number): Choice {
    const settled = this.#settledAtMs !== undefined && nowMs >= this.#settledAtMs;
    const candidates = this.#roster.candidates(nowMs, settled);
    if (this.#plan?.role === 'hub') {
      return followBranch({
        candidates,
        active: this.#active,
        named: this.#word.tunnelIn(this.#plan),
      });
    }
    // A pinned tunnel that failed is not returned to for the wish's sake.
    const pinned = candidates.find((each) => each.plan.id === this.#pinned);
    if (pinned === undefined || objection(pinned) !== undefined) this.#pinned = undefined;
    const members = this.#members.map((each) => each.tunnel);
    const standing = { active: this.#active, pinned: this.#pinned, members };
    return chooseTunnel({ candidates, ...standing, nowMs });
  }

  #become(
    choice: Choice,
    evidence: Evidence,
    nowMs: number,
    requestId?: string,
  ): readonly SupervisorEffect[] {
    const from = this.#active;
    const { tunnel: to, members } = choice;
    this.#active = to;
    this.#members = members;
    if (to !== undefined) this.#settledAtMs ??= nowMs + SETTLE_MS;
    const reason = reasonOf(from, choice, evidence);
    const activation = this.#pending.begin({
      change: { from, to, ...reason },
      decidedAtMs: nowMs,
      ...(requestId === undefined ? {} : { requestId }),
    });
    const address = to === undefined ? undefined : this.#roster.watch(to)?.plan.innerLocal;
    const over = this.#up.tell(this.#roster.watches(), to);
    return [
      { type: 'activate', activation, tunnel: to, members, from, cause: reason.cause },
      ...(this.#plan?.role === 'hub' ? [] : [{ type: 'announcePath', address, over } as const]),
    ];
  }
}
