/**
 * Two clocks, kept apart on purpose.
 *
 * Every timer and every interval uses monotonic time. Wall time is only a field of a report: it may jump by
 * ten years without anything but that field changing.
 */
export interface MonotonicClock {
  /** Milliseconds, fractional, never going back; comparable between processes of one machine. */
  nowMs(): number;
}

export interface WallClock {
  /** Milliseconds since the Unix epoch, as far as this machine knows. */
  wallMs(): number;
}

/** Calls back once at a moment of the monotonic clock. Arming again replaces the former moment. */
export interface Alarm {
  armAt(atMs: number): void;
  disarm(): void;
}
