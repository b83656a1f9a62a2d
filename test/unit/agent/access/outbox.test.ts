/** The outbox in virtual time: durable first, in order, never forgotten too early. */
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../../agent/access/outbox.ts';
import { EVENTS_MAX } from '../../../../agent/access/outbox-room.ts';
import type { SagEvent } from '../../../../agent/model/sag-event.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { NO_LOSSES, OutboxScene, raised, topics } from '../../../kit/outbox-scene.ts';

function eventsOn(disk: ReadonlyMap<string, string>): readonly SagEvent[] {
  return [...disk.values()].map((value) => JSON.parse(value) as SagEvent);
}

describe('the outbox', () => {
  it('publishes an event only once it is on the disk', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    expect(scene.gateway).toEqual([]);
    scene.stored();
    expect(scene.gateway).toHaveLength(1);
    expect(scene.gateway[0]).toEqual({
      v: 1,
      id: 'boot-1-1',
      bootId: 'boot-1',
      seq: 1,
      name: 'DeviceWanLinkDown',
      statusCode: 'WanLinkDown',
      level: 'CRITICAL',
      type: 'Exception',
      atMs: 12,
      wallMs: 1_000,
      content: { uplink: 'wan1' },
    });
  });

  it('forgets an event only after the gateway has it', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    scene.stored();
    expect(scene.disk.size).toBe(1);
    scene.acknowledge();
    expect(scene.disk.size).toBe(0);
    expect(scene.outbox.snapshot()).toEqual({ pending: 0, dropped: 0, losses: NO_LOSSES });
  });

  it('keeps order and few in flight', () => {
    const scene = new OutboxScene();
    for (let count = 0; count < 20; count += 1) scene.hear(raised);
    scene.stored();
    scene.hear({ type: 'publishingOpened' });
    expect(scene.gateway).toHaveLength(8);
    for (let count = 0; count < 20; count += 1) {
      scene.acknowledge();
      scene.sleep(5);
    }
    expect(scene.gateway.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
  });

  it('sends the unacknowledged again with the same ids after a reconnection', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    scene.hear(raised);
    scene.stored();
    scene.acknowledge();
    scene.hear({ type: 'publishingClosed' });
    scene.hear({ type: 'publishingOpened' });
    expect(scene.gateway.map(({ id }) => id)).toEqual(['boot-1-1', 'boot-1-2', 'boot-1-2']);
  });

  it('sends nothing twice while acknowledgements are a minute late, and takes them in any order', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    for (let count = 0; count < 20; count += 1) scene.hear(raised);
    scene.stored();
    while (scene.inFlight.length > 0) {
      scene.sleep(60_000);
      scene.inFlight.reverse();
      scene.acknowledge();
    }
    expect(scene.gateway.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
    expect(scene.disk.size).toBe(0);
  });

  it('sends again only what had no acknowledgement when those before and behind it had', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    for (let count = 0; count < 3; count += 1) scene.hear(raised);
    scene.stored();
    const [first = -1, , third = -1] = scene.inFlight;
    for (const publishId of [third, first, third])
      scene.hear({ type: 'publishAcknowledged', publishId, reasonCode: 0 });
    scene.hear({ type: 'publishingClosed' });
    scene.hear({ type: 'publishingOpened' });
    expect(scene.gateway.map(({ seq }) => seq)).toEqual([1, 2, 3, 2]);
  });

  it('does not take an acknowledgement of the connection before for one of this', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    scene.stored();
    const old = scene.inFlight[0] ?? -1;
    scene.hear({ type: 'publishingClosed' });
    scene.hear({ type: 'publishingOpened' });
    scene.hear({ type: 'publishAcknowledged', publishId: old, reasonCode: 0 });
    expect(scene.disk.size).toBe(1);
  });

  it('publishes what a former run left before what this one raised', () => {
    const scene = new OutboxScene();
    const content = { uplink: 'wan2' };
    const left: SagEvent = {
      id: 'boot-0-9',
      bootId: 'boot-0',
      seq: 9,
      name: 'DeviceWanLinkUp',
      atMs: 1,
      wallMs: 2,
      content,
    };
    scene.hear(raised);
    scene.hear({ type: 'restored', events: [left] });
    scene.stored();
    scene.hear({ type: 'publishingOpened' });
    expect(scene.gateway.map(({ id }) => id)).toEqual(['boot-0-9', 'boot-1-1']);
  });

  it('keeps a week of link events, then drops the oldest and counts them', () => {
    expect(EVENTS_MAX).toBeGreaterThanOrEqual(100_000);
    const scene = new OutboxScene();
    for (let count = 0; count < EVENTS_MAX + 5; count += 1) {
      scene.hear(raised);
      scene.stored();
    }
    const losses = { ...NO_LOSSES, full: 5 };
    expect(scene.outbox.snapshot()).toEqual({ pending: EVENTS_MAX, dropped: 5, losses });
    expect(scene.reports).toBe(5);
    expect(scene.disk.size).toBe(EVENTS_MAX);
    expect(scene.disk.has('boot-1-1')).toBe(false);
    expect(scene.notes).toContain('eventsDropped');
  });

  it('still publishes when the disk refuses, and says so once', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    scene.hear(raised);
    scene.stored(false);
    expect(scene.gateway).toHaveLength(2);
    expect(scene.notes.filter((code) => code === 'storeRefused')).toHaveLength(1);
  });

  it('rests for a while when the gateway has no room, and then tries the same event', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    scene.stored();
    scene.acknowledge(0x97);
    expect(scene.gateway).toHaveLength(1);
    scene.sleep(5_000);
    expect(scene.gateway.map(({ id }) => id)).toEqual(['boot-1-1', 'boot-1-1']);
  });

  it('sets aside an event that the gateway will never take', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    scene.hear(raised);
    scene.stored();
    scene.acknowledge(0x99);
    expect(scene.notes).toContain('eventQuarantined');
    scene.acknowledge();
    expect(scene.outbox.snapshot().pending).toBe(0);
  });

  it('loses nothing over crashes, reconnections and late acknowledgements', () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const random = new SeededRandom(seed);
      const had = new Set<string>();
      const wanted = new Set<string>();
      let disk = new Map<string, string>();
      for (let run = 0; run < 4; run += 1) {
        const scene = new OutboxScene();
        const outbox = new Outbox(`boot-${run}`, topics);
        Object.assign(scene, { outbox, disk });
        scene.hear({ type: 'restored', events: eventsOn(disk) });
        for (let step = 0; step < 60; step += 1) {
          const drawn = random.u32() % 6;
          if (drawn === 0) scene.hear(raised);
          if (drawn === 1) {
            for (const key of scene.unanswered) wanted.add(key);
            scene.stored();
          }
          if (drawn === 2) scene.hear({ type: 'publishingOpened' });
          if (drawn === 3) {
            scene.hear({ type: 'publishingClosed' });
            scene.inFlight.length = 0;
          }
          if (drawn > 3 && scene.inFlight.length > 0) scene.acknowledge();
        }
        for (const { id } of scene.gateway) had.add(id);
        // A crash: what was not yet answered may or may not be on the disk.
        disk = new Map([...scene.disk].filter(([key]) => wanted.has(key)));
      }
      const kept = new Set(disk.keys());
      for (const id of wanted) expect(had.has(id) || kept.has(id)).toBe(true);
    }
  });
});
