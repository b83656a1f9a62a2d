/**
 * The measured quality of a path over a window of time. What was not measured is absent, never zero.
 */
export interface PathQualityFigures {
  /** Probes of the window whose fate is known. */
  readonly samples: number;
  readonly windowMs: number;
  /** Of the round trip. */
  readonly lossPercent: number;
  /** Probes lost on the way there and on the way back; `lostUnknown` have no later answer that would tell. */
  readonly lostUp: number;
  readonly lostDown: number;
  readonly lostUnknown: number;
  readonly lossUpPercent: number;
  readonly lossDownPercent: number;
  /** Probes that were answered in time; a lost one is in no percentile. */
  readonly rttSamples: number;
  readonly rtt?: Percentiles;
  /** RFC 3550 section 6.4.1, each way for itself: differences need no common clock. */
  readonly jitterUpMs?: number;
  readonly jitterDownMs?: number;
}

export interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}
