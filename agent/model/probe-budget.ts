/**
 * What liveness may cost on a metered uplink: bytes per month in, cadence and the detection time it buys out.
 *
 * Both directions count, because a mobile tariff counts both; and the outer headers count, because the tariff
 * sees nothing else. A budget never makes probes faster than their profile and never switches them off: below the
 * slowest cadence it is told that it does not hold.
 */
import type { BfdTimers, EngineKind } from './tunnel.ts';
import type { UplinkId } from './uplink.ts';

/** The longest month, so that the budget holds in each. */
const MONTH_MS = 31 * 86_400_000;
/** Of the interval, on average between two packets (RFC 5880 section 6.8.7). */
const MEAN_GAP = 0.875;
/** Slower than a packet a minute is no liveness. */
const INTERVAL_MS_MAX = 60_000;
/** Cadences are told to people: odd milliseconds say nothing. */
const INTERVAL_STEP_MS = 50;
/** On a tunnel that carries traffic, which proves it too, probes may come half as often. */
const BUSY_FACTOR = 2;

export interface ProbeBudgetQuestion {
  /** What the profile or the gateway wants. */
  readonly timers: BfdTimers;
  /** Absent means unmetered. */
  readonly budgetBytesPerMonth?: number;
  /** Tunnels that share it. */
  readonly tunnels: number;
  readonly packetBytes: number;
}

export interface ProbeBudget {
  readonly timers: BfdTimers;
  /** In force while the tunnel carries traffic; absent where nothing is metered. */
  readonly timersWhileBusy?: BfdTimers;
  readonly bytesPerMonth: number;
  /** The longest a silent black hole goes unnoticed. */
  readonly detectMs: number;
  readonly held: boolean;
  readonly sentence: string;
}

/** What is told of one uplink. */
export interface UplinkProbes
  extends Pick<ProbeBudget, 'bytesPerMonth' | 'detectMs' | 'held' | 'sentence'> {
  readonly uplink: UplinkId;
  /** Absent: unmetered. */
  readonly budgetBytesPerMonth?: number;
}

export function budgetProbes(question: ProbeBudgetQuestion): ProbeBudget {
  const { timers, budgetBytesPerMonth, tunnels, packetBytes } = question;
  const wantedMs = Math.max(timers.desiredMinTxMs, timers.requiredMinRxMs);
  const bytesAt = (ms: number): number =>
    Math.ceil((2 * packetBytes * tunnels * MONTH_MS) / (MEAN_GAP * ms));
  if (budgetBytesPerMonth === undefined) {
    const bytesPerMonth = bytesAt(wantedMs);
    const detectMs = wantedMs * timers.detectMult;
    const sentence = `unmetered: ${cadence(wantedMs, detectMs)}, ${megabytes(bytesPerMonth)} a month`;
    return { timers, bytesPerMonth, detectMs, held: true, sentence };
  }
  const affordableMs = (2 * packetBytes * tunnels * MONTH_MS) / (MEAN_GAP * budgetBytesPerMonth);
  const steppedMs = Math.ceil(affordableMs / INTERVAL_STEP_MS) * INTERVAL_STEP_MS;
  const intervalMs = Math.min(INTERVAL_MS_MAX, Math.max(wantedMs, steppedMs));
  const bytesPerMonth = bytesAt(intervalMs);
  const detectMs = intervalMs * timers.detectMult;
  const held = bytesPerMonth <= budgetBytesPerMonth;
  const verdict = held ? 'buy' : `do not reach: ${megabytes(bytesPerMonth)} are needed for`;
  return {
    timers: spaced(timers, intervalMs),
    timersWhileBusy: spaced(timers, Math.min(INTERVAL_MS_MAX, intervalMs * BUSY_FACTOR)),
    bytesPerMonth,
    detectMs,
    held,
    sentence: `${megabytes(budgetBytesPerMonth)} a month ${verdict} ${cadence(intervalMs, detectMs)}`,
  };
}

/** Outer IP packet around one control packet of 24 bytes. */
export function probePacketBytes(
  engine: EngineKind,
  outer: 'ipv4' | 'ipv6',
  inner: 'ipv4' | 'ipv6',
): number {
  const innerBytes = IP_BYTES[inner] + UDP_BYTES + CONTROL_BYTES;
  const padded = Math.ceil((innerBytes + ESP_TRAILER[engine]) / PAD_TO[engine]) * PAD_TO[engine];
  return IP_BYTES[outer] + UDP_BYTES + ENVELOPE_BYTES[engine] + padded;
}

const CONTROL_BYTES = 24;
const UDP_BYTES = 8;
const IP_BYTES = { ipv4: 20, ipv6: 40 } as const;
/** WireGuard: header 16, tag 16. ESP in UDP with AES-GCM: header 8, IV 8, tag 16. */
const ENVELOPE_BYTES = { wireguard: 32, ipsec: 32 } as const;
const PAD_TO = { wireguard: 16, ipsec: 4 } as const;
/** ESP ends with pad length and next header. */
const ESP_TRAILER = { wireguard: 0, ipsec: 2 } as const;

function spaced(timers: BfdTimers, intervalMs: number): BfdTimers {
  return { ...timers, desiredMinTxMs: intervalMs, requiredMinRxMs: intervalMs };
}

function cadence(intervalMs: number, detectMs: number): string {
  return `a probe every ${seconds(intervalMs)}, silence is noticed within ${seconds(detectMs)}`;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Number((ms / 1_000).toFixed(2))} s`;
}

function megabytes(bytes: number): string {
  return `${Number((bytes / 1_000_000).toPrecision(3))} MB`;
}
