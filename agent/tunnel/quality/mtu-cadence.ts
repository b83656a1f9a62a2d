/**
 * How often a size that passed is asked for again: each question is a full packet there and a full packet back.
 *
 * The branch asks for both ends: an answer proves both directions. Its far end asks rarely by itself, and at once when
 * it hears the branch ask for less than it believes in.
 */
import type { Uplink, UplinkKind } from '../../model/uplink.ts';

/** At 1,420 bytes 25 MB a day on a wire, a third of what liveness costs there, and 4 MB on a card that is not metered. */
const RECHECK_MS: Readonly<Record<UplinkKind, number>> = {
  wired: 10_000,
  'leased-line': 10_000,
  lte: 60_000,
};
const FAR_END_MS = 600_000;
/** Beside what liveness spends of a budget so much of it goes here. */
const BUDGET_SHARE = 0.1;
const METERED_MS = { least: 600_000, most: 86_400_000 } as const;
/** The longest month, so that the share holds in each. */
const MONTH_MS = 31 * 86_400_000;

export interface AskedPath {
  /** Undefined at the far end, which has none. */
  readonly uplink: Uplink | undefined;
  /** That share the uplink. */
  readonly tunnels: number;
  readonly mtu: number;
}

export function mtuRecheckMs({ uplink, tunnels, mtu }: AskedPath): number {
  if (uplink === undefined) return FAR_END_MS;
  const { kind, probeBudgetBytesPerMonth: budget } = uplink;
  if (budget === undefined) return RECHECK_MS[kind];
  const affordableMs = (2 * mtu * tunnels * MONTH_MS) / (BUDGET_SHARE * budget);
  return Math.min(METERED_MS.most, Math.max(METERED_MS.least, Math.ceil(affordableMs)));
}
