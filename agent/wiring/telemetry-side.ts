/**
 * Who hears what about how the branch is: the metrics of the host, the probe of the whole way and the health checks,
 * and what of them becomes a message.
 */
import { type Deadline, earlier, nothing } from '../../firmware-shim/base/core.ts';
import { encodeJson } from '../access/encode-json.ts';
import type { TelemetryMessage } from '../access/payloads.ts';
import { publishIdOf } from '../access/publish-lane.ts';
import { type DeviceTopics, topicsOf } from '../access/topics.ts';
import {
  HealthChecks,
  type HealthChecksEffect,
  type HealthChecksEvent,
} from '../health/health-checks.ts';
import type { FastPathFact, FastPathPlan } from '../model/fast-path.ts';
import type { SagMetrics } from '../model/host-metrics.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { EndToEnd, type EndToEndEffect, type EndToEndEvent } from '../report/end-to-end.ts';
import { TELEMETRY_TTL_S, Telemetry, type TelemetryReport } from '../report/telemetry.ts';
import type { ControlEffect } from './control-events.ts';
import type { ControlOptions } from './control-options.ts';

export type TelemetryEffect =
  | ControlEffect
  | { readonly type: 'endToEndChanged' }
  | HealthChecksEffect;
type Of<Type> = Extract<HealthChecksEvent, { readonly type: Type }>;
type Probed = Extract<EndToEndEvent, { readonly type: 'pathProbed' }>;

export class TelemetrySide {
  readonly #options: Pick<ControlOptions, 'bootId' | 'wall'>;
  readonly #topics: DeviceTopics;
  readonly #telemetry = new Telemetry();
  readonly #endToEnd = new EndToEnd();
  readonly #healthChecks: HealthChecks;
  #serial = 0;

  constructor(options: ControlOptions) {
    this.#options = options;
    const { config, inventory } = options;
    this.#topics = topicsOf(config.tenant, inventory.serialNumber);
    this.#healthChecks = new HealthChecks(config.lanPrefixes);
  }

  get endToEndState(): EndToEnd['state'] {
    return this.#endToEnd.state;
  }

  snapshot(): Pick<AgentSnapshot, 'endToEnd' | 'healthChecks'> {
    return { endToEnd: this.#endToEnd.snapshot(), healthChecks: this.#healthChecks.snapshot() };
  }

  tick(nowMs: number): readonly TelemetryEffect[] {
    return [...outward(this.#endToEnd.tick(nowMs)), ...this.#healthChecks.tick(nowMs)];
  }

  deadline(): Deadline | undefined {
    return earlier(this.#endToEnd.deadline(), this.#healthChecks.deadline());
  }

  checksDesired(event: Of<'checksDesired'>, nowMs: number): readonly TelemetryEffect[] {
    return this.#healthChecks.handle(event, nowMs);
  }

  planSent(plan: FastPathPlan, nowMs: number): readonly TelemetryEffect[] {
    const { endToEnd: target, tunnels, lanPrefixes = [] } = plan;
    const devices = new Map(tunnels.map(({ id, deviceName }) => [id, deviceName]));
    return [
      ...outward(this.#endToEnd.handle({ type: 'planned', target, lanPrefixes }, nowMs)),
      ...this.#healthChecks.handle({ type: 'planned', devices, lanPrefixes }, nowMs),
    ];
  }

  fact(fact: FastPathFact, nowMs: number): readonly TelemetryEffect[] {
    if (fact.type === 'uplinkChanged') return this.#healthChecks.handle(fact, nowMs);
    if (fact.type !== 'activeTunnelChanged') return nothing;
    return outward(this.#endToEnd.handle({ type: 'wayChanged' }, nowMs));
  }

  probed(event: Probed, nowMs: number): readonly TelemetryEffect[] {
    return outward(this.#endToEnd.handle(event, nowMs));
  }

  echoed(event: Of<'echoAnswered'>, nowMs: number): readonly TelemetryEffect[] {
    return this.#healthChecks.handle(event, nowMs);
  }

  sampled(metrics: SagMetrics, isRegistered: boolean, nowMs: number): readonly ControlEffect[] {
    return this.#telemetry
      .sampled(
        metrics,
        this.#endToEnd.takeMetrics(),
        isRegistered,
        this.#healthChecks.takeFigures(),
      )
      .map((report) => this.#publish(report, nowMs));
  }

  #publish({ class: name, ...report }: TelemetryReport, atMs: number): ControlEffect {
    const { bootId, wall } = this.#options;
    const wallMs = wall.wallMs();
    const message: TelemetryMessage = { v: 1, class: name, bootId, atMs, wallMs, ...report };
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
