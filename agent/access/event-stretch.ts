/**
 * Waiting events of one run of the agent with numbers in a row, which only the disk has: a first number and a last one,
 * so that a week of them costs as much memory as two.
 */
import type { Entry } from './event-entry.ts';

export class EventStretch {
  readonly foundAtMs: number | undefined;
  readonly #bootId: string;
  #from: number;
  #to: number;
  #bytes: number;
  #expiresAtMs: number;

  /** Of one event. */
  constructor({ event, bytes, expiresAtMs, foundAtMs }: Entry) {
    this.foundAtMs = foundAtMs;
    this.#bootId = event.bootId;
    this.#from = event.seq;
    this.#to = event.seq;
    this.#bytes = bytes;
    this.#expiresAtMs = expiresAtMs;
  }

  get size(): number {
    return this.#to - this.#from + 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** When the last of them is too old. */
  get expiresAtMs(): number {
    return this.#expiresAtMs;
  }

  /** The oldest, at most so many. */
  keys(most = this.size): readonly string[] {
    const count = Math.min(most, this.size);
    return Array.from({ length: count }, (_, at) => eventKey(this.#bootId, this.#from + at));
  }

  isOldest(key: string): boolean {
    return this.size > 0 && key === eventKey(this.#bootId, this.#from);
  }

  /** False when it does not follow directly. */
  extend({ event, bytes, expiresAtMs, foundAtMs }: Entry): boolean {
    const isOfOne = event.bootId === this.#bootId && foundAtMs === this.foundAtMs;
    if (!isOfOne || event.seq !== this.#to + 1) return false;
    this.#to += 1;
    this.#bytes += bytes;
    this.#expiresAtMs = Math.max(this.#expiresAtMs, expiresAtMs);
    return true;
  }

  /** Lets go of the oldest; answers with its bytes. Nobody has kept how large each was: it counts as its share. */
  shift(): number {
    const share = Math.round(this.#bytes / this.size);
    this.#from += 1;
    this.#bytes -= share;
    return share;
  }
}

/** As the outbox names its events; one of another name belongs to no stretch. */
export function eventKey(bootId: string, seq: number): string {
  return `${bootId}-${seq}`;
}
