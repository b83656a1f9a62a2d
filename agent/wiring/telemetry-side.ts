/** The way of the metrics from the host to the gateway: what a core decides to tell, as messages on their topics. */
import { encodeJson } from '../access/encode-json.ts';
import type { TelemetryMessage } from '../access/payloads.ts';
import { publishIdOf } from '../access/publish-lane.ts';
import type { DeviceTopics } from '../access/topics.ts';
import type { SagMetrics } from '../model/host-metrics.ts';
import { TELEMETRY_TTL_S, Telemetry, type TelemetryReport } from '../report/telemetry.ts';
import type { ControlEffect } from './control-events.ts';
import type { ControlOptions } from './control-options.ts';

export class TelemetrySide {
  readonly #options: Pick<ControlOptions, 'bootId' | 'wall'>;
  readonly #topics: DeviceTopics;
  readonly #telemetry = new Telemetry();
  #serial = 0;

  constructor(options: Pick<ControlOptions, 'bootId' | 'wall'>, topics: DeviceTopics) {
    this.#options = options;
    this.#topics = topics;
  }

  turn(isOpen: boolean): void {
    this.#telemetry.turn(isOpen);
  }

  sampled(metrics: SagMetrics, nowMs: number): readonly ControlEffect[] {
    return this.#telemetry.sampled(metrics, {}).map((report) => this.#publish(report, nowMs));
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
