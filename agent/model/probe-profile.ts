/**
 * How fast silence is noticed, as named profiles, and which kind of uplink gets which unless the gateway says
 * otherwise.
 *
 * Each is a trade between detection time, bytes and lies: a radio link loses packets in handfuls, so it gets more
 * of them to lose, further apart.
 */
import type { BfdTimers } from './tunnel.ts';
import type { UplinkKind } from './uplink.ts';

export type ProbeProfile = 'wired' | 'fast-50' | 'fast-100' | 'lte';

export const PROBE_PROFILES: Readonly<Record<ProbeProfile, BfdTimers>> = {
  /** 0.9 s: what routers do by default. */
  wired: timers(300, 3),
  /** 0.15 s, for paths that lose next to nothing. */
  'fast-50': timers(50, 3),
  /** 0.5 s, and five in a row must be lost. */
  'fast-100': timers(100, 5),
  /** 2.5 s. */
  lte: timers(500, 5),
};

export function profileOf(kind: UplinkKind): ProbeProfile {
  if (kind === 'lte') return 'lte';
  return kind === 'leased-line' ? 'fast-100' : 'wired';
}

function timers(intervalMs: number, detectMult: number): BfdTimers {
  return { desiredMinTxMs: intervalMs, requiredMinRxMs: intervalMs, detectMult };
}
