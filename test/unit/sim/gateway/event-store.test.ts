/** Both event stores keep each event once and in order. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type EventStore,
  MemoryEventStore,
  type StoredEvent,
} from '../../../../sim/live/gateway/event-store.ts';
import { SqliteEventStore } from '../../../../sim/live/gateway/sqlite-event-store.ts';

let directory: string;
let store: EventStore;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'events-'));
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true });
});

function entry(serialNumber: string, bootId: string, seq: number): StoredEvent {
  const common = { v: 1, name: 'DeviceOnline', atMs: 1, wallMs: 2, content: { uplink: 'wan1' } };
  const kind = { statusCode: 'online', level: 'INFO', type: 'StatusNotification' };
  const event = { ...common, ...kind, id: `${bootId}-${seq}`, bootId, seq };
  return { serialNumber, gateway: 'gwa', event: event as StoredEvent['event'] };
}

describe.each([
  ['in memory', () => new MemoryEventStore()],
  ['on disk', () => new SqliteEventStore(join(directory, 'events.db'))],
])('an event store %s', (_where, open) => {
  beforeEach(() => {
    store = open();
  });

  test('keeps an event once, whatever is sent again, and tells which it was', async () => {
    const entries = [entry('a', 'b1', 1), entry('a', 'b1', 2), entry('a', 'b1', 1)];
    expect(await Promise.all(entries.map((each) => store.append(each)))).toEqual([
      'stored',
      'stored',
      'duplicate',
    ]);
    expect(store.all()).toEqual(entries.slice(0, 2));
  });

  test('tells devices, boots and sequence numbers apart', async () => {
    const entries = [entry('a', 'b1', 1), entry('a', 'b2', 1), entry('c', 'b1', 1)];
    for (const each of entries) expect(await store.append(each)).toBe('stored');
    expect(store.all()).toHaveLength(3);
  });
});

test('what was stored on disk is there after a restart, and still known as stored', async () => {
  const path = join(directory, 'events.db');
  store = new SqliteEventStore(path);
  await store.append(entry('a', 'b1', 1));
  store.close();
  store = new SqliteEventStore(path);
  expect(store.all()).toEqual([entry('a', 'b1', 1)]);
  expect(await store.append(entry('a', 'b1', 1))).toBe('duplicate');
});
