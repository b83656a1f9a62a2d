/**
 * A route keeper on a fake kernel, in virtual time.
 */
import type { FastPathPlan } from '../../agent/model/fast-path.ts';
import type { KeeperEffect, KeeperEvent } from '../../agent/routes/keeper-events.ts';
import { RouteKeeper } from '../../agent/routes/route-keeper.ts';
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import { FakeKernel } from '../../sim/models/kernel/fake-kernel.ts';
import { advance } from './advance.ts';
import { branchPlan } from './fast-path-lab.ts';

/** One tunnel that carries everything. */
export function sharesOf(tunnel: string | undefined) {
  return tunnel === undefined ? [] : [{ tunnel, weight: 1 }];
}

/** A keeper on a fake kernel: every operation is performed, every answer and event is heard. */
export class Kept {
  readonly kernel: FakeKernel;
  keeper = new RouteKeeper();
  operations: KernelOperation[] = [];
  effects: KeeperEffect[] = [];
  nowMs = 0;
  readonly #deferred: (() => void)[] = [];

  constructor() {
    this.kernel = new FakeKernel({ defer: (run) => this.#deferred.push(run) });
    for (const name of ['wgb1', 'wgb2']) this.kernel.addDevice({ name, kind: 'wireguard' });
  }

  start(plan: FastPathPlan = branchPlan()): this {
    this.keeper = new RouteKeeper();
    this.kernel.listen((events) => this.hear({ type: 'kernelChanged', events }));
    this.settle();
    this.hear({ type: 'planReceived', plan });
    return this;
  }

  hear(event: KeeperEvent): void {
    this.perform(this.keeper.handle(event, this.nowMs));
    this.settle();
  }

  activate(tunnel: string | undefined, activation = 1): void {
    this.hear({ type: 'activate', activation, tunnel, members: sharesOf(tunnel) });
  }

  perform(effects: readonly KeeperEffect[]): void {
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.type !== 'performKernel') continue;
      const { ticket, operation } = effect;
      this.operations.push(operation);
      this.kernel.perform(operation, (result) =>
        this.hear({ type: 'kernelAnswered', ticket, result }),
      );
    }
  }

  settle(): void {
    for (let run = this.#deferred.shift(); run !== undefined; run = this.#deferred.shift()) run();
  }

  /** What was asked of the kernel since the last call. */
  asked(): readonly string[] {
    const asked = this.operations.map((operation) => operation.op);
    this.operations = [];
    return asked;
  }

  /** Lets the keeper's own timers run. */
  wait(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    for (const { atMs, effect } of advance(this.keeper, this.nowMs, untilMs)) {
      this.nowMs = atMs;
      this.perform([effect]);
    }
    this.nowMs = untilMs;
    this.settle();
  }

  routes(): string {
    return this.kernel.text('route');
  }
}
