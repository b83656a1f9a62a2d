import { describe, expect, test } from 'vitest';
import {
  familiesOf,
  isOurNexthop,
  isOurRoute,
  isSameWay,
  NEXTHOP_IDS,
  nexthopAdds,
  nexthopDeletes,
  ROUTE_METRIC,
  routeDifference,
  routeKey,
  TUNNEL_SLOTS_MAX,
  tunnelNexthopId,
  wantedNexthops,
  wantedRoutes,
} from '../../../../agent/routes/route-objects.ts';
import { parsePrefix } from '../../../../firmware-shim/kernel/prefix.ts';
import {
  type KernelNexthop,
  type KernelRoute,
  ROUTE_PROTOCOL,
} from '../../../../firmware-shim/kernel/types.ts';

const OURS = { family: 'ipv4', protocol: ROUTE_PROTOCOL } as const;
const WAY = { ...OURS, type: 'unicast', table: 254, metric: ROUTE_METRIC } as const;
const VIA: KernelRoute = {
  ...WAY,
  destination: '10.9.0.0/16',
  gateway: '10.0.0.1',
  deviceIndex: 3,
};
const GROUPED: KernelRoute = { ...WAY, destination: '10.8.0.0/16', nexthopId: 19_600 };
const SLOTS = [
  { tunnel: 't1', slot: 0, deviceIndex: 11 },
  { tunnel: 't2', slot: 1, deviceIndex: 12 },
  { tunnel: 't3', slot: 2, deviceIndex: undefined },
];

const byId = (...nexthops: readonly KernelNexthop[]) =>
  new Map(nexthops.map((each) => [each.id, each]));
const byKey = (...routes: readonly KernelRoute[]) =>
  new Map(routes.map((each) => [routeKey(each), each]));

test('our ids are those from the first group to the last tunnel, and no other', () => {
  expect([19_599, 19_600, 19_699, 19_700].map(isOurNexthop)).toEqual([false, true, true, false]);
});

test('a route is ours by protocol and metric together', () => {
  expect(isOurRoute(VIA)).toBe(true);
  expect(isOurRoute({ ...VIA, protocol: 4 })).toBe(false);
  expect(isOurRoute({ ...VIA, metric: 100 })).toBe(false);
});

test('there are as many places for tunnels as ids between those of the families', () => {
  expect(TUNNEL_SLOTS_MAX).toBe(45);
  expect(tunnelNexthopId(0, 'ipv4')).toBe(NEXTHOP_IDS.tunnel.ipv4);
  expect(tunnelNexthopId(44, 'ipv6')).toBe(NEXTHOP_IDS.last);
  expect(tunnelNexthopId(45, 'ipv4')).toBeUndefined();
});

describe('the wanted nexthops', () => {
  test('are a blackhole, one for each device that carries, and a group with the weights of its members', () => {
    const members = [
      { tunnel: 't1', weight: 3 },
      { tunnel: 't2', weight: 1 },
      { tunnel: 't3', weight: 1 },
      { tunnel: 't9', weight: 1 },
    ];
    expect([...wantedNexthops(['ipv4'], SLOTS, members).values()]).toEqual([
      { ...OURS, id: 19_602, blackhole: true },
      { ...OURS, id: 19_610, deviceIndex: 11 },
      { ...OURS, id: 19_611, deviceIndex: 12 },
      {
        ...OURS,
        id: 19_600,
        group: [
          { id: 19_610, weight: 3 },
          { id: 19_611, weight: 1 },
        ],
      },
    ]);
  });

  test('lead into the blackhole when no member carries', () => {
    const wanted = wantedNexthops(['ipv6'], SLOTS, [{ tunnel: 't3', weight: 1 }]);
    expect(wanted.get(NEXTHOP_IDS.group.ipv6)).toEqual({
      family: 'ipv6',
      protocol: ROUTE_PROTOCOL,
      id: 19_601,
      group: [{ id: 19_603, weight: 1 }],
    });
    expect(wantedNexthops([], SLOTS, []).size).toBe(0);
  });

  test('leave out tunnels for which there is no id', () => {
    const slots = [{ tunnel: 't1', slot: TUNNEL_SLOTS_MAX, deviceIndex: 11 }];
    const wanted = wantedNexthops(['ipv4'], slots, [{ tunnel: 't1', weight: 1 }]);
    expect([...wanted.keys()]).toEqual([19_602, 19_600]);
  });
});

