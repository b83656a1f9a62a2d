/**
 * Sends messages one at a time: the next leaves when the last is acknowledged, and an unacknowledged one is
 * repeated a bounded number of times.
 *
 * A window of one is enough: a round trip on this line is shorter than anything it reports is urgent, and it
 * leaves nothing to reorder. Both ends of the line use it.
 */
import { nextSequence } from '../wire/frame.ts';
import { RoundTrip } from './round-trip.ts';

/** With one frame in three lost on its way or back, ten attempts fail once in 30,000 messages. */
export const ATTEMPTS_MAX = 10;

export interface Outgoing {
  readonly sequence: number;
  readonly payload: Uint8Array;
}

interface InFlight extends Outgoing {
  readonly sentAtMs: number;
  readonly attempts: number;
  readonly repeatAtMs: number;
}

export class OrderedSender {
  readonly #waitingMax: number;
  readonly #waiting: Uint8Array[] = [];
  #roundTrip = new RoundTrip();
  #lastSequence = 0;
  #inFlight: InFlight | undefined;
  #repeats = 0;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** How many messages were ever sent again. */
  get repeats(): number {
    return this.#repeats;
  }

  get roundTripMs(): number | undefined {
    return this.#roundTrip.smoothedMs;
  }

  /** When `onTime` wants to be called. */
  get repeatAtMs(): number | undefined {
    return this.#inFlight?.repeatAtMs;
  }

  /** Takes a message to send; false when too many wait already. */
  offer(payload: Uint8Array): boolean {
    if (this.#waiting.length >= this.#waitingMax) return false;
    this.#waiting.push(payload);
    return true;
  }

  /** The message that may leave now, if any. */
  next(nowMs: number): Outgoing | undefined {
    if (this.#inFlight !== undefined) return undefined;
    const payload = this.#waiting.shift();
    if (payload === undefined) return undefined;
    this.#lastSequence = nextSequence(this.#lastSequence);
    this.#inFlight = {
      sequence: this.#lastSequence,
      payload,
      sentAtMs: nowMs,
      attempts: 1,
      repeatAtMs: nowMs + this.#roundTrip.timeoutMs(1),
    };
    return this.#inFlight;
  }

  /** The far end took everything up to `acknowledgement`. Returns the payload that is thereby done with. */
  acknowledged(acknowledgement: number, nowMs: number): Uint8Array | undefined {
    const done = this.#inFlight;
    if (done === undefined || done.sequence !== acknowledgement) return undefined;
    if (done.attempts === 1) this.#roundTrip.measured(nowMs - done.sentAtMs);
    this.#inFlight = undefined;
    return done.payload;
  }

  /** The message to repeat when it is due at `nowMs`; `exhausted` when it has been repeated enough. */
  onTime(nowMs: number): Outgoing | 'exhausted' | undefined {
    const late = this.#inFlight;
    if (late === undefined || late.repeatAtMs > nowMs) return undefined;
    if (late.attempts >= ATTEMPTS_MAX) return 'exhausted';
    const attempts = late.attempts + 1;
    this.#repeats += 1;
    this.#inFlight = {
      ...late,
      attempts,
      repeatAtMs: nowMs + this.#roundTrip.timeoutMs(attempts),
    };
    return this.#inFlight;
  }

  /** Forgets everything under way and counts from the beginning: a new conversation. */
  restart(): void {
    this.#waiting.length = 0;
    this.#inFlight = undefined;
    this.#lastSequence = 0;
    this.#roundTrip = new RoundTrip();
  }
}
