/** Metrics from two looks at the host: what is known, and what must stay absent. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SAG_METRIC_UNITS, sagMetrics } from '../../../../agent/model/host-metrics.ts';
import { hostMetrics } from '../../../../firmware-shim/host/host-metrics.ts';
import type { HostSample } from '../../../../firmware-shim/host/host-sample.ts';
import type { DeviceCounters } from '../../../../firmware-shim/host/parse-device-counters.ts';
import { trafficRates } from '../../../../firmware-shim/host/traffic-rates.ts';

const NO_PROBLEMS = { cpu: 0, memory: 0, disk: 0, uptime: 0, devices: 0, temperature: 0 };
const UPLINKS = { lte: ['wwan0'], wan: ['wan1', 'wan2'] };

function counters(bytes: number, drops = 0): DeviceCounters {
  return {
    rxBytes: bytes,
    rxPackets: bytes / 100,
    rxDrops: drops,
    txBytes: 2 * bytes,
    txPackets: bytes / 50,
    txDrops: drops,
  };
}

function sample(atMs: number, devices: Record<string, DeviceCounters>): HostSample {
  return { atMs, devices: new Map(Object.entries(devices)), temperatures: [] };
}

function between(before: HostSample | undefined, after: HostSample) {
  return hostMetrics(before, after, UPLINKS, NO_PROBLEMS);
}

describe('traffic', () => {
  test('is bits and packets a second and drops a minute, whatever time lies between', () => {
    expect(trafficRates(counters(1000), counters(2000, 3), 500)).toEqual({
      rxBitsPerS: 16_000,
      txBitsPerS: 32_000,
      rxPacketsPerS: 20,
      txPacketsPerS: 40,
      rxDropsPerMin: 360,
      txDropsPerMin: 360,
    });
  });

  test('has no rate in the first look', () => {
    const metrics = between(undefined, sample(0, { wan1: counters(5) }));
    expect(metrics.wan).toBeUndefined();
    expect(metrics.elapsedMs).toBeUndefined();
    expect(metrics.devices).toEqual([{ name: 'wan1', counters: counters(5) }]);
  });

  test('has no rate, not a negative one, when a device was made anew', () => {
    const metrics = between(
      sample(0, { wan1: counters(5000), wwan0: counters(10) }),
      sample(1000, { wan1: counters(100), wwan0: counters(20) }),
    );
    expect(metrics.wan).toBeUndefined();
    expect(metrics.uplinks).toBeUndefined();
    expect(metrics.lte?.rxBitsPerS).toBe(80);
  });

  test.each([0, -1, Number.NaN])('has no rate over %d ms', (elapsedMs) => {
    expect(trafficRates(counters(1), counters(2), elapsedMs)).toBeUndefined();
  });

  test('is summed over the devices that exist', () => {
    const metrics = between(
      sample(0, { wan1: counters(0), wan2: counters(0), lan: counters(0) }),
      sample(1000, { wan1: counters(100), wan2: counters(200), lan: counters(999) }),
    );
    expect(metrics.wan?.rxBitsPerS).toBe(2400);
    expect(metrics.lte).toBeUndefined();
    expect(metrics.uplinks?.rxBitsPerS).toBe(2400);
  });

  test('is never negative and always a number', () => {
    const count = fc.nat({ max: 2 ** 50 });
    const anyCounters = fc.record({
      rxBytes: count,
      rxPackets: count,
      rxDrops: count,
      txBytes: count,
      txPackets: count,
      txDrops: count,
    });
    fc.assert(
      fc.property(anyCounters, anyCounters, fc.integer({ min: -10, max: 100_000 }), (a, b, ms) => {
        for (const rate of Object.values(trafficRates(a, b, ms) ?? {})) {
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(rate)).toBe(true);
        }
      }),
    );
  });
});

describe('loads', () => {
  const at = (atMs: number, busyTicks: number, idleTicks: number): HostSample => ({
    atMs,
    cpu: { busyTicks, idleTicks },
    temperatures: [],
  });

  test('of the processor are the busy part of what passed', () => {
    expect(between(at(0, 100, 100), at(1, 130, 170)).cpuPercent).toBe(30);
  });

  test('of the processor are absent when no tick passed or waiting time was taken back', () => {
    expect(between(at(0, 100, 100), at(1, 100, 100)).cpuPercent).toBeUndefined();
    expect(between(at(0, 100, 100), at(1, 110, 99)).cpuPercent).toBeUndefined();
  });

  test('of memory and disk need one look', () => {
    const metrics = between(undefined, {
      atMs: 0,
      memory: { totalKib: 1000, availableKib: 250 },
      disk: { total: 1000, free: 500, available: 500 },
      temperatures: [],
    });
    expect(metrics).toMatchObject({ memoryPercent: 75, diskPercent: 50 });
  });

  test('of a file system without blocks are absent', () => {
    const disk = { total: 0, free: 0, available: 0 };
    expect(between(undefined, { atMs: 0, disk, temperatures: [] }).diskPercent).toBeUndefined();
  });
});

describe('the published names', () => {
  const host = between(
    {
      ...sample(0, { wan1: counters(0), wwan0: counters(0) }),
      cpu: { busyTicks: 0, idleTicks: 0 },
    },
    {
      ...sample(1000, { wan1: counters(1000), wwan0: counters(500, 1) }),
      cpu: { busyTicks: 1, idleTicks: 3 },
      memory: { totalKib: 4, availableKib: 1 },
    },
  );

  test('carry what is known, with the LTE figures of the box and of the instance', () => {
    expect(sagMetrics(host, { rxBitsPerS: 120_000 })).toEqual({
      SagCpuUtilization: 25,
      SagMemoryUtilization: 75,
      box_lte_rx_rate: 4_000,
      box_lte_tx_rate: 8_000,
      lte_rx_rate: 4_000,
      lte_tx_rate: 8_000,
      box_lte_rx_drop: 60,
      box_lte_tx_drop: 60,
      lte_rx_drop: 60,
      lte_tx_drop: 60,
      rx_bandwidth_utilization: 10,
    });
  });

  test('each have a unit', () => {
    const metrics = sagMetrics(host, { rxBitsPerS: 1, txBitsPerS: 1 });
    const units = new Map<string, string>(Object.entries(SAG_METRIC_UNITS));
    for (const name of Object.keys(metrics))
      expect(units.get(name)).toMatch(/^(%|bit.s|packet.min)$/);
  });

  test('are absent for a host that tells nothing', () => {
    const silent = between(undefined, { atMs: 0, temperatures: [] });
    expect(sagMetrics(silent, { rxBitsPerS: 1, txBitsPerS: 1 })).toEqual({});
  });
});
