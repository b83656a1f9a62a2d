import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOGON_PACE, Pace } from '../../../../../agent/diag/page-access/pace.ts';
import {
  actRefusal,
  isStrong,
  maySay,
  PAGE_ACTS,
  readPageAsk,
  readRoleAndPassword,
} from '../../../../../agent/diag/page-access/page-request.ts';
import { PageSessions } from '../../../../../agent/diag/page-access/page-sessions.ts';

const HOUR_MS = 3_600_000;

describe('the sessions of the page', () => {
  it('end an hour after the last act and eight hours after the logon', () => {
    const sessions = new PageSessions();
    sessions.open({ secret: 'a', role: 'admin' }, 0);
    expect(sessions.find('a', HOUR_MS - 1)?.role).toBe('admin');
    expect(sessions.find('a', HOUR_MS)).toBeUndefined();
    for (let hour = 0.5; hour < 8; hour += 0.5) sessions.used('a', hour * HOUR_MS);
    expect(sessions.deadline()?.atMs).toBe(8 * HOUR_MS);
    expect(sessions.tick(8 * HOUR_MS - 1)).toEqual([]);
    expect(sessions.tick(8 * HOUR_MS)).toEqual(['a']);
    expect(sessions.deadline()).toBeUndefined();
  });

  it('are at most 16, and the one that was used least recently makes room', () => {
    const sessions = new PageSessions();
    for (let each = 0; each < 16; each += 1) {
      sessions.open({ secret: `s${each}`, role: 'viewer' }, each);
    }
    sessions.used('s0', 100);
    expect(sessions.open({ secret: 'new', role: 'admin' }, 200)).toEqual(['s1']);
    expect(sessions.find('s0', 200)?.role).toBe('viewer');
  });

  it('take a ticket once, within 30 s, and of nobody else', () => {
    const sessions = new PageSessions();
    sessions.open({ secret: 'a', role: 'admin' }, 0);
    sessions.open({ secret: 'b', role: 'admin' }, 0);
    sessions.giveTicket('a', 't', 0);
    sessions.giveTicket('a', 'u', 0);
    expect(sessions.takeTicket('b', 't', 1)).toBe(false);
    expect(sessions.takeTicket('a', 't', 1)).toBe(true);
    expect(sessions.takeTicket('a', 't', 1)).toBe(false);
    expect(sessions.takeTicket('a', 'u', 30_000)).toBe(false);
  });
});

describe('the pace of logons', () => {
  it('is ten at once and then one every 6 s, each asker for himself', () => {
    const pace = new Pace(LOGON_PACE);
    const waits = Array.from({ length: 11 }, () => pace.waitMs('eve', 0));
    expect(waits).toEqual([...Array.from({ length: 10 }, () => 0), 6_000]);
    expect(pace.waitMs('owner', 0)).toBe(0);
    expect(pace.waitMs('eve', 5_999)).toBe(1);
    expect(pace.waitMs('eve', 6_000)).toBe(0);
    pace.forgive('eve');
    expect(pace.waitMs('eve', 6_000)).toBe(0);
  });

  it('lets 100,000 guesses take a week', () => {
    const pace = new Pace(LOGON_PACE);
    let nowMs = 0;
    for (let guesses = 0; guesses < 100_000; ) {
      const waitMs = pace.waitMs('eve', nowMs);
      nowMs += waitMs;
      if (waitMs === 0) guesses += 1;
    }
    expect(nowMs).toBeGreaterThan(6.9 * 24 * HOUR_MS);
  });
});

describe('what may be asked of the page', () => {
  it('is three acts before the first password, and two without being logged on', () => {
    const allowed = (stage: Parameters<typeof actRefusal>[1]): readonly string[] =>
      PAGE_ACTS.filter((act) => actRefusal(act, stage) === undefined);
    expect(allowed('first')).toEqual(['/session', '/password', '/logon']);
    expect(allowed('logon')).toEqual(['/session', '/logon']);
    expect(allowed('viewer')).toEqual(['/session', '/logon', '/logout']);
    expect(allowed('admin')).toEqual(PAGE_ACTS);
  });

  it('is looking only, for a viewer', () => {
    expect(maySay('viewer', { op: 'check' })).toBe(true);
    expect(maySay('viewer', { op: 'blink', seconds: 1 })).toBe(false);
    expect(maySay('admin', { op: 'switch', tunnel: 'wan1' })).toBe(true);
  });

  it('is never anything that is not listed, whatever text comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const ask = readPageAsk(text);
        return ask === undefined || ['check', 'blink', 'switch'].includes(ask.op);
      }),
    );
    expect(readPageAsk('{"op":"blink","seconds":5}')).toEqual({ op: 'blink', seconds: 5 });
  });

  it('is a role and a password, as text of bounded length', () => {
    expect(readRoleAndPassword({ role: 'admin', password: 'x' })?.password).toBe('x');
    for (const wrong of [null, [], { role: 'admin' }, { role: 'root', password: 'x' }]) {
      expect(readRoleAndPassword(wrong)).toBeUndefined();
    }
    const long = { role: 'admin', password: 'x'.repeat(129) };
    expect(readRoleAndPassword(long)).toBeUndefined();
    expect(['short', 'aaaaaaaaaaaa', 'a plain passphrase'].map(isStrong)).toEqual([
      false,
      false,
      true,
    ]);
  });
});
