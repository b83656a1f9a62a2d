/**
 * A snapshot in the text format of Prometheus: names and base units by its conventions, seconds, bytes and ratios.
 *
 * What was not measured has no sample; a 0 is a measured 0.
 */
import type { LteSignal, SensorKind, Sensors } from '../../firmware-shim/wire/messages.ts';
import type { AgentSnapshot, TunnelSnapshot } from '../model/snapshot.ts';
import {
  counter,
  gauge,
  type Labels,
  type Metric,
  metricText,
  type Sample,
  single,
} from './metrics-format.ts';
import { netlinkMetrics } from './netlink-metrics.ts';
import { reachMetrics } from './reach-metrics.ts';

const MILLI = 1_000;
const PERCENT = 100;
const BITS = 8;
const SENSOR_METRICS: Readonly<Record<SensorKind, readonly [name: string, scale: number]>> = {
  temperature: ['temperature_celsius', MILLI],
  fan: ['fan_speed_rpm', 1],
  voltage: ['voltage_volts', MILLI],
};

export function metricsText(snapshot: AgentSnapshot): string {
  const metrics: readonly Metric[] = [
    ...agentMetrics(snapshot),
    ...uplinkMetrics(snapshot),
    ...tunnelMetrics(snapshot),
    ...qualityMetrics(snapshot),
    ...routeMetrics(snapshot),
    ...boardMetrics(snapshot),
    ...hostMetrics(snapshot),
    ...reachMetrics(snapshot),
    ...netlinkMetrics(snapshot),
  ];
  return metrics.map(metricText).join('');
}

function agentMetrics({
  agent,
  nowMs,
  registration,
  outbox,
  desired,
}: AgentSnapshot): readonly Metric[] {
  const { version, area } = agent;
  return [
    gauge('agent_info', 'The agent and its CCN area.', [{ version, area }, 1]),
    gauge(
      'agent_uptime_seconds',
      'Since the agent started.',
      single((nowMs - agent.startedAtMs) / MILLI),
    ),
    gauge(
      'registered',
      'Whether an access gateway has this device registered.',
      single(Number(registration.state === 'registered')),
    ),
    gauge(
      'registration_attempts',
      'Attempts since the last registration.',
      single(registration.attempts),
    ),
    gauge('outbox_events_pending', 'Events that wait for the gateway.', single(outbox.pending)),
    counter('outbox_events_dropped', 'Events the full outbox dropped.', single(outbox.dropped)),
    gauge('desired_revision', 'Revision of the desired document.', single(desired.revision)),
    gauge('desired_steps_pending', 'Steps left towards it.', single(desired.pendingSteps.length)),
  ];
}

function uplinkMetrics({ fastPath, desired }: AgentSnapshot): readonly Metric[] {
  const samples = fastPath.uplinks.map(
    ({ id, kind, verdict }): Sample => [{ uplink: id, kind }, Number(verdict.state === 'up')],
  );
  const { probes = [] } = desired;
  return [
    gauge('uplink_up', 'Whether the uplink can be used.', ...samples),
    gauge(
      'uplink_probe_month_bytes',
      'What the liveness probes of all its tunnels cost in a month, both ways.',
      ...probes.map(({ uplink, bytesPerMonth }): Sample => [{ uplink }, bytesPerMonth]),
    ),
    gauge(
      'uplink_probe_budget_bytes',
      'What they may cost in a month; without a sample it is unmetered.',
      ...probes.flatMap(({ uplink, budgetBytesPerMonth: budget }): Sample[] =>
        budget === undefined ? [] : [[{ uplink }, budget]],
      ),
    ),
  ];
}

function tunnelMetrics({ fastPath }: AgentSnapshot): readonly Metric[] {
  const of = perTunnel(fastPath.tunnels);
  const discarded = fastPath.tunnels.flatMap((tunnel): readonly Sample[] =>
    Object.entries(tunnel.session.discarded).map(([reason, count]) => [
      { ...labelsOf(tunnel), reason },
      count,
    ]),
  );
  return [
    gauge(
      'tunnel_up',
      'Whether the BFD session is up.',
      ...of(({ state }) => Number(state === 'up')),
    ),
    gauge(
      'tunnel_active',
      'Whether it carries user traffic.',
      ...of(({ id }) => Number(id === fastPath.active)),
    ),
    gauge(
      'tunnel_detect_seconds',
      'How long silence goes unnoticed at most.',
      ...of(({ session }) => session.detectMs / MILLI),
    ),
    counter(
      'tunnel_bfd_received_packets',
      'BFD packets taken.',
      ...of(({ session }) => session.rxPackets),
    ),
    counter(
      'tunnel_bfd_sent_packets',
      'BFD packets sent.',
      ...of(({ session }) => session.txPackets),
    ),
    counter('tunnel_bfd_discarded_packets', 'BFD packets discarded.', ...discarded),
  ];
}

