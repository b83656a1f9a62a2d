/**
 * Leads this device from what it observes to the desired document, one step at a time, and tells the fast path what
 * to watch.
 *
 * A failed step is noted, held back for a while and found again by looking; the other steps go on. Undoing a document
 * is the same walk towards the one before. Prefix routes are not here: a failover never waits for this loop.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { AgentConfig } from '../model/config.ts';
import type { DesiredDocument } from '../model/desired.ts';
import type { IdentityResult } from '../model/identity-result.ts';
import type { StateNote } from '../model/notes/state-note.ts';
import type { DesiredSnapshot } from '../model/snapshot.ts';
import type { RuleResult } from '../model/traffic-policy.ts';
import type { TunnelId } from '../model/tunnel.ts';
import type { WanLine } from '../model/wan.ts';
import { viewOf } from './desired-view.ts';
import { DHCP_KEY, dhcpEnded } from './dhcp-step.ts';
import { planFor, planNote } from './fast-path-plan.ts';
import { nextSteps, RULES_CHECK } from './next-steps.ts';
import { ObservedState } from './observed-state.ts';
import type { ReconcilerEffect, ReconcilerEvent, StepResult } from './reconciler-events.ts';
import { RuleResults } from './rule-results.ts';
import { lookAfterTouch, RULES_CHECK_MS, RULES_TOUCHED_MS } from './rules-look.ts';
import type { Step } from './step.ts';
import {
  effectOf,
  identityResult,
  isAsGoodAsDone,
  isHelpful,
  isMade,
  isSettled,
  observeDone,
  refusedStep,
  rulesChecked,
} from './step-effects.ts';
import { StepHolds } from './step-holds.ts';
import { type DerivedTunnel, deriveTunnels } from './tunnel-specs.ts';
import { wantedBy } from './wanted-by.ts';

/** An engine that has not answered by then is taken to have failed. */
const STEP_MS = 30_000;
/** The kernel tells what we changed within this; a change not seen by then is made again. */
const CONFIRM_MS = 1_000;
/** A tunnel leaves only after the fast path has had time to leave it. */
const REMOVE_HOLD_MS = 1_000;
type Effects = readonly ReconcilerEffect[];

export class Reconciler implements Core<ReconcilerEvent, ReconcilerEffect> {
  readonly #config: AgentConfig;
  readonly #observed = new ObservedState();
  readonly #timers = new Timers<'look' | 'step' | 'rules'>();
  readonly #holds: StepHolds;
  readonly #rules = new RuleResults();
  readonly #pathMtus = new Map<TunnelId, number>();
  #lines: readonly WanLine[] = [];
  #restored = false;
  #document: DesiredDocument | undefined;
  #tunnels: readonly DerivedTunnel[] = [];
  #running: { readonly stepId: number; readonly step: Step } | undefined;
  #stepSerial = 0;
  #planSentAtMs = 0;
  #planIsStale = false;
  #reachedRevision = 0;
  /** False while no document was ever in force: then nothing that a former run has left is touched. */
  #wantsTunnels = false;
  #isSettled = true;

  constructor(config: AgentConfig, random: Random) {
    this.#config = config;
    this.#holds = new StepHolds(random);
  }

