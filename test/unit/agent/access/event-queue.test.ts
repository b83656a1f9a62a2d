/** The queue of waiting events beside a plain list that does the same with everything in memory. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, entryOf } from '../../../../agent/access/event-entry.ts';
import { EventQueue } from '../../../../agent/access/event-queue.ts';
import { EventStretch } from '../../../../agent/access/event-stretch.ts';
import type { SagEvent } from '../../../../agent/model/sag-event.ts';

const DAY_MS = 86_400_000;

function eventOf(seq: number, bootId = 'boot-1'): SagEvent {
  const content = { uplink: 'wan1', why: 'x'.repeat(seq % 7) };
  return {
    id: `${bootId}-${seq}`,
    bootId,
    seq,
    name: 'DeviceWanLinkDown',
    atMs: seq,
    wallMs: 0,
    content,
  };
}

const kept = (event: SagEvent, foundAtMs?: number): Entry =>
  entryOf(event, { kept: 'kept', foundAtMs });

/** Every key in order, wherever the event is. */
const keysOf = (queue: EventQueue): readonly string[] =>
  queue.parts.flatMap((part) => (part instanceof EventStretch ? part.keys() : [...part.keys()]));
const stretchesOf = (queue: EventQueue): readonly EventStretch[] =>
  queue.parts.filter((part) => part instanceof EventStretch);

function filled(count: number, letGoFrom = 1): EventQueue {
  const queue = new EventQueue();
  for (let seq = 1; seq <= count; seq += 1) {
    queue.push(kept(eventOf(seq)));
    if (seq >= letGoFrom) queue.letGo(`boot-1-${seq}`);
  }
  return queue;
}

/** What came of an act, and what should have. */
interface Outcome {
  readonly got: unknown;
  readonly wanted: unknown;
}
const DONE: Outcome = { got: undefined, wanted: undefined };

/** A queue and the plain list of its keys; a second pair waits to be joined to them. */
class Twin {
  readonly queue = new EventQueue();
  list: string[] = [];
  readonly #other = new EventQueue();
  #others: string[] = [];
  #seq = 0;

  push(at: number, boot: string): Outcome {
    this.#seq += 1;
    const isOther = at % 3 === 0;
    (isOther ? this.#other : this.queue).push(kept(eventOf(this.#seq, boot)));
    (isOther ? this.#others : this.list).push(`${boot}-${this.#seq}`);
    return DONE;
  }

  letGo(at: number): Outcome {
    this.queue.letGo(this.#pick(at));
    this.#other.letGo(this.#others[at % Math.max(1, this.#others.length)] ?? '');
    return DONE;
  }

  /** The disk has lost every fifth. */
  read(at: number): Outcome {
    const asked = stretchesOf(this.queue)[0]?.keys(1 + (at % 4)) ?? [];
    const isLost = (key: string): boolean => Number(key.split('-')[1]) % 5 === 0;
    const got = this.queue.restore(asked, (key) => {
      const [boot, seq] = key.split('-');
      return isLost(key) ? undefined : kept(eventOf(Number(seq), boot));
    });
    this.list = this.list.filter((key) => !got.includes(key));
    return { got, wanted: asked.filter(isLost) };
  }

  remove(at: number): Outcome {
    const key = this.#pick(at);
    const isHeld = this.queue.get(key) !== undefined;
    const got = this.queue.remove(key) !== undefined;
    this.list = this.list.filter((each) => !(got && each === key));
    return { got, wanted: isHeld };
  }

  shift(): Outcome {
    return { got: this.queue.shift()?.key, wanted: this.list.shift() };
  }

  join(): Outcome {
    this.queue.append(this.#other);
    this.list.push(...this.#others);
    this.#others = [];
    const { size, held, bytes } = this.#other;
    return { got: [size, held, bytes], wanted: [0, 0, 0] };
  }

  #pick(at: number): string {
    return this.list[at % Math.max(1, this.list.length)] ?? '';
  }
}

describe('a queue of events', () => {
  it('is the list it would be with all of them in memory, whatever is let go, read, removed and joined', () => {
    const does = fc.constantFrom(
      'push',
      'push',
      'letGo',
      'letGo',
      'read',
      'remove',
      'shift',
      'join',
    );
    const step = fc.record({ does, at: fc.nat({ max: 40 }), boot: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const twin = new Twin();
        for (const { does: act, at, boot } of steps) {
          const { got, wanted } = twin[act](at, boot);
          expect(got).toEqual(wanted);
          expect(keysOf(twin.queue)).toEqual(twin.list);
          expect([twin.queue.size, twin.queue.held]).toEqual([
            twin.list.length,
            twin.queue.heldKeys.length,
          ]);
          expect(twin.queue.parts.every(({ size }) => size > 0)).toBe(true);
        }
        while (twin.queue.shift() !== undefined);
        expect([twin.queue.size, twin.queue.held, twin.queue.parts]).toEqual([0, 0, []]);
      }),
    );
  });

  it('has as many parts for a hundred thousand on the disk as for two, and counts their bytes', () => {
    const queue = filled(100_000, 3);
    expect(queue.parts).toHaveLength(2);
    expect([queue.size, queue.held]).toEqual([100_000, 2]);
    const bytes = Array.from(
      { length: 100_000 },
      (_, at) => JSON.stringify(eventOf(at + 1)).length,
    );
    expect(queue.bytes).toBe(bytes.reduce((sum, each) => sum + each, 0));
    while (queue.size > 0) queue.shift();
    expect(queue.bytes).toBe(0);
  });

  it('keeps apart what other runs have left, what was found at another time, and gaps', () => {
    const queue = new EventQueue();
    for (const entry of [
      kept(eventOf(1, 'boot-0'), 5),
      kept(eventOf(2, 'boot-0'), 5),
      kept(eventOf(3, 'boot-0'), 6),
      kept(eventOf(1)),
      kept(eventOf(3)),
      kept(eventOf(4)),
    ]) {
      queue.push(entry);
      queue.letGo(entry.event.id);
    }
    expect(stretchesOf(queue).map(({ size, foundAtMs }) => [size, foundAtMs])).toEqual([
      [2, 5],
      [1, 6],
      [1, undefined],
      [2, undefined],
    ]);
  });

  it('lets go of nothing that the disk could not be asked for by its number', () => {
    const queue = new EventQueue();
    queue.push(kept({ ...eventOf(1), id: 'of-an-older-form' }));
    queue.letGo('of-an-older-form');
    expect([queue.held, stretchesOf(queue)]).toEqual([1, []]);
  });

  it('knows when the last of a stretch is too old, and drops it whole', () => {
    const queue = filled(5);
    const [stretch] = stretchesOf(queue);
    expect(stretch?.expiresAtMs).toBe(5 + 30 * DAY_MS);
    expect(stretch && queue.drop(stretch)).toEqual([1, 2, 3, 4, 5].map((seq) => `boot-1-${seq}`));
    expect([queue.size, queue.bytes, queue.parts]).toEqual([0, 0, []]);
  });
});