test('a wanted route stands behind the group of its family and is known by table and destination', () => {
  const prefixes = ['10.8.0.0/16', 'fd00:8::/32'].flatMap((text) => parsePrefix(text) ?? []);
  const wanted = wantedRoutes(prefixes, 77);
  expect([...wanted.keys()]).toEqual(['77 10.8.0.0/16', '77 fd00:8::/32']);
  expect([...wanted.values()]).toEqual([
    { ...WAY, table: 77, destination: '10.8.0.0/16', nexthopId: 19_600 },
    { ...WAY, table: 77, family: 'ipv6', destination: 'fd00:8::/32', nexthopId: 19_601 },
  ]);
  expect(familiesOf(wanted)).toEqual(['ipv4', 'ipv6']);
});

describe('what differs', () => {
  const member: KernelNexthop = { ...OURS, id: 19_610, deviceIndex: 11 };
  const group: KernelNexthop = { ...OURS, id: 19_600, group: [{ id: 19_610, weight: 1 }] };
  const hole: KernelNexthop = { ...OURS, id: 19_602, blackhole: true };
  const all = byId(group, member, hole);

  test('is replaced members first and deleted groups first', () => {
    const ids = (operations: ReturnType<typeof nexthopAdds>) =>
      operations.map((each) => ('nexthop' in each ? each.nexthop.id : 'id' in each && each.id));
    expect(ids(nexthopAdds(byId(), all))).toEqual([19_610, 19_602, 19_600]);
    expect(ids(nexthopDeletes(byId(member, group, hole), byId()))).toEqual([
      19_600, 19_610, 19_602,
    ]);
    expect(nexthopDeletes(all, all)).toEqual([]);
    expect(nexthopDeletes(byId(hole), byId())).toEqual([{ op: 'nexthopDelete', id: 19_602 }]);
  });

  test.each<[string, KernelNexthop, KernelNexthop]>([
    ['protocol', member, { ...member, protocol: 4 }],
    ['family of a member', member, { ...member, family: 'ipv6' }],
    ['device', member, { ...member, deviceIndex: 12 }],
    ['kind', hole, { ...OURS, id: 19_602, deviceIndex: 1 }],
    ['kind', member, { ...OURS, id: 19_610, blackhole: true }],
    ['weight', group, { ...group, group: [{ id: 19_610, weight: 2 }] }],
    ['member', group, { ...group, group: [{ id: 19_611, weight: 1 }] }],
    [
      'number of members',
      group,
      {
        ...group,
        group: [
          { id: 19_610, weight: 1 },
          { id: 19_611, weight: 1 },
        ],
      },
    ],
  ])('is a nexthop with another %s', (_, wanted, there) => {
    expect(nexthopAdds(byId(there), byId(wanted))).toEqual([
      { op: 'nexthopReplace', nexthop: wanted },
    ]);
  });

  test('is no nexthop that is the same, nor a group that the kernel tells under another family', () => {
    expect(nexthopAdds(all, all)).toEqual([]);
    expect(nexthopAdds(byId(group), byId({ ...group, family: 'ipv6' }))).toEqual([]);
    expect(nexthopAdds(byId(hole), byId({ ...hole }))).toEqual([]);
  });

  test('is added before what is stale is deleted', () => {
    expect(routeDifference(byKey(VIA), byKey(GROUPED))).toEqual([
      { op: 'routeReplace', route: GROUPED },
      { op: 'routeDelete', route: VIA },
    ]);
    expect(routeDifference(byKey(VIA, GROUPED), byKey(VIA, GROUPED))).toEqual([]);
  });
});

test.each<[string, KernelRoute | undefined, KernelRoute, boolean]>([
  ['none at all', undefined, VIA, false],
  ['the same', { ...VIA }, VIA, true],
  ['another gateway', { ...VIA, gateway: '10.0.0.2' }, VIA, false],
  ['another device', { ...VIA, deviceIndex: 4 }, VIA, false],
  ['a nexthop object instead', { ...VIA, nexthopId: 1 }, VIA, false],
  ['the same object and where it leads', { ...GROUPED, deviceIndex: 4 }, GROUPED, true],
  ['another object', { ...GROUPED, nexthopId: 19_601 }, GROUPED, false],
])('a route leads the same way or not: %s', (_, known, wanted, isSame) => {
  expect(isSameWay(known, wanted)).toBe(isSame);
});
