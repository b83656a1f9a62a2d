/** A long backlog: a few hundred of it are in memory, and nothing of the others. */
import { describe, expect, it } from 'vitest';
import { HELD_MAX, UNKEPT_MAX } from '../../../../agent/access/outbox-room.ts';
import type { SagEvent } from '../../../../agent/model/sag-event.ts';
import { NO_LOSSES, OutboxScene, raised } from '../../../kit/outbox-scene.ts';

const LONG = 3 * HELD_MAX;
/** F-17. */
const WINDOW_MAX = 32;
/** So long the gravest event is worth telling. */
const MONTH_MS = 30 * 86_400_000;

/** So many events were raised while there was no gateway, and are on the disk. */
function offline(count = LONG): OutboxScene {
  const scene = new OutboxScene();
  raise(scene, count);
  return scene;
}

function raise(scene: OutboxScene, count: number): void {
  for (let raisedNow = 0; raisedNow < count; raisedNow += 1) {
    scene.hear(raised);
    scene.stored();
  }
}

/** The gateway takes and the disk answers everything, for as long as there is something to do. */
function tellAll(scene: OutboxScene): void {
  scene.hear({ type: 'publishingOpened' });
  for (let turn = 0; turn < 100 * LONG && scene.outbox.snapshot().pending > 0; turn += 1) {
    if (scene.inFlight.length > 0) scene.acknowledge();
    else if (scene.asked.length > 0) scene.read();
    else scene.sleep(10_000);
  }
}

/** The same, and how many events had to be read for it. */
function readWhileTold(scene: OutboxScene): number {
  let read = 0;
  scene.hear({ type: 'publishingOpened' });
  while (scene.outbox.snapshot().pending > 0) {
    read += scene.asked[0]?.length ?? 0;
    if (scene.asked.length > 0) scene.read();
    else if (scene.inFlight.length > 0) scene.acknowledge();
    else scene.sleep(1_000);
  }
  return read;
}

const numbers = (scene: OutboxScene) => scene.gateway.map(({ seq }) => seq);
const inOrder = Array.from({ length: LONG }, (_, index) => index + 1);

