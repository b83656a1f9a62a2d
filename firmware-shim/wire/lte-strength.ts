/**
 * Which bucket of the SAG API (DescribeSagWan4G) an LTE reading falls into.
 *
 * The API names the buckets and not their limits. The limits here are ours, taken from the public inspection
 * rules for these boxes: -85 dBm and better is good, down to -100 dBm is fair, below is poor. The raw dBm always
 * travels along.
 */
import type { LteStrength } from './messages.ts';

export interface LteStrengthRule {
  readonly strength: Exclude<LteStrength, 'Unavailable' | 'Low'>;
  readonly dBmMin: number;
}

/** Best first; what no rule takes is Low. */
export const LTE_STRENGTH_RULES: readonly LteStrengthRule[] = [
  { strength: 'High', dBmMin: -85 },
  { strength: 'Middle', dBmMin: -100 },
];

/** Without a reading a signal is Unavailable, whatever the reason. */
export function lteStrength(dBm: number | undefined): LteStrength {
  if (dBm === undefined) return 'Unavailable';
  return LTE_STRENGTH_RULES.find(({ dBmMin }) => dBm >= dBmMin)?.strength ?? 'Low';
}
