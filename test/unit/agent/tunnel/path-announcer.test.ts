import { expect, test } from 'vitest';
import { decodeAnnouncement } from '../../../../agent/tunnel/announcement/path-announcement.ts';
import {
  type AnnouncerEffect,
  BURST_MAX,
  PathAnnouncer,
  REFRESH_MS,
} from '../../../../agent/tunnel/announcement/path-announcer.ts';
import {
  type ListenerEffect,
  PathListener,
} from '../../../../agent/tunnel/announcement/path-listener.ts';
import { advance } from '../../../kit/advance.ts';

function overs(effects: readonly AnnouncerEffect[]): string[] {
  return effects.flatMap((effect) => (effect.type === 'sendAnnouncement' ? [effect.tunnel] : []));
}

function bytesIn(effects: readonly (AnnouncerEffect | ListenerEffect)[]): Uint8Array {
  const first = effects.find((effect) => 'bytes' in effect);
  return first !== undefined && 'bytes' in first ? first.bytes : new Uint8Array();
}

function announcing(): { announcer: PathAnnouncer; first: readonly AnnouncerEffect[] } {
  const announcer = new PathAnnouncer(77);
  announcer.handle({ type: 'tunnelsUp', tunnels: ['t1', 't2'] }, 0);
  const first = announcer.handle(
    { type: 'pathChanged', address: '10.0.2.1', over: ['t2', 't1'] },
    0,
  );
  return { announcer, first };
}

test('nothing is announced before a tunnel was chosen', () => {
  const announcer = new PathAnnouncer(77);
  expect(announcer.handle({ type: 'tunnelsUp', tunnels: ['t1'] }, 0)).toEqual([]);
  expect(announcer.deadline()).toBeUndefined();
});

test('a change goes out at once, over the active tunnel first and then over each other Up tunnel', () => {
  expect(overs(announcing().first)).toEqual(['t2', 't1']);
});

test('each copy is repeated every 10 ms until bounded, and then refreshed every second', () => {
  const { announcer } = announcing();
  const seen = advance(announcer, 0, 3_000).filter((each) => overs([each.effect])[0] === 't2');
  expect(seen.slice(0, 3).map((each) => each.atMs)).toEqual([10, 20, 30]);
  const burst = seen.filter((each) => each.atMs < 900);
  expect(burst.length).toBe(BURST_MAX - 1);
  expect(seen.length - burst.length).toBe(2);
});

test('an acknowledgement ends the repetition on its own tunnel only', () => {
  const { announcer, first } = announcing();
  const answer = new PathListener().hear('x', bytesIn(first));
  const effects = announcer.handle(
    { type: 'packetArrived', tunnel: 't2', bytes: bytesIn(answer) },
    4,
  );
  expect(effects).toMatchObject([{ note: { code: 'pathAcknowledged', over: 't2', afterMs: 4 } }]);
  const next = advance(announcer, 4, 500).flatMap((each) => overs([each.effect]));
  expect(new Set(next)).toEqual(new Set(['t1']));
  const refresh = advance(announcer, 500, 4 + REFRESH_MS).flatMap((each) => overs([each.effect]));
  expect(refresh).toContain('t2');
});

test('an acknowledgement of an older change does not count', () => {
  const { announcer, first } = announcing();
  const answer = new PathListener().hear('x', bytesIn(first));
  announcer.handle({ type: 'pathChanged', address: '10.0.1.1', over: ['t2', 't1'] }, 5);
  announcer.handle({ type: 'packetArrived', tunnel: 't2', bytes: bytesIn(answer) }, 6);
  expect(announcer.snapshot()).toMatchObject({
    unacknowledged: ['t2', 't1'],
    discarded: { stale: 1 },
  });
});

test('a tunnel that comes Up later gets its own copy, and one that goes is left alone', () => {
  const { announcer } = announcing();
  const effects = announcer.handle({ type: 'tunnelsUp', tunnels: ['t3'] }, 5);
  expect(overs(effects)).toEqual(['t3']);
  const next = advance(announcer, 5, 100).flatMap((each) => overs([each.effect]));
  expect(new Set(next)).toEqual(new Set(['t3']));
});

test('the hub tells the news once and confirms every copy', () => {
  const listener = new PathListener();
  const bytes = bytesIn(announcing().first);
  expect(listener.hear('h1', bytes).map((effect) => effect.type)).toEqual([
    'sendAcknowledgement',
    'pathNamed',
  ]);
  const again = listener.hear('h2', bytes);
  expect(again.map((effect) => effect.type)).toEqual(['sendAcknowledgement']);
  expect(decodeAnnouncement(bytesIn(again))).toMatchObject({
    announcement: { kind: 'acknowledge', epoch: 77, sequence: 1, address: '10.0.2.1' },
  });
});

test('the hub does not go back to an older change or an epoch that was left', () => {
  const listener = new PathListener();
  const { announcer, first } = announcing();
  const second = announcer.handle(
    { type: 'pathChanged', address: '10.0.1.1', over: ['t2', 't1'] },
    5,
  );
  listener.hear('h1', bytesIn(second));
  expect(listener.hear('h1', bytesIn(first))).toEqual([]);
  const restarted = new PathAnnouncer(78);
  const fresh = restarted.handle({ type: 'pathChanged', address: '10.0.2.1', over: ['t1'] }, 0);
  expect(listener.hear('h1', bytesIn(fresh)).length).toBe(2);
  expect(listener.hear('h1', bytesIn(second))).toEqual([]);
  expect(listener.snapshot()).toMatchObject({ epoch: 78, discarded: { stale: 2 } });
});
