/** What the outbox asks of disk and gateway, to the last member. */
import { describe, expect, it } from 'vitest';
import type { OutboxEffect } from '../../../../agent/access/outbox-events.ts';
import { laneOf, publishIdOf } from '../../../../agent/access/publish-lane.ts';
import { ReplayPace } from '../../../../agent/access/replay-pace.ts';
import { OutboxScene, raised, topics } from '../../../kit/outbox-scene.ts';

/** Everything an outbox says, as it says it. */
class Heard extends OutboxScene {
  readonly effects: OutboxEffect[] = [];

  override see(effects: readonly OutboxEffect[]): void {
    this.effects.push(...effects);
    super.see(effects);
  }

  notesOf(code: string) {
    return this.effects.flatMap((effect) =>
      effect.type === 'noted' && effect.note.code === code ? [effect.note] : [],
    );
  }
}

function open(): Heard {
  const scene = new Heard();
  scene.hear({ type: 'publishingOpened' });
  return scene;
}

describe('the outbox', () => {
  it('puts an event on its shelf, tells it on its topic and takes it off when the gateway has it', () => {
    const scene = open();
    scene.hear(raised);
    scene.stored();
    scene.acknowledge();
    const id = 'boot-1-1';
    expect(scene.effects).toMatchObject([
      { type: 'storePut', shelf: 'outbox', key: id },
      {
        type: 'noted',
        note: { code: 'eventRaised', level: 'notice', event: 'DeviceWanLinkDown', id },
      },
      {
        type: 'publish',
        message: { topic: topics.event('DeviceWanLinkDown'), qos: 1, retain: false },
      },
      { type: 'storeRemove', shelf: 'outbox', keys: [id] },
      { type: 'noted', note: { code: 'eventStored', level: 'debug', id } },
    ]);
    expect(scene.outbox.snapshot()).toMatchObject({ pending: 0 });
  });

  it('gives each message a number of its own lane', () => {
    const scene = open();
    for (let each = 0; each < 3; each += 1) scene.hear(raised);
    scene.stored();
    expect(scene.inFlight).toEqual([0, 1, 2].map((serial) => publishIdOf('outbox', serial)));
    expect(scene.inFlight.map(laneOf)).toEqual(['outbox', 'outbox', 'outbox']);
  });

  it('has eight under way and no more, and goes on with each that arrives', () => {
    const scene = open();
    for (let each = 0; each < 50; each += 1) scene.hear(raised);
    scene.stored();
    const most = scene.inFlight.length;
    scene.acknowledge();
    expect(scene.inFlight.length).toBe(most);
    expect(scene.outbox.snapshot().pending).toBe(49);
  });

  it('says once that the disk refuses, by its code, and once more when it refuses again later', () => {
    const scene = open();
    const answer = (ok: boolean, code?: string): void => {
      scene.hear(raised);
      const [key = ''] = scene.unanswered.splice(0);
      scene.hear({ type: 'storeAnswered', key, ok, ...(code && { code }) });
    };
    answer(false, 'ENOSPC');
    answer(false, 'EIO');
    answer(true);
    answer(false);
    expect(scene.notesOf('storeRefused')).toEqual([
      { code: 'storeRefused', level: 'error', shelf: 'outbox', reason: 'ENOSPC' },
      { code: 'storeRefused', level: 'error', shelf: 'outbox', reason: 'ESTORAGE' },
    ]);
    expect(scene.gateway).toHaveLength(4);
  });

  it('rests after a refusal and waits for that alone', () => {
    const scene = open();
    scene.hear(raised);
    scene.hear(raised);
    scene.stored();
    scene.acknowledge(0x97);
    const told = scene.gateway.length;
    const deadline = scene.outbox.deadline();
    expect(deadline?.why).toBe('refusedHold');
    scene.hear(raised);
    scene.stored();
    expect(scene.gateway).toHaveLength(told);
    scene.sleep((deadline?.atMs ?? 0) - scene.nowMs);
    expect(scene.gateway.length).toBeGreaterThan(told);
    expect(scene.outbox.deadline()).toBeUndefined();
  });

  it('forgets its rest when the connection ends', () => {
    const scene = open();
    scene.hear(raised);
    scene.stored();
    scene.acknowledge(0x97);
    scene.hear({ type: 'publishingClosed' });
    expect(scene.outbox.deadline()).toBeUndefined();
    scene.hear({ type: 'publishingOpened' });
    expect(scene.gateway).toHaveLength(2);
  });

  it('takes 0x80 for a refusal and 0x7f for none', () => {
    const scene = open();
    scene.hear(raised);
    scene.hear(raised);
    scene.stored();
    scene.acknowledge(0x7f);
    expect(scene.outbox.snapshot().pending).toBe(1);
    scene.acknowledge(0x80);
    expect(scene.outbox.snapshot().pending).toBe(1);
    expect(scene.disk.size).toBe(1);
  });

  it('keeps what is refused for good with its reason, in a ring of slots', () => {
    const scene = open();
    for (let each = 0; each < 2; each += 1) {
      scene.hear(raised);
      scene.stored();
      scene.acknowledge(0x99);
    }
    expect([...scene.quarantine.keys()]).toEqual(['0', '1']);
    expect(JSON.parse(scene.quarantine.get('0') ?? '')).toMatchObject({
      reason: 'EMQTT_0x99',
      event: { id: 'boot-1-1' },
    });
    expect(scene.notesOf('eventQuarantined')).toEqual(
      [1, 2].map((seq) => ({
        code: 'eventQuarantined',
        level: 'error',
        id: `boot-1-${seq}`,
        reason: 'EMQTT_0x99',
      })),
    );
    expect(scene.outbox.snapshot()).toMatchObject({ pending: 0 });
  });

  it('hears nothing in answers about what it does not know', () => {
    const scene = open();
    scene.hear({ type: 'storeAnswered', key: 'x', ok: false });
    scene.hear({ type: 'publishAcknowledged', publishId: 4_711, reasonCode: 0 });
    expect(scene.effects).toEqual([]);
  });
});

describe('the pace of what waited', () => {
  it('is eight at once and then one every five milliseconds', () => {
    const pace = new ReplayPace();
    const taken = Array.from({ length: 12 }, () => pace.take(1_000)).filter(Boolean);
    expect(taken).toHaveLength(8);
    expect(pace.nextAtMs(1_000)).toBe(1_005);
    expect(pace.take(1_004)).toBe(false);
    expect(pace.take(1_005)).toBe(true);
    expect(pace.take(1_005)).toBe(false);
    expect(pace.nextAtMs(1_020)).toBe(1_020);
  });

  it('saves up no more than eight', () => {
    const pace = new ReplayPace();
    pace.take(0);
    const taken = Array.from({ length: 50 }, () => pace.take(60_000)).filter(Boolean);
    expect(taken).toHaveLength(8);
  });
});

it('a publish id tells its lane, whatever its serial', () => {
  for (const lane of ['life', 'outbox', 'state', 'command', 'telemetry'] as const) {
    for (const serial of [0, 1, 4_711]) expect(laneOf(publishIdOf(lane, serial))).toBe(lane);
  }
  expect(publishIdOf('life', 1)).toBeGreaterThan(publishIdOf('confirm', 0));
});
