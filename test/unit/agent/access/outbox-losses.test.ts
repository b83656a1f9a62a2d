/** What the outbox tells first, how fast it tells what waited, and what it gives up: counted, and reported. */
import { describe, expect, it } from 'vitest';
import { NO_LOSSES, OutboxScene, raised } from '../../../kit/outbox-scene.ts';

const DAY_MS = 86_400_000;

describe('an outbox under pressure', () => {
  it('keeps an event the gateway refuses for good where somebody can look at it', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    scene.stored();
    scene.acknowledge(0x95);
    expect(scene.disk.has('boot-1-1')).toBe(false);
    expect(JSON.parse(scene.quarantine.get('0') ?? '')).toMatchObject({
      reason: 'EMQTT_0x95',
      event: { id: 'boot-1-1' },
    });
    expect(scene.outbox.snapshot().losses).toEqual({ ...NO_LOSSES, refused: 1 });
    expect(scene.reports).toBe(1);
  });

  it('sets an event aside that was refused five times, so that those behind it get their turn', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    scene.stored();
    for (let refusal = 0; refusal < 5; refusal += 1) {
      scene.acknowledge(0x83);
      scene.sleep(5_000);
    }
    expect(scene.gateway).toHaveLength(5);
    expect(scene.notes).toContain('eventQuarantined');
    expect(scene.outbox.snapshot().pending).toBe(0);
  });

  it('never gives an event up because the gateway has no room', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    scene.stored();
    for (let refusal = 0; refusal < 50; refusal += 1) {
      scene.acknowledge(0x97);
      scene.sleep(5_000);
    }
    expect(scene.outbox.snapshot()).toEqual({ pending: 1, dropped: 0, losses: NO_LOSSES });
  });

  it('tells what happens now before what waited, each in its order', () => {
    const scene = new OutboxScene();
    for (let count = 0; count < 20; count += 1) scene.hear(raised);
    scene.stored();
    scene.hear({ type: 'publishingOpened' });
    for (let count = 0; count < 2; count += 1) scene.hear(raised);
    scene.stored();
    while (scene.inFlight.length > 0 || scene.outbox.deadline() !== undefined) {
      scene.acknowledge();
      scene.sleep(5);
    }
    const seqs = scene.gateway.map(({ seq }) => seq);
    expect(seqs.slice(0, 12)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 21, 22, 9, 10]);
    expect(seqs.slice(10)).toEqual(Array.from({ length: 12 }, (_, at) => at + 9));
  });

  it('keeps 64 MB at most, gives up the oldest beyond that, and has room again when they are gone', () => {
    const scene = new OutboxScene();
    const big = { ...raised, content: { uplink: 'w'.repeat(8 * 1024 * 1024) } };
    const raise = (count: number): void => {
      for (let each = 0; each < count; each += 1) scene.hear(big);
      scene.stored();
    };
    raise(9);
    expect(scene.outbox.snapshot()).toMatchObject({ pending: 7, losses: { full: 2 } });
    expect([...scene.disk.keys()]).toEqual([3, 4, 5, 6, 7, 8, 9].map((seq) => `boot-1-${seq}`));
    scene.nowMs = 31 * DAY_MS;
    scene.hear({ type: 'publishingOpened' });
    scene.hear({ type: 'publishingClosed' });
    expect(scene.outbox.snapshot()).toMatchObject({ pending: 0, losses: { full: 2, expired: 7 } });
    raise(7);
    expect(scene.outbox.snapshot()).toMatchObject({ pending: 7, losses: { full: 2 } });
  });

  it('counts what was live when the gateway went away once, and tells it after what waited', () => {
    const scene = new OutboxScene();
    for (let each = 0; each < 9; each += 1) scene.hear(raised);
    scene.stored();
    scene.hear({ type: 'publishingOpened' });
    for (let each = 0; each < 3; each += 1) scene.hear(raised);
    scene.stored();
    scene.hear({ type: 'publishingClosed' });
    scene.inFlight.length = 0;
    scene.gateway.length = 0;
    expect(scene.outbox.snapshot().pending).toBe(12);
    scene.hear({ type: 'publishingOpened' });
    while (scene.inFlight.length > 0 || scene.outbox.deadline() !== undefined) {
      scene.acknowledge();
      scene.sleep(5);
    }
    expect(scene.gateway.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(scene.outbox.snapshot().pending).toBe(0);
  });

  it('drops what is too old to be of use, counts it and says so', () => {
    const scene = new OutboxScene();
    scene.hear({ ...raised, name: 'DeviceWanLinkUp' });
    scene.hear(raised);
    scene.stored();
    scene.nowMs = 8 * DAY_MS;
    scene.hear({ type: 'publishingOpened' });
    expect(scene.gateway.map(({ name }) => name)).toEqual(['DeviceWanLinkDown']);
    expect(scene.outbox.snapshot().losses).toEqual({ ...NO_LOSSES, expired: 1 });
    expect(scene.disk.has('boot-1-1')).toBe(false);
    expect([scene.notes.includes('eventsDropped'), scene.reports]).toEqual([true, 1]);
  });

  it('does not count the time a device was off, nor believe a clock, for the age of an event', () => {
    const scene = new OutboxScene();
    const old = { id: 'boot-0-1', bootId: 'boot-0', seq: 1, atMs: -40 * DAY_MS, wallMs: 0 };
    const { name, content } = raised;
    scene.hear({ type: 'restored', events: [{ ...old, name, content }] });
    scene.hear({ type: 'publishingOpened' });
    expect(scene.gateway).toHaveLength(1);
  });

  it('comes back from a week offline at 200 events a second at most, and loses none', () => {
    const scene = new OutboxScene();
    const count = 20_000;
    for (let at = 0; at < count; at += 1) {
      scene.nowMs = Math.floor((at * 6.9 * DAY_MS) / count);
      scene.hear({ ...raised, atMs: scene.nowMs });
      scene.stored();
    }
    const openedAtMs = scene.nowMs;
    scene.hear({ type: 'publishingOpened' });
    const sentAtMs: number[] = [];
    while (scene.outbox.snapshot().pending > 0) {
      while (scene.inFlight.length > 0 || scene.asked.length > 0) {
        if (scene.inFlight.length === 0) scene.read();
        else {
          sentAtMs.push(scene.nowMs);
          scene.acknowledge();
        }
      }
      scene.sleep(5);
    }
    expect(new Set(scene.gateway.map(({ id }) => id)).size).toBe(count);
    for (let at = 200 + 8; at < count; at += 1) {
      expect((sentAtMs[at] ?? 0) - (sentAtMs[at - 208] ?? 0)).toBeGreaterThanOrEqual(990);
    }
    expect(scene.nowMs - openedAtMs).toBeLessThan((count / 200) * 1_000 * 1.1);
    expect(scene.outbox.snapshot()).toEqual({ pending: 0, dropped: 0, losses: NO_LOSSES });
  });
});
