/**
 * How a diagnostic ended.
 */
export interface ToolEnd {
  /** Whether it found what was asked for. */
  readonly ok: boolean;
  /** One line that sums it up. */
  readonly summary: string;
  /** Ended by a bound before its own end. */
  readonly cut: boolean;
}
