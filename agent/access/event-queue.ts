/**
 * Waiting events in the order they happened: those at hand, and between them stretches of others that only the disk
 * has, whose content is read when their turn comes.
 */
import type { Entry } from './event-entry.ts';
import { EventStretch, eventKey } from './event-stretch.ts';

type HeldEvents = Map<string, Entry>;

export class EventQueue {
  /** Oldest first, none of them empty. */
  #parts: (HeldEvents | EventStretch)[] = [];
  #size = 0;
  #held = 0;
  #bytes = 0;

  get size(): number {
    return this.#size;
  }

  /** How many of them are at hand. */
  get held(): number {
    return this.#held;
  }

  /** As text, wherever they are. */
  get bytes(): number {
    return this.#bytes;
  }

  get parts(): readonly (ReadonlyMap<string, Entry> | EventStretch)[] {
    return [...this.#parts];
  }

  get heldKeys(): readonly string[] {
    return this.#parts.flatMap((part) => (part instanceof EventStretch ? [] : [...part.keys()]));
  }

  /** Of those that memory alone has: the disk would not have them, or has not said. */
  get oldestUnkept(): string | undefined {
    for (const part of this.#parts) {
      if (part instanceof EventStretch) continue;
      for (const [key, { kept }] of part) if (kept !== 'kept') return key;
    }
    return undefined;
  }

  get(key: string): Entry | undefined {
    return this.#partWith(key)?.get(key);
  }

  push(entry: Entry): void {
    let last = this.#parts.at(-1);
    if (last === undefined || last instanceof EventStretch) {
      last = new Map();
      this.#parts.push(last);
    }
    this.#hold(last, entry);
  }

  /** All of the other, which is empty then, behind all of this. */
  append(other: EventQueue): void {
    this.#parts.push(...other.#parts);
    this.#size += other.#size;
    this.#held += other.#held;
    this.#bytes += other.#bytes;
    other.clear();
  }

  clear(): void {
    this.#parts = [];
    this.#size = 0;
    this.#held = 0;
    this.#bytes = 0;
  }

  /** One at hand is not waiting any more. */
  remove(key: string): Entry | undefined {
    const part = this.#partWith(key);
    const entry = part?.get(key);
    if (part === undefined || entry === undefined) return undefined;
    part.delete(key);
    if (part.size === 0) this.#parts = this.#parts.filter((each) => each !== part);
    this.#size -= 1;
    this.#held -= 1;
    this.#bytes -= entry.bytes;
    return entry;
  }

  /** The oldest is not waiting any more; its key, and itself if it was at hand. */
  shift(): { readonly key: string; readonly entry?: Entry } | undefined {
    const [first] = this.#parts;
    if (first === undefined) return undefined;
    if (first instanceof EventStretch) {
      const [key = ''] = first.keys(1);
      this.#shiftStretch(first);
      return { key };
    }
    const [key = ''] = first.keys();
    const entry = this.remove(key);
    return entry === undefined ? undefined : { key, entry };
  }

  /** A whole stretch is not waiting any more; its keys. */
  drop(stretch: EventStretch): readonly string[] {
    this.#parts = this.#parts.filter((each) => each !== stretch);
    this.#size -= stretch.size;
    this.#bytes -= stretch.bytes;
    return stretch.keys();
  }

  /** The disk has it: from now on it alone. */
  letGo(key: string): void {
    const part = this.#partWith(key);
    const entry = part?.get(key);
    if (part === undefined || entry === undefined) return;
    if (key !== eventKey(entry.event.bootId, entry.event.seq)) return;
    const at = this.#parts.indexOf(part);
    const [before, after] = split(part, key);
    const former = before.size === 0 ? this.#parts[at - 1] : undefined;
    const isOfFormer = former instanceof EventStretch && former.extend(entry);
    const parts = [before, ...(isOfFormer ? [] : [new EventStretch(entry)]), after];
    this.#parts.splice(at, 1, ...parts.filter(({ size }) => size > 0));
    this.#held -= 1;
  }

  /**
   * What was asked for of stretches is at hand from now on; answers with the keys the disk has no sound record of.
   * What is not waiting any more is nobody's loss.
   */
  restore(
    asked: readonly string[],
    entryOf: (key: string, foundAtMs: number | undefined) => Entry | undefined,
  ): readonly string[] {
    return asked.filter((key) => {
      const stretch = this.#parts.find(
        (part): part is EventStretch => part instanceof EventStretch && part.isOldest(key),
      );
      if (stretch === undefined) return false;
      const entry = entryOf(key, stretch.foundAtMs);
      if (entry !== undefined) this.#hold(this.#heldBefore(stretch), entry);
      this.#shiftStretch(stretch);
      return entry === undefined;
    });
  }

  #hold(part: HeldEvents, entry: Entry): void {
    part.set(entry.event.id, entry);
    this.#size += 1;
    this.#held += 1;
    this.#bytes += entry.bytes;
  }

  #heldBefore(stretch: EventStretch): HeldEvents {
    const at = this.#parts.indexOf(stretch);
    const former = this.#parts[at - 1];
    if (former !== undefined && !(former instanceof EventStretch)) return former;
    const made: HeldEvents = new Map();
    this.#parts.splice(at, 0, made);
    return made;
  }

  #shiftStretch(stretch: EventStretch): void {
    this.#bytes -= stretch.shift();
    this.#size -= 1;
    if (stretch.size === 0) this.#parts = this.#parts.filter((each) => each !== stretch);
  }

  #partWith(key: string): HeldEvents | undefined {
    return this.#parts.find(
      (part): part is HeldEvents => !(part instanceof EventStretch) && part.has(key),
    );
  }
}

/** Those before it and those behind. The first of them costs nothing: that is how a long outage goes. */
function split(part: HeldEvents, key: string): readonly [HeldEvents, HeldEvents] {
  const [first] = part.keys();
  if (first === key) {
    part.delete(key);
    return [new Map(), part];
  }
  const entries = [...part];
  const at = entries.findIndex(([each]) => each === key);
  return [new Map(entries.slice(0, at)), new Map(entries.slice(at + 1))];
}
