/**
 * One end of the fast path in virtual time: the shipped wiring on a fake kernel, with every effect performed at
 * the moment it comes.
 */

import type { FastPathFact } from '../../agent/model/fast-path.ts';
import type { Note } from '../../agent/model/note.ts';
import type { ActiveTunnelChange } from '../../agent/model/tunnel-change.ts';
import type { FastPathEffect, FastPathEvent } from '../../agent/wiring/fast-path-contract.ts';
import { FastPathWiring } from '../../agent/wiring/fast-path-wiring.ts';
import { SeededRandom } from '../../firmware-shim/base/random.ts';
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import { FakeKernel } from '../../sim/models/kernel/fake-kernel.ts';

export type Sends = (tunnel: string, port: number, bytes: Uint8Array) => void;

export class FastPathEnd {
  readonly kernel: FakeKernel;
  wiring: FastPathWiring;
  readonly facts: { atMs: number; fact: FastPathFact }[] = [];
  readonly operations: { atMs: number; operation: KernelOperation }[] = [];
  readonly open = new Set<string>();
  /** How often the flows were to be counted; nobody does unless the test answers. */
  counts = 0;
  nowMs = 0;
  readonly #sends: Sends;
  readonly #deferred: (() => void)[] = [];

  constructor(seed: number, sends: Sends) {
    this.#sends = sends;
    this.kernel = new FakeKernel({ defer: (run) => this.#deferred.push(run) });
    this.wiring = new FastPathWiring(new SeededRandom(seed));
  }

  /** Call after the devices are there: the first event is the whole present state. */
  listen(): void {
    this.kernel.listen((events) => this.post({ type: 'kernelChanged', events }));
    this.settle();
  }

  /** The agent starts anew; the kernel keeps what it has. */
  restart(seed: number): void {
    this.wiring = new FastPathWiring(new SeededRandom(seed));
    this.open.clear();
    this.listen();
  }

  post(event: FastPathEvent): void {
    this.#perform(this.wiring.handle(event, this.nowMs));
    this.settle();
  }

  tick(): void {
    this.#perform(this.wiring.tick(this.nowMs));
    this.settle();
  }

  /** Lets the kernel answer and tell until nothing is left to say. */
  settle(): void {
    for (let run = this.#deferred.shift(); run !== undefined; run = this.#deferred.shift()) run();
  }

  changes(): readonly ActiveTunnelChange[] {
    return this.facts.flatMap(({ fact }) =>
      fact.type === 'activeTunnelChanged' ? [fact.change] : [],
    );
  }

  notes(): readonly Note[] {
    return this.facts.flatMap(({ fact }) => (fact.type === 'noted' ? [fact.note] : []));
  }

  active(): string | undefined {
    return this.wiring.snapshot(this.nowMs).active;
  }

  #perform(effects: readonly FastPathEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'tellControl':
          this.facts.push({ atMs: this.nowMs, fact: effect.fact });
          break;
        case 'performKernel': {
          const { ticket, operation } = effect;
          this.operations.push({ atMs: this.nowMs, operation });
          this.kernel.perform(operation, (result) =>
            this.post({ type: 'kernelAnswered', ticket, result }),
          );
          break;
        }
        case 'countFlows':
          this.counts += 1;
          break;
        case 'openProbe':
          this.open.add(effect.tunnel);
          break;
        case 'closeProbe':
          this.open.delete(effect.tunnel);
          break;
        case 'sendProbe':
          this.#sends(effect.tunnel, effect.port, effect.bytes);
          break;
      }
    }
  }
}
