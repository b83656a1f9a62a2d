/**
 * Which events of a long backlog are in memory: the oldest few hundred, which go next, and whatever the disk has not
 * got. Of the others only the index is held, and their content is read when their turn comes.
 */
import type { SagEvent } from '../model/sag-event.ts';

/** At 200 a second some seconds' worth; a flood of them takes a few hundred kilobytes. */
export const HELD_MAX = 512;
/** Read at once: one query of a few milliseconds. */
const READ_MAX = 64;

export interface Entry {
  /** Undefined: on the disk alone. */
  event: SagEvent | undefined;
  /** As text. */
  readonly bytes: number;
  readonly expiresAtMs: number;
  /** `refused`: the disk would not have it; memory is all there is. */
  kept: 'not-yet' | 'kept' | 'refused';
  publishId: number | undefined;
  refusals: number;
}

export class OutboxContents {
  #held = 0;
  #awaited: readonly string[] | undefined;

  /** An entry that came with its content. */
  took(): void {
    this.#held += 1;
  }

  forgot({ event }: Entry): void {
    if (event !== undefined) this.#held -= 1;
  }

  /** Lets go of what the disk has, when enough is held without it. */
  spare(entry: Entry): void {
    if (this.#held <= HELD_MAX || entry.kept !== 'kept' || entry.event === undefined) return;
    entry.event = undefined;
    this.#held -= 1;
  }

  /** What to read next of this lane; nothing while an answer is awaited. */
  wanted(lane: ReadonlyMap<string, Entry>): readonly string[] {
    if (this.#awaited !== undefined) return [];
    const keys: string[] = [];
    for (const [key, { event }] of lane) {
      if (event === undefined) keys.push(key);
      if (keys.length === READ_MAX) break;
    }
    this.#awaited = keys;
    return keys;
  }

  /** Puts what was read into its places; answers with the keys the disk has no sound record of. */
  read(events: readonly SagEvent[], entryOf: (key: string) => Entry | undefined): string[] {
    for (const event of events) {
      const entry = entryOf(event.id);
      if (entry === undefined || entry.event !== undefined) continue;
      entry.event = event;
      this.#held += 1;
    }
    const asked = this.#awaited ?? [];
    this.#awaited = undefined;
    return asked.filter((key) => {
      const entry = entryOf(key);
      return entry !== undefined && entry.event === undefined;
    });
  }

  /** The disk did not answer: the same is asked again later. */
  unread(): void {
    this.#awaited = undefined;
  }
}
