/** What the page remembers of browsers is bounded, and the right one is forgotten. */
import { expect, it } from 'vitest';
import { MESSAGE_PACE, Pace } from '../../../../../agent/diag/page-access/pace.ts';
import { PageSessions } from '../../../../../agent/diag/page-access/page-sessions.ts';

const ASKERS_MAX = 1_024;

it('messages are thirty at once and then one a second', () => {
  const pace = new Pace(MESSAGE_PACE);
  const waits = Array.from({ length: 31 }, () => pace.waitMs('a', 0));
  expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(30);
  expect(waits.at(-1)).toBe(1_000);
});

it('1,024 askers are remembered, and the one that was seen least recently is forgotten', () => {
  const pace = new Pace({ triesAtOnce: 1, restMs: 1_000 });
  for (let asker = 0; asker < ASKERS_MAX; asker += 1) expect(pace.waitMs(`${asker}`, 0)).toBe(0);
  expect(pace.waitMs('0', 0)).toBe(1_000);
  expect(pace.waitMs('another', 0)).toBe(0);
  // The first one came again just now; the second has waited longest.
  expect(pace.waitMs('0', 0)).toBe(1_000);
  expect(pace.waitMs('1', 0)).toBe(0);
});

it('a session that somebody uses is ended by its age, and the deadline is that of the first to end', () => {
  const sessions = new PageSessions();
  sessions.open({ secret: 'a', role: 'admin' }, 0);
  sessions.open({ secret: 'b', role: 'viewer' }, 1_000);
  expect(sessions.deadline()).toEqual({ atMs: 3_600_000, why: 'session' });
  sessions.used('a', 2_000);
  expect(sessions.deadline()?.atMs).toBe(3_601_000);
});

it('opening a session tells whose time is over', () => {
  const sessions = new PageSessions();
  expect(sessions.open({ secret: 'a', role: 'admin' }, 0)).toEqual([]);
  expect(sessions.open({ secret: 'b', role: 'admin' }, 3_600_000)).toEqual(['a']);
});

it('eight tickets of a session are remembered, the newest', () => {
  const sessions = new PageSessions();
  sessions.open({ secret: 'a', role: 'admin' }, 0);
  for (let each = 0; each < 9; each += 1) sessions.giveTicket('a', `t${each}`, 0);
  expect(sessions.takeTicket('a', 't0', 1)).toBe(false);
  for (let each = 1; each < 9; each += 1) {
    expect(sessions.takeTicket('a', `t${each}`, 1)).toBe(true);
  }
});

it('a cookie of nobody finds nothing, is given nothing and takes nothing', () => {
  const sessions = new PageSessions();
  expect(sessions.find(undefined, 0)).toBeUndefined();
  sessions.used('x', 0);
  sessions.giveTicket('x', 't', 0);
  expect(sessions.takeTicket('x', 't', 0)).toBe(false);
});
