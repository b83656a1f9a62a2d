/**
 * The `acs_smartag` metrics on their way to the gateway, one message a class and period.
 *
 * Telemetry is worth something while it is fresh: it is sent once, expires at the gateway by its class, and what falls
 * into a time without a gateway is not sent late.
 */
import { nothing } from '../../firmware-shim/base/core.ts';
import type { HealthFigures } from '../model/health-check.ts';
import type { SagMetrics } from '../model/host-metrics.ts';

export type TelemetryClass = 'host' | 'link' | 'probe';

/** Seconds after which nobody wants a message of this class any more: five periods, for probes two. */
export const TELEMETRY_TTL_S: Readonly<Record<TelemetryClass, number>> = {
  host: 300,
  link: 300,
  probe: 120,
};

/** What the end-to-end probes of one period found, under the published names: milliseconds, packets, percent. */
export type ProbeMetrics = Readonly<
  Partial<
    Record<'sag_box_nqa_latency' | 'sag_box_nqa_loss_data' | 'sag_box_nqa_loss_percent', number>
  >
>;

export interface TelemetryReport {
  readonly class: TelemetryClass;
  /** Counts the messages of one class and run, those not sent for want of a gateway included: a gap is a loss. */
  readonly seq: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly healthChecks?: HealthFigures;
}

const HOST_METRICS: readonly string[] = [
  'SagCpuUtilization',
  'SagMemoryUtilization',
  'SagDiskUtilization',
] satisfies readonly (keyof SagMetrics)[];

export class Telemetry {
  readonly #seqs = new Map<TelemetryClass, number>();

  /** The host was looked at, which is once a period; without a gateway the figures only count. */
  sampled(
    metrics: SagMetrics,
    probes: ProbeMetrics,
    isRegistered: boolean,
    checks: HealthFigures = {},
  ): readonly TelemetryReport[] {
    const all = Object.entries(metrics) as [string, number][];
    const isHost = ([name]: [string, number]): boolean => HOST_METRICS.includes(name);
    const link = all.filter((metric) => !isHost(metric));
    const reports = [
      ...this.#report('host', all.filter(isHost)),
      ...this.#report('link', link),
      ...this.#report('probe', Object.entries(probes) as [string, number][], checks),
    ];
    return isRegistered ? reports : nothing;
  }

  #report(
    name: TelemetryClass,
    metrics: readonly [string, number][],
    healthChecks: HealthFigures = {},
  ): readonly TelemetryReport[] {
    const hasChecks = Object.keys(healthChecks).length > 0;
    if (metrics.length === 0 && !hasChecks) return nothing;
    const seq = (this.#seqs.get(name) ?? 0) + 1;
    this.#seqs.set(name, seq);
    const report = { class: name, seq, metrics: Object.fromEntries(metrics) };
    return [hasChecks ? { ...report, healthChecks } : report];
  }
}
