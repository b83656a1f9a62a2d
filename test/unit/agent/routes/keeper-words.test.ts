/** The words and verdicts of the route keeper's operations. */
import { describe, expect, test } from 'vitest';
import {
  decisiveAt,
  isAlreadyGone,
  notesOf,
  operationWords,
  refusalNotes,
} from '../../../../agent/routes/keeper-words.ts';
import type { KernelOperation } from '../../../../firmware-shim/kernel/operations.ts';
import type { KernelRoute } from '../../../../firmware-shim/kernel/types.ts';

const route: KernelRoute = {
  family: 'ipv4',
  destination: '10.80.0.0/16',
  table: 254,
  protocol: 213,
  type: 'unicast',
};
const rule = { family: 'ipv4', priority: 19_650, table: 20_002 } as const;
const shared = { family: 'ipv4', protocol: 213 } as const;
const MEMBER = { op: 'nexthopReplace', nexthop: { ...shared, id: 19_610 } } as const;
const GROUP = { op: 'nexthopReplace', nexthop: { ...shared, id: 19_600, group: [] } } as const;
const ROUTE = { op: 'routeReplace', route } as const;
const UNROUTE = { op: 'routeDelete', route } as const;
const DELETE = { op: 'nexthopDelete', id: 19_611 } as const;

test.each<[string, readonly KernelOperation[], number]>([
  ['the last group', [MEMBER, GROUP, GROUP, DELETE], 2],
  ['the last route behind it', [GROUP, ROUTE, ROUTE, UNROUTE, DELETE], 2],
  ['the group where it comes first', [GROUP, UNROUTE, DELETE], 0],
  ['a route alone', [ROUTE, UNROUTE], 0],
  ['the last of all without either', [MEMBER, DELETE], 1],
  ['none of none', [], -1],
])('decisive is %s', (_, operations, at) => {
  expect(decisiveAt(operations)).toBe(at);
});

describe('deleting what is not there', () => {
  const refused = (code: string) => ({ ok: false, refusal: { code, errno: 1, text: '' } }) as const;

  test.each(['ESRCH', 'ENOENT', 'ENODEV'])('is what was wanted (%s)', (code) => {
    expect(isAlreadyGone(UNROUTE, refused(code))).toBe(true);
    expect(isAlreadyGone(DELETE, refused(code))).toBe(true);
    expect(isAlreadyGone(ROUTE, refused(code))).toBe(false);
  });

  test('is told from another refusal and from success', () => {
    expect(isAlreadyGone(UNROUTE, refused('EPERM'))).toBe(false);
    expect(isAlreadyGone(UNROUTE, { ok: true })).toBe(false);
  });
});

test.each<[KernelOperation, string]>([
  [MEMBER, 'nexthop replace id 19610'],
  [DELETE, 'nexthop delete id 19611'],
  [ROUTE, 'route replace 254 10.80.0.0/16'],
  [UNROUTE, 'route delete 254 10.80.0.0/16'],
  [{ op: 'ruleAdd', rule }, 'rule add 19650 table 20002'],
  [{ op: 'ruleDelete', rule }, 'rule delete 19650 table 20002'],
  [{ op: 'linkDelete', index: 3 }, 'linkDelete'],
])('an operation in words: %j', (operation, words) => {
  expect(operationWords(operation)).toBe(words);
});

test('a refused prefix, a deleted route and a lost set are a warning each', () => {
  const because = 'it is no prefix';
  expect(refusalNotes([{ prefix: 'x', because }])).toEqual([
    { type: 'note', note: { code: 'prefixRefused', level: 'warning', prefix: 'x', because } },
  ]);
  expect(notesOf({ destinations: ['10.80.0.0/16'], because: ['the device went'] })).toEqual([
    {
      type: 'note',
      note: { code: 'routePutBack', level: 'warning', destination: '10.80.0.0/16' },
    },
    { type: 'note', note: { code: 'routesLost', level: 'warning', because: 'the device went' } },
  ]);
});
