/**
 * Whether the branch really reaches the far side: a probe of its own, through whatever tunnel is active, to a target
 * behind the gateways.
 *
 * A gateway connection that stands and tunnels that are up say nothing about it. Without a target nothing is known,
 * which is a state of its own and not a good one.
 */
import { type Core, type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { Timers } from '../../firmware-shim/base/timers.ts';
import type { EndToEndTarget } from '../model/end-to-end.ts';
import type { ProbeAnswer, ProbeTarget } from '../model/path-probe.ts';
import type { EndToEndSnapshot } from '../model/snapshot.ts';
import type { ProbeMetrics } from './telemetry.ts';

/** In good times; a handshake costs some 200 bytes, so this is 50 MB a month. */
const INTERVAL_MS = 10_000;
/** Until it is known what a failure means: the default interval of a SAG health check. */
const DOUBT_INTERVAL_MS = 2_000;
/** The default of a SAG health check: so many in a row are a failure. */
const FAILURES_MAX = 3;

export type EndToEndEvent =
  | {
      readonly type: 'planned';
      readonly target: EndToEndTarget | undefined;
      /** As they are in force: a document may have moved the LAN. */
      readonly lanPrefixes: readonly string[];
    }
  /** Traffic moved, or has nowhere to go: what was measured is about another way. */
  | { readonly type: 'wayChanged' }
  | { readonly type: 'pathProbed'; readonly probeId: number; readonly answer: ProbeAnswer };

export type EndToEndEffect =
  | { readonly type: 'probePath'; readonly probeId: number; readonly target: ProbeTarget }
  | { readonly type: 'endToEndChanged' };

type Effects = readonly EndToEndEffect[];

export class EndToEnd implements Core<EndToEndEvent, EndToEndEffect> {
  readonly #timers = new Timers<'probe'>();
  #target: EndToEndTarget | undefined;
  #lanPrefixes: readonly string[] = [];
  #state: EndToEndSnapshot['state'] = 'Unknown';
  #failures = 0;
  #last: ProbeAnswer | undefined;
  #serial = 0;
  #openId: number | undefined;
  #rttsMs: number[] = [];
  #lost = 0;

  handle(event: EndToEndEvent, nowMs: number): Effects {
    switch (event.type) {
      case 'planned':
        this.#lanPrefixes = event.lanPrefixes;
        return this.#onTarget(event.target, nowMs);
      case 'wayChanged':
        return this.#target === undefined ? nothing : this.#probe(nowMs);
      case 'pathProbed':
        return event.probeId === this.#openId ? this.#onAnswer(event.answer, nowMs) : nothing;
    }
  }

  tick(nowMs: number): Effects {
    return this.#timers.take('probe', nowMs) ? this.#probe(nowMs) : nothing;
  }

  deadline(): Deadline | undefined {
    return this.#timers.deadline();
  }

  get state(): EndToEndSnapshot['state'] {
    return this.#state;
  }

  snapshot(): EndToEndSnapshot {
    const last = this.#last;
    return {
      state: this.#state,
      ...(this.#target !== undefined && {
        target: `${this.#target.address}:${this.#target.port}`,
      }),
      ...(last?.ok === true && { rttMs: last.rttMs }),
      ...(last?.ok === false && { because: last.because }),
    };
  }

  /** Of the probes since this was last asked for. */
  takeMetrics(): ProbeMetrics {
    const rttsMs = this.#rttsMs;
    const lost = this.#lost;
    const sent = rttsMs.length + lost;
    this.#rttsMs = [];
    this.#lost = 0;
    if (sent === 0) return {};
    const sumMs = rttsMs.reduce((sum, rttMs) => sum + rttMs, 0);
    return {
      ...(rttsMs.length > 0 && { sag_box_nqa_latency: sumMs / rttsMs.length }),
      sag_box_nqa_loss_data: lost,
      sag_box_nqa_loss_percent: (100 * lost) / sent,
    };
  }

  #onTarget(target: EndToEndTarget | undefined, nowMs: number): Effects {
    const before = this.#target;
    if (before?.address === target?.address && before?.port === target?.port) return nothing;
    this.#target = target;
    this.#failures = 0;
    this.#last = undefined;
    this.#openId = undefined;
    this.#timers.clearAll();
    const changed = this.#become('Unknown');
    return target === undefined ? changed : [...changed, ...this.#probe(nowMs)];
  }

  /** A probe that is still out when the next begins has been overtaken, and counts as nothing. */
  #probe(nowMs: number): Effects {
    if (this.#target === undefined) return nothing;
    this.#timers.set('probe', nowMs + INTERVAL_MS);
    this.#serial += 1;
    this.#openId = this.#serial;
    const target = { ...this.#target, sourceWithin: this.#lanPrefixes };
    return [{ type: 'probePath', probeId: this.#serial, target }];
  }

  #onAnswer(answer: ProbeAnswer, nowMs: number): Effects {
    this.#openId = undefined;
    this.#last = answer;
    if (answer.ok) {
      this.#failures = 0;
      this.#rttsMs.push(answer.rttMs);
      return this.#become('Normal');
    }
    this.#lost += 1;
    this.#failures += 1;
    if (this.#failures >= FAILURES_MAX) return this.#become('Abnormal');
    this.#timers.set('probe', nowMs + DOUBT_INTERVAL_MS);
    return nothing;
  }

  #become(state: EndToEndSnapshot['state']): Effects {
    if (state === this.#state) return nothing;
    this.#state = state;
    return [{ type: 'endToEndChanged' }];
  }
}
