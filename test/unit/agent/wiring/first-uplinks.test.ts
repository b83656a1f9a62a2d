/** The uplinks of a device without a certificate: a kernel and a disk that answer at once, and every path it is told. */
import { describe, expect, it } from 'vitest';
import type { EnrolmentPath } from '../../../../agent/access/enrolment-events.ts';
import type { WanAnswer, WanAsk, WanRecord } from '../../../../agent/model/wan.ts';
import { CONFIRM_MS } from '../../../../agent/state/document-trial.ts';
import {
  FirstUplinks,
  type FirstUplinksEffect,
  type FirstUplinksEvent,
} from '../../../../agent/wiring/first-uplinks.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import type { KernelOperation } from '../../../../firmware-shim/kernel/operations.ts';
import type { KernelChange } from '../../../../firmware-shim/kernel/types.ts';
import { advance } from '../../../kit/advance.ts';
import { config } from '../../../kit/branch.ts';
import { FOUND, STATIC } from '../../../kit/wan-scene.ts';

const WAN1 = 3;
const OVER_WAN1 = { uplink: 'wan1', sourceAddress: '203.0.113.2' };
const SET: WanAsk = { do: 'set', setting: STATIC };

class Scene {
  readonly core = new FirstUplinks(config, new SeededRandom(1));
  readonly operations: KernelOperation['op'][] = [];
  paths: readonly EnrolmentPath[] | undefined;
  answer: WanAnswer | undefined;
  disk: WanRecord | undefined;
  /** Steps are taken but never answered. */
  hangs = false;
  nowMs = 0;

  constructor(record?: WanRecord) {
    this.disk = record;
    this.hear({ type: 'wanRestored', record });
    const link = { index: WAN1, name: 'wan1', adminUp: true, carrier: true, mtu: 1_500 };
    const address = { ...FOUND, deviceIndex: WAN1, family: 'ipv4' } as const;
    this.kernel({ type: 'linkChanged', link }, { type: 'addressAdded', address });
  }

  hear(event: FirstUplinksEvent): void {
    this.#see(this.core.handle(event, this.nowMs));
  }

  kernel(...events: readonly KernelChange[]): void {
    this.hear({ type: 'kernelChanged', events });
  }

  ask(ask: WanAsk): void {
    this.hear({ type: 'wanAsked', requestId: 'r', ask });
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let next = this.core.deadline(); next !== undefined && next.atMs <= untilMs; ) {
      const dueMs = Math.max(this.nowMs, next.atMs);
      const seen = advance(this.core, this.nowMs, dueMs);
      this.nowMs = dueMs;
      this.#see(seen.map(({ effect }) => effect));
      next = this.core.deadline();
    }
    this.nowMs = untilMs;
  }

  #see(effects: readonly FirstUplinksEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'pathsChanged') this.paths = effect.paths;
      if (effect.type === 'wanAnswered') this.answer = effect;
      if (effect.type === 'performKernel') this.#perform(effect.stepId, effect.operation);
      if (effect.type === 'storePut') {
        this.disk = JSON.parse(effect.value) as WanRecord;
        this.hear({ type: 'storeAnswered', key: effect.key, ok: true });
      }
    }
  }

  #perform(stepId: number, operation: KernelOperation): void {
    this.operations.push(operation.op);
    if (this.hangs) return;
    if (operation.op === 'addressReplace')
      this.kernel({ type: 'addressAdded', address: operation.address });
    if (operation.op === 'addressDelete')
      this.kernel({ type: 'addressRemoved', address: operation.address });
    if (operation.op === 'routeReplace')
      this.kernel({ type: 'routeAdded', route: operation.route } as KernelChange);
    if (operation.op === 'ruleAdd') this.kernel({ type: 'ruleAdded', rule: operation.rule });
    if (operation.op === 'ruleDelete') this.kernel({ type: 'ruleRemoved', rule: operation.rule });
    this.hear({ type: 'stepAnswered', stepId, result: { ok: true } });
  }
}

describe('the uplinks of a device that enrols', () => {
  it('are left alone as long as nobody has set anything', () => {
    const scene = new Scene();
    scene.pass(10 * CONFIRM_MS);
    expect(scene.operations).toEqual([]);
    expect(scene.paths).toBeUndefined();
  });

  it('lead out over what is on trial alone, and over it first once the gateway has answered there', () => {
    const scene = new Scene();
    scene.ask(SET);
    expect(scene.answer?.ok).toBe(true);
    scene.pass(0);
    expect(scene.operations).toContain('addressReplace');
    expect(scene.operations).toContain('addressDelete');
    expect(scene.operations).toContain('ruleAdd');
    expect(scene.paths).toEqual([OVER_WAN1]);
    scene.hear({ type: 'gatewayReached', uplink: 'wan1' });
    expect(scene.disk?.settings).toEqual([STATIC]);
    expect(scene.paths).toEqual([OVER_WAN1, undefined]);
    expect(scene.core.snapshot().last).toMatchObject({ uplink: 'wan1', ok: true });
  });

  it('are no way out before the steps that make them one are taken', () => {
    const scene = new Scene();
    scene.hangs = true;
    scene.ask(SET);
    const address = { address: '203.0.113.2', prefixLength: 24, deviceIndex: WAN1 };
    scene.kernel({
      type: 'addressRemoved',
      address: { ...FOUND, deviceIndex: WAN1, family: 'ipv4' },
    });
    scene.kernel({ type: 'addressAdded', address: { ...address, family: 'ipv4' } });
    expect(scene.paths).toBeUndefined();
  });

  it('are as they were when no gateway answers over what was set, whoever answers elsewhere', () => {
    const scene = new Scene();
    scene.ask(SET);
    scene.hear({ type: 'gatewayReached', uplink: undefined });
    scene.pass(CONFIRM_MS);
    expect(scene.paths).toEqual([undefined]);
    expect(scene.disk).toEqual({ v: 1, settings: [], found: [] });
    expect(scene.core.snapshot().last).toMatchObject({ ok: false });
  });

  it('stay as a person has kept them, and as a former run has', () => {
    const scene = new Scene();
    scene.ask(SET);
    scene.ask({ do: 'keep' });
    scene.pass(CONFIRM_MS);
    expect(scene.disk?.settings).toEqual([STATIC]);
    const next = new Scene(scene.disk);
    next.pass(0);
    expect(next.paths).toEqual([OVER_WAN1, undefined]);
  });
});