  handle(event: ReconcilerEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'restored':
        this.#restored = true;
        if (event.document !== undefined) this.#adopt(event.document);
        return [...this.#sendPlan(nowMs), ...this.#look(nowMs)];
      case 'adopted':
        this.#adopt(event.document);
        return this.#look(nowMs);
      case 'kernelChanged':
        this.#observed.applyKernel(event.events);
        return this.#look(nowMs);
      case 'wanChanged':
        this.#lines = event.lines;
        this.#planIsStale = true;
        return this.#look(nowMs);
      case 'tunnelsFound':
        for (const id of event.tunnels) this.#observed.tunnelFound(id);
        return this.#look(nowMs);
      case 'engineLost':
        this.#observed.tunnelGone(event.tunnel);
        return this.#look(nowMs);
      case 'rulesTouched':
        lookAfterTouch(this.#observed, this.#timers, nowMs);
        return nothing;
      case 'pathMtuChanged':
        this.#pathMtus.set(event.tunnel, event.mtu);
        return this.#look(nowMs);
      case 'dhcpEnded':
        // Not at once: it may end again.
        this.#holds.failed(DHCP_KEY, nowMs);
        return [note(dhcpEnded(event.why, this.#observed)), ...this.#look(nowMs)];
      case 'stepAnswered':
        if (event.stepId !== this.#running?.stepId) return nothing;
        return [...this.#onAnswer(this.#running.step, event.result, nowMs), ...this.#look(nowMs)];
    }
  }

  tick(nowMs: number): Effects {
    const effects: ReconcilerEffect[] = [];
    if (this.#timers.take('step', nowMs) && this.#running !== undefined) {
      const result = { ok: false, code: 'ETIMEOUT', text: 'no answer' } as const;
      effects.push(...this.#onAnswer(this.#running.step, result, nowMs), ...this.#look(nowMs));
    }
    if (this.#timers.take('rules', nowMs)) {
      const isFree = this.#running === undefined;
      this.#timers.set('rules', nowMs + (isFree ? RULES_CHECK_MS : RULES_TOUCHED_MS));
      if (isFree) effects.push(...this.#take(RULES_CHECK, nowMs));
    }
    if (this.#timers.take('look', nowMs)) effects.push(...this.#look(nowMs));
    return effects;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  /** The revision whose steps have all been taken. */
  get reachedRevision(): number {
    return this.#reachedRevision;
  }

  /** Of the ACL, SNAT and QoS in force, once the kernel has answered. */
  get ruleResults(): readonly RuleResult[] | undefined {
    return this.#rules.all;
  }

  /** Undefined where no tunnel was turned to an identity in this run. */
  get identities(): readonly IdentityResult[] | undefined {
    return this.#observed.identities;
  }

  snapshot(): DesiredSnapshot {
    const steps = this.#restored ? this.#steps() : [];
    const sentences = steps.map(({ sentence }) => sentence);
    return viewOf(this.#document, this.#config.uplinks, sentences);
  }

  #adopt(document: DesiredDocument | undefined): void {
    this.#document = document;
    this.#tunnels = document === undefined ? [] : deriveTunnels(document, this.#config.uplinks);
    this.#wantsTunnels = true;
    if (this.#rules.adopted(document?.traffic)) this.#observed.packetRules = undefined;
    this.#holds.clear();
    this.#planIsStale = true;
    this.#isSettled = false;
  }

  #steps(): readonly Step[] {
    const tunnels = this.#wantsTunnels ? this.#tunnels.map(({ spec }) => spec) : undefined;
    const isRefused = this.#rules.isRefused.bind(this.#rules);
    const wanted = wantedBy(this.#config, this.#document, this.#lines);
    const pathMtus = this.#pathMtus;
    return nextSteps({ ...wanted, tunnels, pathMtus, isRefused }, this.#observed);
  }

  /** Takes the first step that is not held back; with none left, the document is reached. */
  #look(nowMs: number): Effects {
    if (!this.#restored || !this.#observed.devices.observed || this.#running !== undefined) {
      return nothing;
    }
    const steps = this.#steps();
    const plan =
      this.#planIsStale && isMade(steps, (key) => this.#holds.has(key))
        ? this.#sendPlan(nowMs)
        : nothing;
    const step = steps.find((each) => this.#heldUntilMs(each) <= nowMs);
    this.#armLook(steps, nowMs);
    if (step !== undefined) return [...plan, ...this.#take(step, nowMs)];
    const reached = steps.every(({ action }) => isHelpful(action)) ? this.#reach() : nothing;
    return [...plan, ...reached, ...this.#settle(steps)];
  }

  #settle(steps: readonly Step[]): Effects {
    if (this.#isSettled) return nothing;
    this.#isSettled = isSettled(steps, this.#holds);
    return this.#isSettled ? [{ type: 'settled' }] : nothing;
  }

  /** A failed step waits for its backoff, a removal until the fast path has left the tunnel. */
  #heldUntilMs({ key, action }: Step): number {
    const heldMs = this.#holds.untilMs(key);
    if (action.do !== 'removeTunnel') return heldMs;
    return this.#planIsStale ? Infinity : Math.max(heldMs, this.#planSentAtMs + REMOVE_HOLD_MS);
  }

  #armLook(steps: readonly Step[], nowMs: number): void {
    this.#holds.forgetBut((key) => steps.some((step) => step.key === key), nowMs);
    const untilMs = Math.min(...steps.map((step) => this.#heldUntilMs(step)));
    if (Number.isFinite(untilMs)) this.#timers.set('look', untilMs);
    else this.#timers.clear('look');
  }

  #reach(): Effects {
    const revision = this.#document?.revision ?? 0;
    if (revision === this.#reachedRevision) return nothing;
    this.#reachedRevision = revision;
    return [note({ code: 'desiredReached', level: 'notice', revision }), { type: 'progressed' }];
  }

  #take(step: Step, nowMs: number): Effects {
    this.#stepSerial += 1;
    const stepId = this.#stepSerial;
    this.#running = { stepId, step };
    this.#timers.clear('look');
    this.#timers.set('step', nowMs + STEP_MS);
    return [effectOf(step.action, stepId)];
  }

  #onAnswer(step: Step, result: StepResult, nowMs: number): Effects {
    this.#running = undefined;
    this.#timers.clear('step');
    const { action, key, sentence } = step;
    if (action.do === 'checkRules') return rulesChecked(result, this.#observed).map(note);
    if (action.do === 'flowRules') this.#observed.flowsWritten(action.rules, result.ok);
    const turned = identityResult(action, result);
    if (turned !== undefined) this.#observed.identityTurned(turned);
    if (!result.ok && action.do === 'packetRules') {
      const leftOut = this.#rules.failed(action.lines, result);
      if (leftOut !== undefined) return [note(leftOut), { type: 'progressed' }];
    }
    if (!result.ok && !isAsGoodAsDone(action, result.code)) {
      const because = `${result.code}: ${result.text}`;
      // What lacks nft or connection tracking now will lack it in a minute: said once.
      if (action.do === 'flowRules')
        return [note({ code: 'flowsUnmarked', level: 'warning', because })];
      return this.#onFailure(step, because, nowMs);
    }
    this.#holds.release(key);
    this.#done(step, nowMs);
    const done = note({ code: 'stepDone', level: 'info', step: sentence });
    const isReported = action.do === 'packetRules' || turned !== undefined;
    return isReported ? [done, { type: 'progressed' }] : [done];
  }

  /** What has been done is seen by the kernel's own word, or else by this. */
  #done({ action, key }: Step, nowMs: number): void {
    observeDone(action, this.#observed);
    switch (action.do) {
      case 'kernel':
        this.#holds.holdUntil(key, nowMs + CONFIRM_MS);
        break;
      case 'ensureTunnel':
        this.#planIsStale = true;
        break;
      case 'removeTunnel':
        this.#pathMtus.delete(action.tunnel);
        break;
      case 'packetRules':
        this.#rules.applied();
        this.#timers.set('rules', nowMs + RULES_CHECK_MS);
        break;
      default:
        break;
    }
  }

  /** An engine may be starting, a cable just be out; what the kernel refuses twice it will refuse for good. */
  #onFailure(step: Step, because: string, nowMs: number): Effects {
    const { action, key, sentence } = step;
    const { retryInMs, isAgain } = this.#holds.failed(key, nowMs);
    const isRefused = action.do === 'kernel' && isAgain && step.ofBox !== true;
    return [
      note({ code: 'stepFailed', level: 'warning', step: sentence, because, retryInMs }),
      ...(isRefused ? [refusedStep(step, because, this.#document)] : nothing),
      { type: 'progressed' },
    ];
  }

  #sendPlan(nowMs: number): Effects {
    const plan = planFor(this.#document, this.#tunnels, this.#config, this.#lines);
    this.#planSentAtMs = nowMs;
    this.#planIsStale = false;
    return [{ type: 'sendPlan', plan }, note(planNote(plan))];
  }
}

function note(note: StateNote): ReconcilerEffect {
  return { type: 'noted', note };
}
