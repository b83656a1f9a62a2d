/**
 * A reconciler beside an engine, a kernel and an nft that answer at once, in virtual time.
 */
import type { FastPathPlan } from '../../agent/model/fast-path.ts';
import { Reconciler } from '../../agent/state/reconciler.ts';
import type {
  ReconcilerEffect,
  ReconcilerEvent,
  StepResult,
} from '../../agent/state/reconciler-events.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import type { KernelChange } from '../../firmware-shim/kernel/types.ts';
import { advance } from './advance.ts';
import { config, type desired, uplinksPresent } from './branch.ts';

const REFUSED: StepResult = { ok: false, code: 'EENGINE', text: 'no' };

/** Everything is answered with yes, unless told to refuse. */
export class ReconcilerScene {
  readonly core = new Reconciler(config, new SeededRandom(1));
  readonly plans: FastPathPlan[] = [];
  readonly notes: string[] = [];
  readonly done: string[] = [];
  readonly told: string[] = [];
  /** What was to be given out, each time. */
  readonly dhcp: string[] = [];
  readonly tunnels = new Set<string>();
  /** Steps on these tunnels are refused. */
  refuses = new Set<string>();
  /** Steps are taken but never answered. */
  hangs = false;
  kernelRefuses = false;
  /** Statements that hold this text are refused. */
  nftRefuses = '';
  /** As they stand; empty when there are none. */
  rules = '';
  nowMs = 0;

  hear(event: ReconcilerEvent): void {
    this.#see(this.core.handle(event, this.nowMs));
  }

  /** Deadline by deadline, so that each step is answered before the next moment comes. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let next = this.core.deadline(); next !== undefined && next.atMs <= untilMs; ) {
      const dueMs = Math.max(this.nowMs, next.atMs);
      for (const { effect } of advance(this.core, this.nowMs, dueMs)) this.#see([effect], dueMs);
      this.nowMs = dueMs;
      next = this.core.deadline();
    }
    this.nowMs = untilMs;
  }

  start(document = undefined as ReturnType<typeof desired> | undefined): void {
    this.hear({ type: 'restored', document });
    this.hear({ type: 'kernelChanged', events: uplinksPresent });
  }

  #see(effects: readonly ReconcilerEffect[], atMs = this.nowMs): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'sendPlan':
          this.plans.push(effect.plan);
          break;
        case 'noted':
          this.notes.push(effect.note.code);
          break;
        case 'settled':
        case 'stepRefused':
          this.told.push(effect.type);
          break;
        case 'progressed':
          break;
        default:
          if (!this.hangs) this.#perform(effect, atMs);
      }
    }
  }

  #perform(effect: Extract<ReconcilerEffect, { readonly stepId: number }>, atMs: number): void {
    let events: readonly KernelChange[] = [];
    let result: StepResult = { ok: true };
    if (effect.type === 'ensureTunnel') {
      if (this.refuses.has(effect.spec.id)) result = REFUSED;
      else this.tunnels.add(effect.spec.id);
      this.done.push(`ensure ${effect.spec.id}`);
    } else if (effect.type === 'removeTunnel') {
      this.tunnels.delete(effect.tunnel);
      this.done.push(`remove ${effect.tunnel}`);
    } else if (effect.type === 'applyRules') {
      this.done.push('rules');
      const line = effect.rules.split('\n').findIndex((each) => each.includes(this.nftRefuses)) + 1;
      if (this.nftRefuses !== '' && line > 0) {
        result = { ok: false, code: 'ERULES', text: 'no such thing', line };
      } else if (!effect.rules.includes('sag_flows')) this.rules = effect.rules;
    } else if (effect.type === 'checkRules') {
      if (this.rules === '') result = { ok: false, code: 'ERULES_GONE', text: 'not there' };
    } else if (effect.type === 'turnIdentity') {
      this.done.push(`turn ${effect.spec.id}`);
      if (this.refuses.has(effect.spec.id)) result = REFUSED;
      else result = { ok: true, identity: { stage: 'inUse', publicKey: 'key' } };
    } else if (effect.type === 'serveDhcp') {
      this.dhcp.push(effect.servers.map(({ from, to }) => `${from}-${to}`).join());
    } else if (effect.type === 'moveTunnel') {
      this.done.push(`move ${effect.spec.id}`);
    } else {
      const { operation } = effect;
      this.done.push(operation.op);
      if (this.kernelRefuses) result = { ok: false, code: 'ENETUNREACH', text: 'no such next hop' };
      else if (operation.op === 'routeReplace') {
        events = [{ type: 'routeAdded', route: operation.route }];
      } else if (operation.op === 'ruleAdd') {
        events = [{ type: 'ruleAdded', rule: operation.rule }];
      } else if (operation.op === 'ruleDelete') {
        events = [{ type: 'ruleRemoved', rule: operation.rule }];
      }
    }
    this.#see(
      this.core.handle({ type: 'stepAnswered', stepId: effect.stepId, result }, atMs),
      atMs,
    );
    if (events.length > 0)
      this.#see(this.core.handle({ type: 'kernelChanged', events }, atMs), atMs);
  }
}