describe('a long backlog', () => {
  it('is told whole and in order, though most of it has to be read first', () => {
    const scene = offline();
    tellAll(scene);
    expect(numbers(scene)).toEqual(inOrder);
    expect(scene.disk.size).toBe(0);
    expect(scene.outbox.snapshot()).toEqual({ pending: 0, dropped: 0, losses: NO_LOSSES });
  });

  it('of a former run is read when its turn comes, too', () => {
    const former = offline();
    const scene = new OutboxScene();
    for (const [key, value] of former.disk) scene.disk.set(key, value);
    const events = [...former.disk.values()].map((value) => JSON.parse(value) as SagEvent);
    scene.hear({ type: 'restored', events });
    expect(readWhileTold(scene)).toBe(LONG - HELD_MAX);
    expect(numbers(scene)).toEqual(inOrder);
  });

  it('asks the disk for a few at a time, and one question at a time', () => {
    const scene = offline();
    scene.hear({ type: 'publishingOpened' });
    let asked = 0;
    while (scene.outbox.snapshot().pending > 0) {
      expect(scene.asked.length).toBeLessThanOrEqual(1);
      for (const keys of scene.asked) expect(keys.length).toBeLessThanOrEqual(64);
      if (scene.asked.length > 0) {
        asked += scene.asked[0]?.length ?? 0;
        scene.read();
      } else if (scene.inFlight.length > 0) scene.acknowledge();
      else scene.sleep(1_000);
    }
    // The oldest were held all the time.
    expect(asked).toBe(LONG - HELD_MAX);
  });

  it('asks nothing more while the disk is slow to answer, whatever happens meanwhile', () => {
    const scene = offline();
    scene.hear({ type: 'publishingOpened' });
    while (scene.asked.length === 0) {
      if (scene.inFlight.length > 0) scene.acknowledge();
      else scene.sleep(1_000);
    }
    for (let more = 0; more < 3; more += 1) {
      scene.hear(raised);
      scene.stored();
      scene.acknowledge();
    }
    scene.sleep(60_000);
    expect(scene.asked).toHaveLength(1);
    tellAll(scene);
    expect(numbers(scene).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: LONG + 3 }, (_, index) => index + 1),
    );
  });

  it('has as much in memory the second time as the first', () => {
    const scene = offline();
    tellAll(scene);
    scene.hear({ type: 'publishingClosed' });
    raise(scene, LONG);
    expect(readWhileTold(scene)).toBe(LONG - HELD_MAX);
    expect(scene.gateway).toHaveLength(2 * LONG);
  });

  it('has no more in memory for what was raised while it was told and the gateway then went away', () => {
    const scene = offline();
    scene.hear({ type: 'publishingOpened' });
    raise(scene, 300);
    scene.hear({ type: 'publishingClosed' });
    scene.inFlight.length = 0;
    expect(readWhileTold(scene)).toBe(LONG + 300 - HELD_MAX);
    expect(new Set(numbers(scene)).size).toBe(LONG + 300);
  });

  it('stays in memory as far as the disk refuses it, and is told from there', () => {
    const scene = offline(HELD_MAX);
    for (let raisedNow = HELD_MAX; raisedNow < LONG; raisedNow += 1) {
      scene.hear(raised);
      scene.stored(false);
    }
    scene.disk.clear();
    tellAll(scene);
    expect(numbers(scene)).toEqual(inOrder);
    expect(scene.outbox.snapshot().losses).toEqual(NO_LOSSES);
  });

  it('of a disk that refuses for long is as long as memory allows: the oldest go, and are counted', () => {
    const scene = new OutboxScene();
    const most = HELD_MAX + UNKEPT_MAX;
    for (let raisedNow = 0; raisedNow < most + 100; raisedNow += 1) {
      scene.hear(raised);
      scene.stored(false);
    }
    const losses = { ...NO_LOSSES, full: 100 };
    expect(scene.outbox.snapshot()).toEqual({ pending: most, dropped: 100, losses });
    scene.hear({ type: 'publishingOpened' });
    expect(numbers(scene)[0]).toBe(101);
  });

  it('that has become too old while the disk looked for it is not told, and is no unreadable one', () => {
    const scene = offline();
    scene.hear({ type: 'publishingOpened' });
    while (scene.asked.length === 0) {
      if (scene.inFlight.length > 0) scene.acknowledge();
      else scene.sleep(1_000);
    }
    while (scene.inFlight.length > 0) scene.acknowledge();
    const told = scene.gateway.length;
    scene.nowMs += MONTH_MS;
    scene.hear({ ...raised, atMs: scene.nowMs });
    scene.stored();
    scene.read();
    scene.acknowledge();
    expect(numbers(scene).slice(told)).toEqual([LONG + 1]);
    const losses = { ...NO_LOSSES, expired: LONG - told };
    expect(scene.outbox.snapshot()).toEqual({ pending: 0, dropped: LONG - told, losses });
  });

  it('counts what the disk has no sound record of any more, and tells the rest', () => {
    const scene = offline();
    scene.disk.delete(`boot-1-${LONG - 1}`);
    tellAll(scene);
    expect(numbers(scene)).toEqual(inOrder.filter((seq) => seq !== LONG - 1));
    const losses = { ...NO_LOSSES, unreadable: 1 };
    expect(scene.outbox.snapshot()).toEqual({ pending: 0, dropped: 1, losses });
    expect(scene.notes).toContain('eventsDropped');
  });

  it('waits for a disk that does not answer, and loses nothing', () => {
    const scene = offline();
    scene.hear({ type: 'publishingOpened' });
    while (scene.asked.length === 0) {
      if (scene.inFlight.length > 0) scene.acknowledge();
      else scene.sleep(1_000);
    }
    scene.read(false);
    expect(scene.asked).toEqual([]);
    scene.sleep(5_000);
    expect(scene.asked).toHaveLength(1);
    tellAll(scene);
    expect(numbers(scene)).toEqual(inOrder);
  });

  it('is told behind what happens now, whose content stays in memory', () => {
    const scene = offline();
    scene.hear({ type: 'publishingOpened' });
    scene.hear(raised);
    scene.stored();
    while (scene.inFlight.length > 0) scene.acknowledge();
    expect(numbers(scene)).toContain(LONG + 1);
    expect(numbers(scene).indexOf(LONG + 1)).toBeLessThan(HELD_MAX);
  });
});

describe('a gateway that is there and reads slowly', () => {
  it('has a window in flight; behind it a few hundred wait in memory and all others on the disk', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    raise(scene, LONG);
    expect(scene.inFlight.length).toBeLessThanOrEqual(WINDOW_MAX);
    expect(scene.gateway).toHaveLength(scene.inFlight.length);
    let read = 0;
    for (let turn = 0; turn < 2 * LONG && scene.outbox.snapshot().pending > 0; turn += 1) {
      expect(scene.inFlight.length).toBeLessThanOrEqual(WINDOW_MAX);
      read += scene.asked[0]?.length ?? 0;
      if (scene.asked.length > 0) scene.read();
      else scene.acknowledge();
    }
    expect(numbers(scene)).toEqual(inOrder);
    expect(read).toBe(LONG - HELD_MAX);
    expect(scene.outbox.snapshot().losses).toEqual(NO_LOSSES);
  });

  it('that goes away finds the rest of what was live on the disk, and no more in memory than before', () => {
    const scene = new OutboxScene();
    scene.hear({ type: 'publishingOpened' });
    raise(scene, LONG);
    scene.hear({ type: 'publishingClosed' });
    scene.inFlight.length = 0;
    raise(scene, LONG);
    expect(readWhileTold(scene)).toBe(2 * LONG - HELD_MAX);
    expect(new Set(numbers(scene)).size).toBe(2 * LONG);
  });
});
