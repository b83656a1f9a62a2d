/**
 * Timestamps of STAMP in NTP's 64-bit format (RFC 8762 section 4.2.1: Z = 0), and their error estimate.
 *
 * Ours come from the monotonic clock: what is measured are differences, which a jump of the wall clock must not
 * touch. So the S bit says that the clock is synchronised with nobody, and only differences between stamps of
 * one end mean anything.
 */

/** Seconds and 2^-32 parts of one, both unsigned 32-bit. */
export interface StampTime {
  readonly seconds: number;
  readonly fraction: number;
}

const FRACTIONS = 0x1_0000_0000;

export function stampTime(nowMs: number): StampTime {
  const seconds = Math.floor(nowMs / 1_000);
  const fraction = Math.floor(((nowMs - seconds * 1_000) / 1_000) * FRACTIONS);
  return { seconds: seconds >>> 0, fraction: Math.min(FRACTIONS - 1, fraction) };
}

/** `a` minus `b` in milliseconds; stamps of one clock, less than 68 years apart. */
export function stampDifferenceMs(a: StampTime, b: StampTime): number {
  const seconds = (a.seconds - b.seconds) | 0;
  return seconds * 1_000 + ((a.fraction - b.fraction) / FRACTIONS) * 1_000;
}

const SCALE_MAX = 63;
const MULTIPLIER_MAX = 255;

/**
 * "Error = Multiplier * 2^(-32) * 2^Scale (in seconds)" with 6 bits of scale and 8 of multiplier, which MUST
 * NOT be zero (RFC 4656 section 4.1.2). Rounded up; S and Z stay 0.
 */
export function errorEstimate(errorMs: number): number {
  let multiplier = Math.max(1, (errorMs / 1_000) * FRACTIONS);
  let scale = 0;
  while (multiplier > MULTIPLIER_MAX && scale < SCALE_MAX) {
    multiplier /= 2;
    scale += 1;
  }
  return (scale << 8) | Math.min(MULTIPLIER_MAX, Math.ceil(multiplier));
}

export function errorOfEstimateMs(estimate: number): number {
  const scale = (estimate >> 8) & SCALE_MAX;
  return ((estimate & MULTIPLIER_MAX) * 2 ** scale * 1_000) / FRACTIONS;
}

/** Packets are stamped in JavaScript: between the wire and the stamp lie up to a turn of the loop. */
export const STAMP_ERROR_ESTIMATE = errorEstimate(1);
