/**
 * Rates of a device's traffic, from two looks at its counters.
 *
 * A counter that went back means that the device was made anew or that the counter wrapped: there is no rate
 * for this step, and none is guessed. The units are those of the `acs_smartag` metrics.
 */
import type { DeviceCounters } from './parse-device-counters.ts';

export interface TrafficRates {
  readonly rxBitsPerS: number;
  readonly txBitsPerS: number;
  readonly rxPacketsPerS: number;
  readonly txPacketsPerS: number;
  readonly rxDropsPerMin: number;
  readonly txDropsPerMin: number;
}

const MS_PER_S = 1_000;
const MS_PER_MIN = 60_000;
const BITS_PER_BYTE = 8;

/** `elapsedMs` lies between the two looks; without a positive one there is no rate. */
export function trafficRates(
  before: DeviceCounters,
  after: DeviceCounters,
  elapsedMs: number,
): TrafficRates | undefined {
  if (!(elapsedMs > 0) || wentBack(before, after)) return undefined;
  const per = (key: keyof DeviceCounters, unitMs: number): number =>
    ((after[key] - before[key]) * unitMs) / elapsedMs;
  return {
    rxBitsPerS: per('rxBytes', MS_PER_S) * BITS_PER_BYTE,
    txBitsPerS: per('txBytes', MS_PER_S) * BITS_PER_BYTE,
    rxPacketsPerS: per('rxPackets', MS_PER_S),
    txPacketsPerS: per('txPackets', MS_PER_S),
    rxDropsPerMin: per('rxDrops', MS_PER_MIN),
    txDropsPerMin: per('txDrops', MS_PER_MIN),
  };
}

/** Each device of `after` that was there before and can be compared. */
export function ratesByDevice(
  before: ReadonlyMap<string, DeviceCounters>,
  after: ReadonlyMap<string, DeviceCounters>,
  elapsedMs: number,
): ReadonlyMap<string, TrafficRates> {
  const rates = new Map<string, TrafficRates>();
  for (const [name, counters] of after) {
    const earlier = before.get(name);
    const rate = earlier && trafficRates(earlier, counters, elapsedMs);
    if (rate !== undefined) rates.set(name, rate);
  }
  return rates;
}

/**
 * The sum over the devices of `names` that exist. Undefined when none does, or when one of them has no rate:
 * a sum that leaves one out would look like less traffic.
 */
export function summedRates(
  names: readonly string[],
  present: ReadonlySet<string> | ReadonlyMap<string, unknown>,
  rates: ReadonlyMap<string, TrafficRates>,
): TrafficRates | undefined {
  let sum: TrafficRates | undefined;
  for (const name of new Set(names)) {
    if (!present.has(name)) continue;
    const rate = rates.get(name);
    if (rate === undefined) return undefined;
    sum = sum === undefined ? rate : plus(sum, rate);
  }
  return sum;
}

function plus(a: TrafficRates, b: TrafficRates): TrafficRates {
  return {
    rxBitsPerS: a.rxBitsPerS + b.rxBitsPerS,
    txBitsPerS: a.txBitsPerS + b.txBitsPerS,
    rxPacketsPerS: a.rxPacketsPerS + b.rxPacketsPerS,
    txPacketsPerS: a.txPacketsPerS + b.txPacketsPerS,
    rxDropsPerMin: a.rxDropsPerMin + b.rxDropsPerMin,
    txDropsPerMin: a.txDropsPerMin + b.txDropsPerMin,
  };
}

function wentBack(before: DeviceCounters, after: DeviceCounters): boolean {
  return (
    after.rxBytes < before.rxBytes ||
    after.rxPackets < before.rxPackets ||
    after.rxDrops < before.rxDrops ||
    after.txBytes < before.txBytes ||
    after.txPackets < before.txPackets ||
    after.txDrops < before.txDrops
  );
}
