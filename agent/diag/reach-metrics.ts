/** The far side, the access points and the hosts that are checked, as samples for Prometheus. */
import type { AgentSnapshot } from '../model/snapshot.ts';
import { gauge, type Metric, type Sample } from './metrics-format.ts';

const MILLI = 1_000;
const PERCENT = 100;

export function reachMetrics(snapshot: AgentSnapshot): readonly Metric[] {
  const { endToEnd, healthChecks = [], registration } = snapshot;
  const { accessPoints = [] } = registration;
  const isKnown = endToEnd !== undefined && endToEnd.state !== 'Unknown';
  const far: readonly Sample[] = isKnown ? [[{}, Number(endToEnd.state === 'Normal')]] : [];
  const of = (value: (check: (typeof healthChecks)[number]) => number | undefined) =>
    healthChecks.map((check): Sample => [{ check: check.id }, value(check)]);
  return [
    gauge('end_to_end_up', 'Whether the far side is reached through the tunnels.', ...far),
    gauge(
      'health_check_success',
      'Whether the host of a health check answers; absent while that is unknown.',
      ...of(({ status }) => (status === 'unknown' ? undefined : Number(status === 'success'))),
    ),
    gauge(
      'health_check_rtt_seconds',
      'Round trip of the last round.',
      ...of(({ round }) => seconds(round?.rttMs)),
    ),
    gauge(
      'health_check_loss_ratio',
      'Probes lost of the last round, 0 to 1.',
      ...of(({ round }) => ratio(round?.lossPercent)),
    ),
    gauge(
      'access_point_rtt_seconds',
      'Round trip to an access point as it was last measured.',
      ...accessPoints.map(({ id, rttMs }): Sample => [{ gateway: id }, seconds(rttMs)]),
    ),
    gauge(
      'access_point_loss_ratio',
      'Handshakes lost of the last measurement, 0 to 1.',
      ...accessPoints.map(({ id, lossPercent }): Sample => [{ gateway: id }, ratio(lossPercent)]),
    ),
  ];
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / MILLI;
}

function ratio(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : percent / PERCENT;
}
