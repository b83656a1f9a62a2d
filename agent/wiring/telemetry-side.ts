/**
 * Who hears what about how the branch is: the metrics of the host and the probe of the whole way, and what of both
 * becomes a message.
 */
import { type Deadline, nothing } from '../../firmware-shim/base/core.ts';
import { encodeJson } from '../access/encode-json.ts';
import type { TelemetryMessage } from '../access/payloads.ts';
import { publishIdOf } from '../access/publish-lane.ts';
import { type DeviceTopics, topicsOf } from '../access/topics.ts';
import type { FastPathFact, FastPathPlan } from '../model/fast-path.ts';
import type { SagMetrics } from '../model/host-metrics.ts';
import type { EndToEndSnapshot } from '../model/snapshot.ts';
import { EndToEnd, type EndToEndEffect, type EndToEndEvent } from '../report/end-to-end.ts';
import { TELEMETRY_TTL_S, Telemetry, type TelemetryReport } from '../report/telemetry.ts';
import type { ControlEffect } from './control-events.ts';
import type { ControlOptions } from './control-options.ts';

export type TelemetryEffect = ControlEffect | { readonly type: 'endToEndChanged' };
type Probed = Extract<EndToEndEvent, { readonly type: 'pathProbed' }>;

export class TelemetrySide {
  readonly #options: Pick<ControlOptions, 'bootId' | 'wall'>;
  readonly #topics: DeviceTopics;
  readonly #telemetry = new Telemetry();
  readonly #endToEnd = new EndToEnd();
  #serial = 0;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#topics = topicsOf(options.config.tenant, options.inventory.serialNumber);
  }

  get endToEnd(): EndToEndSnapshot {
    return this.#endToEnd.snapshot();
  }

  tick(nowMs: number): readonly TelemetryEffect[] {
    return outward(this.#endToEnd.tick(nowMs));
  }

  deadline(): Deadline | undefined {
    return this.#endToEnd.deadline();
  }

  planSent({ endToEnd: target }: FastPathPlan, nowMs: number): readonly TelemetryEffect[] {
    return outward(this.#endToEnd.handle({ type: 'targetChanged', target }, nowMs));
  }

  fact(fact: FastPathFact, nowMs: number): readonly TelemetryEffect[] {
    if (fact.type !== 'activeTunnelChanged') return nothing;
    return outward(this.#endToEnd.handle({ type: 'wayChanged' }, nowMs));
  }

  probed(event: Probed, nowMs: number): readonly TelemetryEffect[] {
    return outward(this.#endToEnd.handle(event, nowMs));
  }

  sampled(metrics: SagMetrics, isRegistered: boolean, nowMs: number): readonly ControlEffect[] {
    return this.#telemetry
      .sampled(metrics, this.#endToEnd.takeMetrics(), isRegistered)
      .map((report) => this.#publish(report, nowMs));
  }

  #publish({ seq, metrics, class: name }: TelemetryReport, atMs: number): ControlEffect {
    const { bootId, wall } = this.#options;
    const wallMs = wall.wallMs();
    const message: TelemetryMessage = { v: 1, class: name, bootId, seq, atMs, wallMs, metrics };
    const publishId = publishIdOf('telemetry', this.#serial);
    this.#serial += 1;
    const topic = this.#topics.telemetry(name);
    const payload = encodeJson(message);
    const expiryS = TELEMETRY_TTL_S[name];
    return {
      type: 'publish',
      message: { publishId, topic, payload, qos: 0, retain: false, expiryS },
    };
  }
}

function outward(effects: readonly EndToEndEffect[]): readonly TelemetryEffect[] {
  return effects.map((effect) =>
    effect.type === 'probePath' ? { ...effect, of: 'end-to-end' } : effect,
  );
}
