/**
 * What traffic demands of a path. A path is given up at one set of limits and taken back at a stricter one, so
 * that a path in between stays where it is.
 */
export interface SlaLimits {
  /** Each way for itself. */
  readonly lossPercentMax: number;
  /** Median of the round trips. */
  readonly rttMsMax: number;
  /** Each way for itself (RFC 3550). */
  readonly jitterMsMax: number;
}

export interface SlaClass {
  readonly name: string;
  readonly demote: SlaLimits;
  readonly promote: SlaLimits;
}

export type SlaName = 'interactive' | 'standard' | 'bulk';

/**
 * At ten probes a second and one per cent of loss the standard class is violated by chance once in days; a
 * stricter loss limit would need more probes than it is worth.
 */
export const SLA_CLASSES: Readonly<Record<SlaName, SlaClass>> = {
  interactive: {
    name: 'interactive',
    demote: { lossPercentMax: 5, rttMsMax: 200, jitterMsMax: 40 },
    promote: { lossPercentMax: 1, rttMsMax: 150, jitterMsMax: 25 },
  },
  standard: {
    name: 'standard',
    demote: { lossPercentMax: 5, rttMsMax: 400, jitterMsMax: 100 },
    promote: { lossPercentMax: 2, rttMsMax: 300, jitterMsMax: 60 },
  },
  bulk: {
    name: 'bulk',
    demote: { lossPercentMax: 15, rttMsMax: 1_500, jitterMsMax: 500 },
    promote: { lossPercentMax: 8, rttMsMax: 1_000, jitterMsMax: 300 },
  },
};
