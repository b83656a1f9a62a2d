/**
 * How long to wait for an acknowledgement: the measured round trip and its spread, as in RFC 6298, doubled
 * with each attempt.
 */

/** Before the first measurement. Long for a serial line, so that a slow board is not spoken over. */
const FIRST_MS = 200;
/** A frame of full length takes 25 ms at 115200 baud in each direction, plus what the MCU is busy with. */
const FLOOR_MS = 50;
/** The attempts of one message together must not outlast the heartbeat's patience by much. */
const CEILING_MS = 400;
/** RFC 6298 section 2. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
const SPREADS = 4;

export class RoundTrip {
  #smoothedMs: number | undefined;
  #spreadMs = 0;

  /** The smoothed round trip; undefined before the first measurement. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs;
  }

  /** Takes in one measurement. Never of a repeated message: nobody knows which copy was answered (Karn). */
  measured(roundTripMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = roundTripMs;
      this.#spreadMs = roundTripMs / 2;
      return;
    }
    this.#spreadMs += BETA * (Math.abs(this.#smoothedMs - roundTripMs) - this.#spreadMs);
    this.#smoothedMs += ALPHA * (roundTripMs - this.#smoothedMs);
  }

  /** Patience for attempt number `attempt`, counted from 1. */
  timeoutMs(attempt: number): number {
    const onceMs =
      this.#smoothedMs === undefined ? FIRST_MS : this.#smoothedMs + SPREADS * this.#spreadMs;
    return Math.min(CEILING_MS, Math.max(FLOOR_MS, onceMs) * 2 ** (attempt - 1));
  }
}
