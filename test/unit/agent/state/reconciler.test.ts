/** The reconciler in virtual time: one step at a time, patient with failures, static without a gateway. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { FastPathPlan } from '../../../../agent/model/fast-path.ts';
import { Reconciler } from '../../../../agent/state/reconciler.ts';
import type {
  ReconcilerEffect,
  ReconcilerEvent,
  StepResult,
} from '../../../../agent/state/reconciler-events.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import type { KernelChange } from '../../../../firmware-shim/kernel/types.ts';
import { ROUTE_PROTOCOL } from '../../../../firmware-shim/kernel/types.ts';
import { advance } from '../../../kit/advance.ts';
import { config, desired, tunnel, uplinksPresent } from '../../../kit/branch.ts';

const REFUSED: StepResult = { ok: false, code: 'EENGINE', text: 'no' };

/** A reconciler with an engine and a kernel that answer at once, unless told to refuse. */
class Scene {
  readonly core = new Reconciler(config, new SeededRandom(1));
  readonly plans: FastPathPlan[] = [];
  readonly notes: string[] = [];
  readonly done: string[] = [];
  readonly told: string[] = [];
  readonly tunnels = new Set<string>();
  /** Steps on these tunnels are refused. */
  refuses = new Set<string>();
  /** Steps are taken but never answered. */
  hangs = false;
  kernelRefuses = false;
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
    } else if (effect.type === 'moveTunnel' || effect.type === 'turnIdentity') {
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

describe('the reconciler', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });

  it('tells the fast path of the uplinks before any document is known', () => {
    scene.start();
    expect(scene.plans).toHaveLength(1);
    expect(scene.plans[0]).toMatchObject({
      revision: 0,
      role: 'branch',
      tunnels: [],
      prefixes: [],
    });
    expect(scene.plans[0]?.uplinks).toEqual(config.uplinks);
  });

  it('makes the tunnels of a new document, then sends the plan, and says once that it is settled', () => {
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    expect([...scene.tunnels]).toEqual(['wan1-gwa', 'wan2-gwa']);
    expect(scene.plans.at(-1)).toMatchObject({
      revision: 1,
      prefixes: ['172.16.0.0/16'],
      table: 254,
    });
    scene.pass(60_000);
    expect(scene.told).toEqual(['settled']);
    expect(scene.core.reachedRevision).toBe(1);
    expect(scene.core.snapshot().pendingSteps).toEqual([]);
    expect(scene.notes).toContain('desiredReached');
  });

  it('gives the fast path the kept document at once after a restart, without any gateway', () => {
    scene.hear({ type: 'restored', document: desired() });
    expect(scene.plans[0]?.tunnels.map(({ id }) => id)).toEqual(['wan1-gwa', 'wan2-gwa']);
    scene.hear({ type: 'tunnelsFound', tunnels: ['wan1-gwa', 'wan2-gwa'] });
    scene.hear({ type: 'kernelChanged', events: uplinksPresent });
    expect(scene.done.filter((step) => step.startsWith('remove'))).toEqual([]);
  });

  it('removes a tunnel only after the fast path has had time to leave it', () => {
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(5_000);
    const document = desired({ revision: 2, tunnels: [tunnel('wan2-gwa')] });
    scene.hear({ type: 'adopted', document });
    expect(scene.plans.at(-1)?.tunnels.map(({ id }) => id)).toEqual(['wan2-gwa']);
    scene.pass(999);
    expect([...scene.tunnels]).toEqual(['wan1-gwa', 'wan2-gwa']);
    scene.pass(1);
    expect([...scene.tunnels]).toEqual(['wan2-gwa']);
  });

  it('removes nothing that a former run left while no document is known', () => {
    scene.start();
    scene.hear({ type: 'tunnelsFound', tunnels: ['old'] });
    scene.pass(60_000);
    expect(scene.done).not.toContain('remove old');
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(5_000);
    expect(scene.done).toContain('remove old');
  });

  it('goes on with the other tunnel when one fails, and tries that again with patience', () => {
    scene.refuses.add('wan1-gwa');
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    expect([...scene.tunnels]).toEqual(['wan2-gwa']);
    expect(scene.plans.at(-1)?.revision).toBe(1);
    scene.pass(120_000);
    const tries = scene.done.filter((step) => step === 'ensure wan1-gwa').length;
    expect(tries).toBeGreaterThan(4);
    expect(tries).toBeLessThan(40);
    expect(scene.core.reachedRevision).toBe(0);
    scene.refuses.clear();
    scene.pass(30_000);
    expect(scene.tunnels.has('wan1-gwa')).toBe(true);
    expect(scene.core.reachedRevision).toBe(1);
  });

  it('takes an engine that never answers for one that failed', () => {
    scene.start();
    scene.hangs = true;
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(30_000);
    expect(scene.notes).toContain('stepFailed');
    scene.hangs = false;
    scene.pass(90_000);
    expect([...scene.tunnels].toSorted()).toEqual(['wan1-gwa', 'wan2-gwa']);
  });

  it('makes a tunnel again that its engine lost', () => {
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(2_000);
    scene.tunnels.clear();
    scene.hear({ type: 'engineLost', tunnel: 'wan1-gwa' });
    expect([...scene.tunnels]).toEqual(['wan1-gwa']);
  });

  it('puts back a route that somebody removed, within a second', () => {
    scene.start();
    scene.pass(5_000);
    const before = scene.done.length;
    const route = {
      family: 'ipv4',
      destination: '0.0.0.0/0',
      table: 19_600,
      protocol: ROUTE_PROTOCOL,
      type: 'unicast',
    } as const;
    scene.hear({ type: 'kernelChanged', events: [{ type: 'routeRemoved', route }] });
    scene.pass(1_000);
    expect(scene.done.slice(before)).toEqual(['routeReplace']);
  });

  it('says of what the kernel refuses twice that it is refused', () => {
    scene.start();
    scene.pass(5_000);
    scene.kernelRefuses = true;
    const uplinks = [{ id: 'wan1', gateway: '10.91.1.9' }];
    scene.hear({ type: 'adopted', document: desired({ uplinks }) });
    expect(scene.told).toEqual(['settled']);
    scene.pass(1_000);
    expect(scene.told).toContain('stepRefused');
  });

  it('takes away what it made for the first document when that is undone', () => {
    scene.start();
    scene.hear({ type: 'adopted', document: desired() });
    scene.pass(2_000);
    scene.hear({ type: 'adopted', document: undefined });
    scene.pass(2_000);
    expect([...scene.tunnels]).toEqual([]);
    expect(scene.core.reachedRevision).toBe(0);
  });

  it('ignores the late answer of a step it has given up', () => {
    scene.start();
    scene.pass(2_000);
    scene.hear({ type: 'stepAnswered', stepId: 999, result: { ok: true } });
    expect(scene.notes.at(-1)).not.toBe('stepFailed');
  });
});
