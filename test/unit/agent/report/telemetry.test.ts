/** Metrics go out once a sample, by class, and never late. */
import { describe, expect, it } from 'vitest';
import { Telemetry } from '../../../../agent/report/telemetry.ts';
import type { HostMetrics } from '../../../../firmware-shim/host/host-metrics.ts';
import { ControlScene } from '../../../kit/control-scene.ts';

const HOST = { SagCpuUtilization: 7, SagDiskUtilization: 18 };
const LINK = { lte_rx_rate: 1_000, rx_bandwidth_utilization: 4 };
const PROBE = { sag_box_nqa_latency: 12.5 };

const problems = {
  temperature: 0,
  devices: 0,
  cpu: 0,
  memory: 0,
  disk: 0,
  uptime: 0,
};
const sample: HostMetrics = { atMs: 0, cpuPercent: 7, temperatures: [], devices: [], problems };

describe('the telemetry', () => {
  it('sorts the metrics into classes by their published names', () => {
    const telemetry = new Telemetry();
    expect(telemetry.sampled({ ...LINK, ...HOST }, PROBE, true)).toEqual([
      { class: 'host', seq: 1, metrics: HOST },
      { class: 'link', seq: 1, metrics: LINK },
      { class: 'probe', seq: 1, metrics: PROBE },
    ]);
  });

  it('has no message for a class of which nothing is known', () => {
    const telemetry = new Telemetry();
    expect(telemetry.sampled(HOST, {}, true).map((report) => report.class)).toEqual(['host']);
    expect(telemetry.sampled({}, {}, true)).toEqual([]);
  });

  it('tells of health checks in the class of probes, also when nothing else is probed', () => {
    const healthChecks = { hc: { lossPercent: 0, rttMs: 4 } };
    expect(new Telemetry().sampled({}, {}, true, healthChecks)).toEqual([
      { class: 'probe', seq: 1, metrics: {}, healthChecks },
    ]);
  });

  it('sends nothing late: what falls into a time without a gateway leaves a gap in the numbers', () => {
    const telemetry = new Telemetry();
    expect(telemetry.sampled(HOST, {}, false)).toEqual([]);
    expect(telemetry.sampled(HOST, {}, true)).toMatchObject([{ seq: 2 }]);
    expect(telemetry.sampled(HOST, {}, false)).toEqual([]);
    expect(telemetry.sampled(HOST, {}, true)).toMatchObject([{ seq: 4 }]);
  });

  it('reaches the gateway once registered, unacknowledged and with a time to live', () => {
    const scene = new ControlScene();
    scene.start();
    scene.hear({ type: 'hostSampled', metrics: sample });
    scene.register();
    scene.hear({ type: 'hostSampled', metrics: sample });
    expect(scene.published('tele/host')).toMatchObject([
      { v: 1, class: 'host', seq: 2, metrics: { SagCpuUtilization: 7 } },
    ]);
    const { message } = scene.of('publish').at(-1) ?? {};
    expect(message).toMatchObject({ qos: 0, retain: false, expiryS: 300 });
  });
});
