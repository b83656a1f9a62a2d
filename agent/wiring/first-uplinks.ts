/**
 * The uplinks of a device that has no certificate yet: what somebody at the box sets is led to by the same two cores as
 * later, and proves itself by the gateway it enrols at.
 *
 * As long as nobody has set anything nothing is touched, and the device asks as the system routes.
 */
import { type Core, type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import type { Random } from '../../firmware-shim/base/random.ts';
import type { EnrolmentPath } from '../access/enrolment-events.ts';
import type { AgentConfig } from '../model/config.ts';
import type { UplinkId } from '../model/uplink.ts';
import type { WanSnapshot } from '../model/wan.ts';
import { Reconciler } from '../state/reconciler.ts';
import type { ReconcilerEffect, ReconcilerEvent } from '../state/reconciler-events.ts';
import type { WanEffect, WanEvent } from '../state/wan/wan-events.ts';
import { WanSetup } from '../state/wan/wan-setup.ts';

export type FirstUplinksEvent =
  | Exclude<WanEvent, { readonly type: 'registrationChanged' }>
  | Extract<ReconcilerEvent, { readonly type: 'stepAnswered' }>
  /** A gateway has answered the device that enrols; over that uplink, where one was chosen. */
  | { readonly type: 'gatewayReached'; readonly uplink: UplinkId | undefined };

export type FirstUplinksEffect =
  | Exclude<WanEffect, { readonly type: 'wanChanged' | 'reconnect' }>
  | Extract<ReconcilerEffect, { readonly type: 'performKernel' | 'noted' }>
  /** What leads out of the box from now on, best first. */
  | { readonly type: 'pathsChanged'; readonly paths: readonly EnrolmentPath[] };
type Effects = readonly FirstUplinksEffect[];

/** As the system routes. */
const AS_ROUTED: readonly EnrolmentPath[] = [undefined];

export class FirstUplinks implements Core<FirstUplinksEvent, FirstUplinksEffect> {
  readonly #wan: WanSetup;
  readonly #reconciler: Reconciler;
  #hasBegun = false;
  /** A step is under way: what was set does not lead out yet. */
  #isStepping = false;
  #told = JSON.stringify(AS_ROUTED);

  constructor(config: AgentConfig, random: Random) {
    this.#wan = new WanSetup(config);
    this.#reconciler = new Reconciler(config, random);
  }

  handle(event: FirstUplinksEvent, nowMs: number): Effects {
    return [...this.#hear(event, nowMs), ...this.#tellPaths()];
  }

  tick(nowMs: number): Effects {
    return [
      ...this.#fromReconciler(this.#reconciler.tick(nowMs)),
      ...this.#fromWan(this.#wan.tick(nowMs), nowMs),
      ...this.#tellPaths(),
    ];
  }

  deadline(): Deadline | undefined {
    return earlier(this.#reconciler.deadline(), this.#wan.deadline());
  }

  snapshot(): WanSnapshot {
    return this.#wan.snapshot();
  }

  #hear(event: FirstUplinksEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'stepAnswered':
        this.#isStepping = false;
        return this.#fromReconciler(this.#reconciler.handle(event, nowMs));
      case 'kernelChanged':
        return [
          ...this.#fromReconciler(this.#reconciler.handle(event, nowMs)),
          ...this.#fromWan(this.#wan.handle(event, nowMs), nowMs),
        ];
      case 'gatewayReached': {
        // Over another uplink it says nothing of the one on trial.
        if (event.uplink !== this.#wan.snapshot().trial?.uplink) return nothing;
        const registered = { type: 'registrationChanged', registered: true } as const;
        return this.#fromWan(this.#wan.handle(registered, nowMs), nowMs);
      }
      default:
        return this.#fromWan(this.#wan.handle(event, nowMs), nowMs);
    }
  }

  #fromWan(effects: readonly WanEffect[], nowMs: number): Effects {
    return effects.flatMap((effect): Effects => {
      switch (effect.type) {
        case 'wanChanged':
          return [
            ...(effect.lines.length > 0 ? this.#begin(nowMs) : nothing),
            ...this.#fromReconciler(this.#reconciler.handle(effect, nowMs)),
          ];
        case 'reconnect':
          // Other paths say so themselves.
          return nothing;
        default:
          return [effect];
      }
    });
  }

  /** From the first setting on the uplinks have their own ways, as they will have when the device is somebody. */
  #begin(nowMs: number): Effects {
    if (this.#hasBegun) return nothing;
    this.#hasBegun = true;
    const restored = { type: 'restored', document: undefined } as const;
    return this.#fromReconciler(this.#reconciler.handle(restored, nowMs));
  }

  /** There are neither tunnels nor a fast path that a plan would be for. */
  #fromReconciler(effects: readonly ReconcilerEffect[]): Effects {
    return effects.flatMap((effect): Effects => {
      if (effect.type === 'noted') return effect.note.code === 'planSent' ? nothing : [effect];
      if (effect.type !== 'performKernel') return nothing;
      this.#isStepping = true;
      return [effect];
    });
  }

  #tellPaths(): Effects {
    if (this.#isStepping) return nothing;
    const over = this.#wan.paths;
    const isTried = over.some(({ uplink }) => uplink === this.#wan.snapshot().trial?.uplink);
    const paths = isTried ? over : [...over, ...AS_ROUTED];
    const words = JSON.stringify(paths);
    if (words === this.#told) return nothing;
    this.#told = words;
    return [{ type: 'pathsChanged', paths }];
  }
}
