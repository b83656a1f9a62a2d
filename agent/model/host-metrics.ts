/**
 * The host's figures under their published names: CloudMonitor, namespace `acs_smartag`.
 *
 * Names are spelled as published, also where they break our habits. A metric that cannot be known here is
 * absent and never 0. Absent for good are the Wi-Fi metrics (no radio is read), the NQA ones (probes, not
 * the host, know them) and `box_wan_wireless_*`, for which no published page says what it counts.
 */
import type { HostMetrics } from '../../firmware-shim/host/host-metrics.ts';

/** `box_` metrics are of this device; those without are of the SAG instance, here this device's share of it. */
export interface SagMetrics {
  /** Percent. */
  readonly SagCpuUtilization?: number;
  readonly SagMemoryUtilization?: number;
  readonly SagDiskUtilization?: number;
  /** Bits a second. */
  readonly box_lte_rx_rate?: number;
  readonly box_lte_tx_rate?: number;
  readonly lte_rx_rate?: number;
  readonly lte_tx_rate?: number;
  /** Packets a minute. */
  readonly box_lte_rx_drop?: number;
  readonly box_lte_tx_drop?: number;
  readonly lte_rx_drop?: number;
  readonly lte_tx_drop?: number;
  /** Percent of the bandwidth that was bought. */
  readonly rx_bandwidth_utilization?: number;
  readonly tx_bandwidth_utilization?: number;
}

export type SagMetricName = keyof SagMetrics;

export const SAG_METRIC_UNITS: Readonly<Record<SagMetricName, '%' | 'bit/s' | 'packet/min'>> = {
  SagCpuUtilization: '%',
  SagMemoryUtilization: '%',
  SagDiskUtilization: '%',
  box_lte_rx_rate: 'bit/s',
  box_lte_tx_rate: 'bit/s',
  lte_rx_rate: 'bit/s',
  lte_tx_rate: 'bit/s',
  box_lte_rx_drop: 'packet/min',
  box_lte_tx_drop: 'packet/min',
  lte_rx_drop: 'packet/min',
  lte_tx_drop: 'packet/min',
  rx_bandwidth_utilization: '%',
  tx_bandwidth_utilization: '%',
};

/** What the instance was sold with; absent while nobody has told. */
export interface Bandwidth {
  readonly rxBitsPerS?: number;
  readonly txBitsPerS?: number;
}

const PERCENT = 100;

export function sagMetrics(host: HostMetrics, bandwidth: Bandwidth = {}): SagMetrics {
  const { cpuPercent, memoryPercent, diskPercent, lte } = host;
  return {
    ...(cpuPercent !== undefined && { SagCpuUtilization: cpuPercent }),
    ...(memoryPercent !== undefined && { SagMemoryUtilization: memoryPercent }),
    ...(diskPercent !== undefined && { SagDiskUtilization: diskPercent }),
    ...(lte !== undefined && {
      box_lte_rx_rate: lte.rxBitsPerS,
      box_lte_tx_rate: lte.txBitsPerS,
      lte_rx_rate: lte.rxBitsPerS,
      lte_tx_rate: lte.txBitsPerS,
      box_lte_rx_drop: lte.rxDropsPerMin,
      box_lte_tx_drop: lte.txDropsPerMin,
      lte_rx_drop: lte.rxDropsPerMin,
      lte_tx_drop: lte.txDropsPerMin,
    }),
    ...utilization(host, bandwidth),
  };
}

/** The traffic of all uplinks together against what was bought. */
function utilization(
  { uplinks }: HostMetrics,
  bandwidth: Bandwidth,
): Pick<SagMetrics, 'rx_bandwidth_utilization' | 'tx_bandwidth_utilization'> {
  const rx = percentOf(uplinks?.rxBitsPerS, bandwidth.rxBitsPerS);
  const tx = percentOf(uplinks?.txBitsPerS, bandwidth.txBitsPerS);
  return {
    ...(rx !== undefined && { rx_bandwidth_utilization: rx }),
    ...(tx !== undefined && { tx_bandwidth_utilization: tx }),
  };
}

function percentOf(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole <= 0) return undefined;
  return (PERCENT * part) / whole;
}
