/**
 * The flow keeper's place on the fast path: what it hears of plan, kernel, moves and doubts, in its own words.
 */
import { type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import type { FastPathFact } from '../model/fast-path.ts';
import type { FlowEffect, FlowEvent } from '../routes/flow-events.ts';
import { FlowKeeper } from '../routes/flow-keeper.ts';
import type { SupervisorEffect } from '../tunnel/supervisor-events.ts';
import type { UplinkEffect } from '../uplink/uplink-monitor.ts';
import type { FastPathEffect } from './fast-path-contract.ts';
import { noted } from './fast-path-effects.ts';

type Effects = readonly FastPathEffect[];
type Activation = Extract<SupervisorEffect, { readonly type: 'activate' }>;
type Verdict = Extract<UplinkEffect, { readonly type: 'uplinkChanged' }>;

export class FastPathFlows {
  readonly #keeper = new FlowKeeper();

  handle(event: FlowEvent, nowMs: number): Effects {
    return spoken(this.#keeper.handle(event, nowMs));
  }

  /** Other shares alone move nobody. */
  activated({ from, tunnel: to, cause }: Activation, nowMs: number): Effects {
    if (cause === undefined) return nothing;
    return this.handle({ type: 'trafficMoved', from, to, cause }, nowMs);
  }

  judged({ uplink, verdict }: Verdict, nowMs: number): Effects {
    return verdict.state === 'down' ? this.handle({ type: 'uplinkLost', uplink }, nowMs) : nothing;
  }

  told(fact: FastPathFact, nowMs: number): Effects {
    if (fact.type !== 'tunnelStateChanged' || fact.to === 'up') return nothing;
    const { tunnel, because } = fact;
    return this.handle({ type: 'tunnelDoubted', tunnel, because }, nowMs);
  }

  tick(nowMs: number): Effects {
    return spoken(this.#keeper.tick(nowMs));
  }

  deadline(): Deadline | undefined {
    return this.#keeper.deadline();
  }

  snapshot(nowMs: number) {
    return this.#keeper.snapshot(nowMs);
  }
}

function spoken(effects: readonly FlowEffect[]): Effects {
  return effects.map((effect) => (effect.type === 'note' ? noted(effect.note) : effect));
}
