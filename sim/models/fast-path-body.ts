/**
 * The simulated body of a fast-path thread, at a branch or at a hub: the shipped wiring on virtual time, a
 * fake kernel, and probe sockets whose packets travel the tunnels' ways.
 */

import type { FastPathFact, FastPathOrder } from '../../agent/model/fast-path.ts';
import type {
  FastPathEffect,
  FastPathEvent,
  ProbeOpening,
} from '../../agent/wiring/fast-path-contract.ts';
import type { Core } from '../../firmware-shim/base/core.ts';
import { Driver } from '../../firmware-shim/base/drive.ts';
import type { KernelOperation } from '../../firmware-shim/kernel/operations.ts';
import type { Kernel } from '../../firmware-shim/ports.ts';
import type { World } from '../world/world.ts';
import type { TunnelEnd, TunnelPath } from './network-path.ts';

export interface FastPathBodyOptions {
  readonly world: World;
  readonly name: string;
  readonly core: Core<FastPathEvent, FastPathEffect>;
  readonly kernel: Kernel;
  readonly end: TunnelEnd;
  readonly pathOf: (tunnel: string) => TunnelPath | undefined;
  readonly onFact: (fact: FastPathFact) => void;
}

export class FastPathBody {
  readonly #options: FastPathBodyOptions;
  readonly #driver: Driver<FastPathEvent, FastPathEffect>;
  readonly #sockets = new Map<string, readonly (() => void)[]>();

  constructor(options: FastPathBodyOptions) {
    const { world, name, core, kernel } = options;
    this.#options = options;
    this.#driver = new Driver({
      core,
      clock: world.clock,
      alarm: world.alarm(`${name} timer`),
      perform: (effect, nowMs) => this.#perform(effect, nowMs),
      wokeLate: (lateMs) => ({ type: 'wokeLate', lateMs }),
    });
    this.#driver.start();
    kernel.listen((events) => this.#driver.post({ type: 'kernelChanged', events }));
    options.onFact({ type: 'fastPathReady', scheduling: 'simulated' });
  }

  post(order: FastPathOrder): void {
    this.#driver.post(order);
  }

  /** The thread is gone: nothing is sent, heard or performed any more. */
  stop(): void {
    this.#driver.stop();
    this.#options.kernel.close();
    for (const tunnel of this.#sockets.keys()) this.#closeProbe(tunnel);
  }

  #perform(effect: FastPathEffect, nowMs: number): void {
    switch (effect.type) {
      case 'tellControl':
        return this.#options.onFact(effect.fact);
      case 'performKernel':
        return this.#performKernel(effect.ticket, effect.operation, nowMs);
      case 'openProbe':
        return this.#openProbe(effect.tunnel, effect.options);
      case 'closeProbe':
        return this.#closeProbe(effect.tunnel);
      case 'sendProbe':
        return this.#options
          .pathOf(effect.tunnel)
          ?.send(this.#options.end, effect.port, effect.bytes);
    }
  }

  #performKernel(ticket: number, operation: KernelOperation, sentAtMs: number): void {
    this.#options.kernel.perform(operation, (result) =>
      this.#driver.post({ type: 'kernelAnswered', ticket, result, sentAtMs }),
    );
  }

  #openProbe(tunnel: string, { ports }: ProbeOpening): void {
    const { world, pathOf, end } = this.#options;
    const path = pathOf(tunnel);
    if (path === undefined) {
      world.after(0, 'probe failed', () =>
        this.#driver.post({ type: 'probeFailed', tunnel, code: 'ENODEV' }),
      );
      return;
    }
    this.#closeProbe(tunnel);
    const listening = ports.map((port) =>
      path.listen(end, port, (bytes) =>
        this.#driver.post({ type: 'probeArrived', tunnel, port, bytes }),
      ),
    );
    this.#sockets.set(tunnel, listening);
  }

  #closeProbe(tunnel: string): void {
    for (const stopListening of this.#sockets.get(tunnel) ?? []) stopListening();
    this.#sockets.delete(tunnel);
  }
}
