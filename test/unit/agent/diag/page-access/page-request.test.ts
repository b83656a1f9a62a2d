/** What is read of a browser's words, value by value. */
import { describe, expect, it } from 'vitest';
import {
  actRefusal,
  isEmptyAsk,
  isPageAct,
  isStrong,
  jsonOf,
  PAGE_ACTS,
  readBundleAsk,
  readPageAsk,
  readRoleAndPassword,
} from '../../../../../agent/diag/page-access/page-request.ts';

const ask = (value: unknown) => readPageAsk(JSON.stringify(value));

describe('an act', () => {
  it('is one of five addresses, as they are written', () => {
    expect(PAGE_ACTS.filter(isPageAct)).toEqual(PAGE_ACTS);
    for (const path of ['/', '/logon/', '/LOGON', '//logon', '/logon?x=1', 'logon']) {
      expect(isPageAct(path)).toBe(false);
    }
  });

  it.each([
    ['/bundle', 'first', 'EPAGE_LOGON'],
    ['/logout', 'first', 'EPAGE_LOGON'],
    ['/bundle', 'logon', 'EPAGE_LOGON'],
    ['/password', 'logon', 'EPAGE_LOGON'],
    ['/bundle', 'viewer', 'EPAGE_ROLE'],
    ['/password', 'viewer', 'EPAGE_ROLE'],
    ['/bundle', 'admin', undefined],
  ] as const)('%s at the stage "%s" is answered with %s', (act, stage, refusal) => {
    expect(actRefusal(act, stage)).toBe(refusal);
  });

  it('without content is an object without members', () => {
    expect(isEmptyAsk({})).toBe(true);
    for (const wrong of [{ a: 1 }, [], null, undefined, '', 0, JSON.parse('{"__proto__":1}')]) {
      expect(isEmptyAsk(wrong)).toBe(false);
    }
  });
});

describe('a logon', () => {
  it.each(['admin', 'viewer'] as const)(
    'is of the role %s, and its password is normalised',
    (role) => {
      expect(readRoleAndPassword({ role, password: 'cafe\u0301' })).toEqual({
        role,
        password: 'caf\u00e9',
      });
    },
  );

  it('has a password of 128 characters at most', () => {
    const of = (length: number) =>
      readRoleAndPassword({ role: 'admin', password: 'x'.repeat(length) });
    expect(of(128)?.password).toHaveLength(128);
    expect(of(129)).toBeUndefined();
  });

  it.each([
    [{ role: 'admin', password: 1 }],
    [{ role: 'admin', password: 'x', more: 1 }],
    ['admin'],
  ])('is not %o', (wrong) => {
    expect(readRoleAndPassword(wrong)).toBeUndefined();
  });

  it('takes a new password from ten characters, of which four differ', () => {
    expect(['abcd567890', 'abcd56789', 'abcdabcdab', 'abcabcabcabc'].map(isStrong)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('a bundle', () => {
  it('is asked for by one of three levels, and by nothing else', () => {
    for (const level of ['none', 'public', 'all']) {
      expect(readBundleAsk({ anonymise: level })).toBe(level);
    }
    for (const wrong of [
      { anonymise: '' },
      { anonymise: 'ALL' },
      {},
      { anonymise: 'all', b: 1 },
      [],
    ]) {
      expect(readBundleAsk(wrong)).toBeUndefined();
    }
  });
});

describe('a message on the WebSocket', () => {
  it('is a check, a blink or a switch', () => {
    expect(ask({ op: 'check' })).toEqual({ op: 'check' });
    expect(ask({ op: 'blink', seconds: 0 })).toEqual({ op: 'blink', seconds: 0 });
    expect(ask({ op: 'blink', seconds: 600 })).toEqual({ op: 'blink', seconds: 600 });
    expect(ask({ op: 'switch', tunnel: 'wan2' })).toEqual({ op: 'switch', tunnel: 'wan2' });
  });

  it.each([
    { op: 'reboot' },
    { op: '' },
    { op: ['check'] },
    {},
    { op: 'check', seconds: 1 },
    { op: 'blink' },
    { op: 'blink', seconds: -1 },
    { op: 'blink', seconds: 601 },
    { op: 'blink', seconds: 1.5 },
    { op: 'blink', seconds: '5' },
    { op: 'blink', seconds: 5, tunnel: 'wan2' },
    { op: 'switch' },
    { op: 'switch', tunnel: 5 },
    { op: 'switch', tunnel: ['wan2'] },
    { op: 'switch', tunnel: 'wan2', seconds: 5 },
    { op: 'check', more: 1 },
  ])('is not %o', (wrong) => {
    expect(ask(wrong)).toBeUndefined();
  });

  it('names a tunnel as tunnels are named', () => {
    const named = (tunnel: string) => ask({ op: 'switch', tunnel }) !== undefined;
    for (const name of ['a', 'Z9', `x${'y'.repeat(63)}`, 'wan2.gw-1_a:b']) {
      expect(named(name)).toBe(true);
    }
    for (const name of [
      '',
      ' a',
      'a ',
      '-a',
      '.a',
      'a/b',
      'a;id',
      `x${'y'.repeat(64)}`,
      'ä',
      'a\nb',
    ]) {
      expect(named(name)).toBe(false);
    }
  });

  it('that is no JSON is nothing, and no error', () => {
    expect(jsonOf('{')).toBeUndefined();
    expect(readPageAsk('{')).toBeUndefined();
  });
});