function qualityMetrics({ fastPath }: AgentSnapshot): readonly Metric[] {
  const of = perTunnel(fastPath.tunnels);
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / MILLI);
  return [
    gauge(
      'tunnel_rtt_median_seconds',
      'Round trip inside the tunnel, median of the window.',
      ...of(({ quality }) => seconds(quality?.rtt?.p50Ms)),
    ),
    gauge(
      'tunnel_rtt_p95_seconds',
      'Round trip inside the tunnel, 95th percentile of the window.',
      ...of(({ quality }) => seconds(quality?.rtt?.p95Ms)),
    ),
    gauge(
      'tunnel_loss_ratio',
      'Round trips lost in the window, 0 to 1.',
      ...of(({ quality }) =>
        quality?.lossPercent === undefined ? undefined : quality.lossPercent / PERCENT,
      ),
    ),
    gauge(
      'tunnel_mtu_bytes',
      'Largest inner packet that passes.',
      ...of(({ quality }) => quality?.mtu?.mtu),
    ),
  ];
}

type Value = (tunnel: TunnelSnapshot) => number | undefined;

function perTunnel(tunnels: readonly TunnelSnapshot[]) {
  return (value: Value): readonly Sample[] =>
    tunnels.map((tunnel) => [labelsOf(tunnel), value(tunnel)]);
}

function labelsOf({ id, uplink, gateway }: TunnelSnapshot): Labels {
  return { tunnel: id, uplink, gateway };
}

function routeMetrics({ fastPath }: AgentSnapshot): readonly Metric[] {
  const { routes, changes } = fastPath;
  const last = changes.at(-1);
  const part = (ms: number | undefined) => single(ms === undefined ? undefined : ms / MILLI);
  return [
    gauge(
      'routes_installed',
      'Whether the published prefixes are routed.',
      single(Number(routes.installed)),
    ),
    gauge('routes_prefixes', 'Published prefixes.', single(routes.prefixes.length)),
    gauge(
      'routes_refused',
      'Published prefixes that are refused.',
      single(routes.refused?.length ?? 0),
    ),
    gauge(
      'last_change_silent_seconds',
      'Silence before the last change of the active tunnel.',
      part(last?.silentForMs),
    ),
    gauge('last_change_decide_seconds', 'From the evidence to the decision.', part(last?.decideMs)),
    gauge('last_change_install_seconds', 'From the decision to the kernel.', part(last?.installMs)),
  ];
}

function boardMetrics({ board }: AgentSnapshot): readonly Metric[] {
  const up = board.state === 'up';
  const signal = board.reports.find((report): report is LteSignal => report.kind === 'lteSignal');
  const sensors = board.reports.find((report): report is Sensors => report.kind === 'sensors');
  const kinds = Object.entries(SENSOR_METRICS) as readonly (readonly [
    SensorKind,
    readonly [string, number],
  ])[];
  return [
    gauge('board_up', 'Whether the board answers.', single(Number(up))),
    ...(up
      ? [
          gauge('lte_signal_dbm', 'Signal of the modem.', single(signal?.dBm)),
          gauge(
            'lte_registered',
            'Whether the modem is registered with its network.',
            single(signal && Number(signal.registered)),
          ),
          ...kinds.map(([kind, [name, scale]]) => {
            const own = (sensors?.readings ?? []).filter(({ sensor }) => sensor === kind);
            const samples = own.map(
              ({ index, value }): Sample => [{ index: String(index) }, value / scale],
            );
            return gauge(`board_${name}`, `Sensors of the board: ${kind}.`, ...samples);
          }),
        ]
      : []),
  ];
}

function hostMetrics({ host }: AgentSnapshot): readonly Metric[] {
  if (host === undefined) return [];
  const { metrics, temperatures, uptimeS } = host;
  const ratio = (percent: number | undefined) =>
    single(percent === undefined ? undefined : percent / PERCENT);
  const bytes = (bits: number | undefined) => single(bits === undefined ? undefined : bits / BITS);
  const heat = temperatures.map(
    ({ sensor, milliCelsius }): Sample => [{ sensor }, milliCelsius / MILLI],
  );
  return [
    gauge('host_uptime_seconds', 'Since this machine started.', single(uptimeS)),
    gauge(
      'host_cpu_usage_ratio',
      'Load of the CPU, 0 to 1 (SagCpuUtilization).',
      ratio(metrics.SagCpuUtilization),
    ),
    gauge(
      'host_memory_usage_ratio',
      'Memory in use, 0 to 1 (SagMemoryUtilization).',
      ratio(metrics.SagMemoryUtilization),
    ),
    gauge(
      'host_disk_usage_ratio',
      'Disk of the state directory in use, 0 to 1 (SagDiskUtilization).',
      ratio(metrics.SagDiskUtilization),
    ),
    gauge('host_temperature_celsius', 'Sensors of the host.', ...heat),
    gauge(
      'lte_receive_bytes_per_second',
      'Traffic of LTE in (box_lte_rx_rate).',
      bytes(metrics.box_lte_rx_rate),
    ),
    gauge(
      'lte_transmit_bytes_per_second',
      'Traffic of LTE out (box_lte_tx_rate).',
      bytes(metrics.box_lte_tx_rate),
    ),
  ];
}
