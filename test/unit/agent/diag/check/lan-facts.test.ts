/** Which LAN a check judges by: the one in force, where somebody knows it. */
import { expect, it } from 'vitest';
import { lanPrefixesOf } from '../../../../../agent/diag/check/facts.ts';
import { SAMPLE } from '../sample-snapshot.ts';

const CONFIGURED = ['192.168.10.0/24'];
const local = { state: 'normal', published: 'publish', because: '', conflictCidrs: [] } as const;

it('is the one a document has moved it to, without what lies behind a router in it', () => {
  const routes = [
    { ...local, sourceType: 'local', cidr: '192.168.30.0/24' },
    { ...local, sourceType: 'local', cidr: '192.168.96.0/24', nextHop: '192.168.30.2' },
    { ...local, sourceType: 'cloud', cidr: '172.16.0.0/16' },
  ] as const;
  const snapshot = { ...SAMPLE, desired: { ...SAMPLE.desired, routes } };
  expect(lanPrefixesOf({ answers: true, snapshot }, CONFIGURED)).toEqual(['192.168.30.0/24']);
});

it('is the configured one while the agent says nothing of it, or nothing at all', () => {
  const { routes: _, ...desired } = SAMPLE.desired;
  const snapshot = { ...SAMPLE, desired };
  expect(lanPrefixesOf({ answers: true, snapshot }, CONFIGURED)).toEqual(CONFIGURED);
  expect(lanPrefixesOf({ answers: false, because: 'dead' }, CONFIGURED)).toEqual(CONFIGURED);
});
