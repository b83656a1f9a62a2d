/**
 * The simulated body of a fast-path thread, at a branch or at a hub: the shipped wiring on virtual time, a
 * fake kernel, and probe sockets whose packets travel the tunnels' ways.
 */

import type { FastPathFact, FastPathOrder } from '../../../agent/model/fast-path.ts';
import {
  BFD_PORT,
  type FastPathEffect,
  type FastPathEvent,
  type ProbeOpening,
} from '../../../agent/wiring/fast-path-contract.ts';
import type { Core } from '../../../firmware-shim/base/core.ts';
import { Driver } from '../../../firmware-shim/base/drive.ts';
import type { KernelOperation } from '../../../firmware-shim/kernel/operations.ts';
import type { Kernel } from '../../../firmware-shim/ports.ts';
import { EventLoop } from '../../world/event-loop.ts';
import type { World } from '../../world/world.ts';
import type { TunnelEnd, TunnelPath } from '../network/network-path.ts';

export interface FastPathBodyOptions {
  readonly world: World;
  readonly name: string;
  readonly core: Core<FastPathEvent, FastPathEffect>;
  readonly kernel: Kernel;
  readonly end: TunnelEnd;
  readonly pathOf: (tunnel: string) => TunnelPath | undefined;
  readonly onFact: (fact: FastPathFact) => void;
  /** Something other than a probe comes to a thread whose time is held. */
  readonly onDisturbed?: () => void;
}

export class FastPathBody {
  readonly #options: FastPathBodyOptions;
  readonly #driver: Driver<FastPathEvent, FastPathEffect>;
  readonly #loop: EventLoop;
  #leaps = false;
  readonly #lastLiveness = new Map<string, Uint8Array>();
  readonly #sockets = new Map<string, readonly (() => void)[]>();

  constructor(options: FastPathBodyOptions) {
    const { world, name, core, kernel } = options;
    this.#options = options;
    this.#loop = new EventLoop(world, `${name} timer`);
    this.#driver = new Driver({
      core,
      clock: world.clock,
      alarm: this.#loop.alarm,
      perform: (effect, nowMs) => this.#perform(effect, nowMs),
      wokeLate: (lateMs) => ({ type: 'wokeLate', lateMs }),
    });
    this.#driver.start();
    kernel.listen((events) => {
      this.#disturbed();
      this.#take({ type: 'kernelChanged', events });
    });
    options.onFact({ type: 'fastPathReady', scheduling: 'simulated' });
  }

  post(order: FastPathOrder): void {
    this.#disturbed();
    this.#take(order);
  }

  /** Nothing becomes due here until `release`: what the thread would exchange meanwhile is the same as before. */
  hold(): void {
    this.#loop.rest();
  }

  /**
   * Time goes on: first the thread learns that it slept, which is true of it and not of what it models, so nobody is
   * told; then it hears each far end as it last did.
   */
  release(): void {
    if (!this.#loop.rests) return;
    this.#leaps = true;
    this.#loop.goOn();
    this.#leaps = false;
    for (const [tunnel, bytes] of this.#lastLiveness) {
      if (!this.#sockets.has(tunnel)) continue;
      this.#driver.post({ type: 'probeArrived', tunnel, port: BFD_PORT, bytes });
    }
  }

  stall(forMs: number): void {
    this.#loop.stall(forMs);
  }

  #take(event: FastPathEvent): void {
    this.#loop.take(() => this.#driver.post(event));
  }

  #disturbed(): void {
    if (this.#loop.rests) this.#options.onDisturbed?.();
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
        if (this.#leaps && isLateness(effect.fact)) return;
        return this.#options.onFact(effect.fact);
      case 'performKernel':
        return this.#performKernel(effect.ticket, effect.operation, nowMs);
      case 'countFlows':
        // The simulated kernel has no connection tracking.
        this.#options.world.after(0, 'flows counted', () =>
          this.#driver.post({ type: 'flowsCounted', flows: undefined }),
        );
        return;
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
      this.#take({ type: 'kernelAnswered', ticket, result, sentAtMs }),
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
      path.listen(end, port, (bytes) => {
        if (port === BFD_PORT) this.#lastLiveness.set(tunnel, bytes);
        this.#take({ type: 'probeArrived', tunnel, port, bytes });
      }),
    );
    this.#sockets.set(tunnel, listening);
  }

  #closeProbe(tunnel: string): void {
    for (const stopListening of this.#sockets.get(tunnel) ?? []) stopListening();
    this.#sockets.delete(tunnel);
    this.#lastLiveness.delete(tunnel);
  }
}

function isLateness(fact: FastPathFact): boolean {
  return fact.type === 'noted' && fact.note.code === 'wokeLate';
}
