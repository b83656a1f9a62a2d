/**
 * When a closed port is tried again, and whether its reason is worth a note.
 */
import { Backoff } from '../base/backoff.ts';
import type { Random } from '../base/random.ts';
import type { LineNote } from './line-note.ts';
import { portFaultCode } from './port-fault.ts';

/** Looking whether a path is back costs next to nothing, and whoever plugs a cable in waits for it. */
const ABSENT_LIMITS = { floorMs: 250, baseMs: 500, ceilingMs: 1_000 };
const OTHER_LIMITS = { floorMs: 250, baseMs: 500, ceilingMs: 5_000 };
const ABSENT: readonly string[] = ['missing', 'unplugged'];

/** A conversation this old shows that the line works: the next loss is a new one. */
const STABLE_MS = 10_000;

export interface ReopenPlan {
  readonly retryInMs: number;
  /** Absent while the port stays closed for the same reason. */
  readonly note?: LineNote;
}

export class Reopening {
  readonly #portName: string;
  readonly #absent: Backoff;
  readonly #other: Backoff;
  #lastWhy: string | undefined;

  constructor(random: Random, portName: string) {
    this.#portName = portName;
    this.#absent = new Backoff(ABSENT_LIMITS, random);
    this.#other = new Backoff(OTHER_LIMITS, random);
  }

  /** The port closed after it had been talked over for `talkedMs`. */
  closed(why: string, text: string, talkedMs: number): ReopenPlan {
    if (talkedMs >= STABLE_MS) {
      this.#absent.reset();
      this.#other.reset();
    }
    const backoff = ABSENT.includes(why) ? this.#absent : this.#other;
    const retryInMs = backoff.nextDelayMs();
    if (why === this.#lastWhy) return { retryInMs };
    this.#lastWhy = why;
    const port = this.#portName;
    const reason = portFaultCode(why);
    return {
      retryInMs,
      note: { code: 'portClosed', level: 'warning', port, reason, text, retryInMs },
    };
  }

  /** The board is up: whatever closes the port next is worth telling. */
  met(): void {
    this.#lastWhy = undefined;
  }
}
