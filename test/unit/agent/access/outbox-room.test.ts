/** Which waiting event goes when there is one too many, of two lanes of any size. */
import { describe, expect, it } from 'vitest';
import { type Entry, entryOf } from '../../../../agent/access/event-entry.ts';
import { EventQueue } from '../../../../agent/access/event-queue.ts';
import {
  EVENTS_MAX,
  HELD_MAX,
  OUTBOX_BYTES_MAX,
  oneTooMany,
  UNKEPT_MAX,
} from '../../../../agent/access/outbox-room.ts';
import { raised } from '../../../kit/outbox-scene.ts';

const { name, content, atMs, wallMs } = raised;
const EVENT = { id: 'boot-1-1', bootId: 'boot-1', seq: 1, name, content, atMs, wallMs };
const SMALL = entryOf(EVENT, { kept: 'kept', foundAtMs: undefined });

function lane(lowest: number, count: number, over: Partial<Entry> = {}): EventQueue {
  const queue = new EventQueue();
  for (let seq = lowest; seq < lowest + count; seq += 1) {
    queue.push({ ...SMALL, event: { ...EVENT, id: `boot-1-${seq}`, seq }, ...over });
  }
  return queue;
}

const keyOf = (...lanes: readonly EventQueue[]) => oneTooMany(lanes)?.key;

describe('room on the disk', () => {
  it('is for 64 MB to the last byte, and then the oldest goes', () => {
    const half = { bytes: OUTBOX_BYTES_MAX / 2 };
    expect(keyOf(lane(1, 1, half), lane(2, 1, half))).toBeUndefined();
    const [waited, live] = [lane(1, 1, half), lane(2, 1, { bytes: half.bytes + 1 })];
    expect(keyOf(waited, live)).toBe('boot-1-1');
    expect([waited.size, live.size]).toEqual([0, 1]);
    expect(keyOf(waited, live)).toBeUndefined();
  });

  it('is made by what happens now where nothing waits', () => {
    const live = lane(1, 3, { bytes: OUTBOX_BYTES_MAX / 2 });
    expect(keyOf(lane(9, 0), live)).toBe('boot-1-1');
    expect(live.size).toBe(2);
  });

  it('is for as many events as a week offline has', () => {
    const [waited, live] = [lane(1, EVENTS_MAX - 1), lane(EVENTS_MAX, 1)];
    for (const key of waited.heldKeys.slice(0, EVENTS_MAX - 2)) waited.letGo(key);
    expect(keyOf(waited, live)).toBeUndefined();
    live.push({ ...SMALL, event: { ...EVENT, id: 'boot-1-200000', seq: 200_000 } });
    expect(keyOf(waited, live)).toBe('boot-1-1');
    expect(waited.size).toBe(EVENTS_MAX - 2);
  });
});

describe('room in memory', () => {
  const most = HELD_MAX + UNKEPT_MAX;
  const refused = { kept: 'refused' } as const;

  it('is for what the disk refuses up to its bound, and then the oldest of that goes', () => {
    expect(keyOf(lane(1, 1), lane(2, most - 1, refused))).toBeUndefined();
    const [waited, live] = [lane(1, 1), lane(2, most, refused)];
    const gone = oneTooMany([waited, live]);
    expect(gone).toMatchObject({ key: 'boot-1-2', entry: { kept: 'refused' } });
    expect([waited.size, live.size]).toEqual([1, most - 1]);
  });

  it('is taken from what waited before it is taken from what happens now', () => {
    const [waited, live] = [lane(1, 2, refused), lane(3, most, refused)];
    expect([keyOf(waited, live), keyOf(waited, live)]).toEqual(['boot-1-1', 'boot-1-2']);
    expect(keyOf(waited, live)).toBeUndefined();
  });

  it('is not made by losing what the disk has', () => {
    expect(keyOf(lane(1, most + 1))).toBeUndefined();
  });
});
