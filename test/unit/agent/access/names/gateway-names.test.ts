/** Reaching a gateway by its name in virtual time: every way in which name servers can be of no use. */
import { describe, expect, it } from 'vitest';
import {
  ADDRESS_MS,
  ANSWERS_MS,
  PATIENCE_MS,
} from '../../../../../agent/access/names/gateway-names.ts';
import {
  DAY_MS,
  GOOD,
  KEPT,
  NAME,
  NAMED_OTHERWISE,
  NOW_WALL_MS,
  OTHER,
  Scene,
  WAN1,
} from './name-scene.ts';

describe('a gateway with a name', () => {
  it('is asked for over the uplink of the attempt, in its family, and dialled as soon as there is an answer', () => {
    const scene = new Scene();
    const search = scene.want();
    expect(scene.all('askQuestion')).toEqual([
      { type: 'askQuestion', questionId: 0, name: NAME, family: 'ipv4', sourceAddress: WAN1 },
    ]);
    scene.pass(40).answer(GOOD, OTHER).accept(search);
    expect(scene.dialled).toEqual([[40, GOOD]]);
    expect(scene.kept).toEqual([
      { name: NAME, addresses: [{ address: GOOD, provedWallMs: NOW_WALL_MS }] },
    ]);
    expect(scene.notes).toEqual([]);
    expect(scene.core.deadline()).toBeUndefined();
  });

  it('is asked for in both families where the system routes, and the first answer is dialled', () => {
    const scene = new Scene();
    const search = scene.want({ sourceAddress: 'as routed' });
    expect(scene.all('askQuestion').map(({ family }) => family)).toEqual(['ipv4', 'ipv6']);
    scene
      .answer('2001:db8::1')
      .refuse(search, { code: 'EUNREACHABLE', text: 'no route leads there' });
    expect(scene.addresses).toEqual(['2001:db8::1']);
    scene.hear({ type: 'questionAnswered', questionId: 0, addresses: [GOOD] });
    expect(scene.addresses).toEqual(['2001:db8::1', GOOD]);
  });

  it('needs no name server when the hosts file has an address of the right family', () => {
    const scene = new Scene();
    scene.want({ hosts: ['2001:db8::1', OTHER] });
    expect(scene.all('askQuestion')).toEqual([]);
    expect(scene.addresses).toEqual([OTHER]);
  });

  it('is neither asked for, noted nor kept when it is an address, and has all the time there is', () => {
    const scene = new Scene();
    const search = scene.want({ name: GOOD });
    scene.pass(60_000);
    expect(scene.addresses).toEqual([GOOD]);
    scene.refuse(search);
    expect(scene.all('searchFailed')).toEqual([
      { type: 'searchFailed', searchId: search, fault: NAMED_OTHERWISE },
    ]);
    scene.accept(scene.want({ name: GOOD }));
    expect([scene.notes, scene.kept, scene.core.snapshot(0, 0)]).toEqual([[], [], []]);
  });
});

describe('when name servers are of no use', () => {
  it.each([
    ['ENOTFOUND', 'no name server knows gwa.ccn.example (NXDOMAIN)'],
    ['ESERVFAIL', 'the name servers cannot say what gwa.ccn.example is (SERVFAIL)'],
    ['ENODATA', 'gwa.ccn.example has no IPv4 address'],
    ['EREFUSED', 'the name servers refuse to answer (REFUSED)'],
    ['ECONNREFUSED', 'nobody listens at the name servers'],
  ])('%s leads to the last good address at once, and is told', (code, because) => {
    const scene = new Scene(KEPT);
    const search = scene.want();
    scene.pass(20).deny(code).accept(search);
    expect(scene.dialled).toEqual([[20, GOOD]]);
    expect(scene.all('noted').map(({ note }) => note)).toEqual([
      {
        code: 'keptAddressUsed',
        level: 'warning',
        name: NAME,
        address: GOOD,
        because,
        provedAgoMs: DAY_MS,
      },
    ]);
    expect(scene.core.snapshot(0, NOW_WALL_MS)).toEqual([
      {
        name: NAME,
        addresses: [{ address: GOOD, provedAgoMs: 0 }],
        setAside: [],
        inUse: { address: GOOD, from: 'kept' },
        trouble: because,
      },
    ]);
  });

  it('silence costs the patience for an answer, and not an attempt', () => {
    const scene = new Scene(KEPT);
    const search = scene.want();
    scene.pass(PATIENCE_MS).accept(search).pass(60_000);
    expect(scene.dialled).toEqual([[PATIENCE_MS, GOOD]]);
    expect(scene.all('noted').map(({ note }) => note)).toMatchObject([
      { code: 'keptAddressUsed', because: 'no name server answered in time' },
    ]);
    // Nobody waits for it any more.
    expect(scene.all('cancelQuestion')).toHaveLength(1);
    expect(scene.core.deadline()).toBeUndefined();
  });

  it('without a known address the attempt fails in time to leave a handshake its time, and says why', () => {
    const scene = new Scene();
    const search = scene.want();
    scene.pass(ANSWERS_MS);
    expect(scene.all('searchFailed')).toEqual([
      {
        type: 'searchFailed',
        searchId: search,
        fault: { code: 'EDNS', text: 'no name server answered in time' },
      },
    ]);
    const next = new Scene();
    next.want();
    next.deny('ENODATA');
    expect(next.all('searchFailed')).toMatchObject([
      { fault: { code: 'EDNS', text: 'gwa.ccn.example has no IPv4 address' } },
    ]);
  });

  it('an answer after thirty seconds serves the attempt that is made by then', () => {
    const scene = new Scene();
    scene.want();
    scene.pass(ANSWERS_MS + 1_000);
    const second = scene.want();
    // It waits for the question that is still open.
    expect(scene.all('askQuestion')).toHaveLength(1);
    scene.pass(30_000).answer(GOOD);
    expect(scene.addresses).toEqual([]);
    const third = scene.want();
    scene.pass(PATIENCE_MS).accept(third);
    expect(scene.addresses).toEqual([GOOD]);
    expect(scene.notes).toEqual(['keptAddressUsed']);
    expect(scene.kept).toHaveLength(1);
    expect(scene.all('searchFailed').map(({ searchId }) => searchId)).toEqual([0, second]);
  });

  it('an answer that comes while the kept address stays silent is dialled when that has had its time', () => {
    const scene = new Scene(KEPT);
    scene.want();
    scene
      .pass(PATIENCE_MS + 500)
      .answer(OTHER)
      .pass(ADDRESS_MS);
    expect(scene.dialled).toEqual([
      [PATIENCE_MS, GOOD],
      [PATIENCE_MS + ADDRESS_MS, OTHER],
    ]);
    expect(scene.all('dropDial')).toHaveLength(1);
  });

  it('an address of IPv6 alone leads an uplink of IPv4 to the last good address', () => {
    const scene = new Scene(KEPT);
    scene.want();
    scene.answer('2001:db8::1');
    expect(scene.addresses).toEqual([GOOD]);
  });

  it('addresses kept of one family are nothing to an uplink of the other', () => {
    const scene = new Scene(KEPT);
    scene.want({ sourceAddress: '2001:db8::10' });
    scene.deny('ENOTFOUND');
    expect(scene.addresses).toEqual([]);
    expect(scene.all('searchFailed')).toHaveLength(1);
  });
});
