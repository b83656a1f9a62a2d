/** What the mirror believes of the kernel: our orders, their echoes, and what others or devices take. */
import { describe, expect, test } from 'vitest';
import { carriesNexthops, RouteMirror } from '../../../../agent/routes/route-mirror.ts';
import { NEXTHOP_IDS, ROUTE_METRIC } from '../../../../agent/routes/route-objects.ts';
import {
  type KernelEvent,
  type KernelLink,
  type KernelNexthop,
  type KernelRoute,
  ROUTE_PROTOCOL,
} from '../../../../firmware-shim/kernel/types.ts';

const GROUP = NEXTHOP_IDS.group.ipv4;
const FIRST = NEXTHOP_IDS.tunnel.ipv4;
const SECOND = FIRST + 1;
const NOTHING = { destinations: [], because: [] };
const WAY = { family: 'ipv4', table: 254, protocol: ROUTE_PROTOCOL, type: 'unicast' } as const;
const ROUTE: KernelRoute = {
  ...WAY,
  metric: ROUTE_METRIC,
  destination: '10.80.0.0/16',
  nexthopId: GROUP,
};
const LAN: KernelRoute = {
  ...WAY,
  metric: ROUTE_METRIC,
  destination: '10.9.0.0/16',
  gateway: '192.168.7.254',
  deviceIndex: 11,
};
const LINK: KernelLink = { index: 11, name: 'wgb1', adminUp: true, carrier: true, mtu: 1_420 };

function tunnel(id: number, deviceIndex: number): KernelNexthop {
  return { id, family: 'ipv4', protocol: ROUTE_PROTOCOL, deviceIndex };
}

function group(...ids: readonly number[]): KernelNexthop {
  const members = ids.map((id) => ({ id, weight: 1 }));
  return { id: GROUP, family: 'ipv4', protocol: ROUTE_PROTOCOL, group: members };
}

const added = (nexthop: KernelNexthop): KernelEvent => ({ type: 'nexthopAdded', nexthop });
const routeAdded = (route: KernelRoute): KernelEvent => ({ type: 'routeAdded', route });
const routeRemoved = (route: KernelRoute): KernelEvent => ({ type: 'routeRemoved', route });

/** One route over a group of these members, one into the LAN; each member is on its own device. */
function loaded(...ids: readonly number[]): RouteMirror {
  const mirror = new RouteMirror();
  mirror.apply([
    ...ids.map((id) => added(tunnel(id, id - FIRST + 11))),
    added(group(...ids)),
    routeAdded(ROUTE),
    routeAdded(LAN),
  ]);
  return mirror;
}

const destinations = (mirror: RouteMirror) =>
  [...mirror.routes.values()].map(({ destination }) => destination);

describe('the present state', () => {
  test('is complete once it has been told, and holds what is ours only', () => {
    const mirror = new RouteMirror();
    expect(mirror.complete).toBe(false);
    expect(mirror.apply([])).toEqual(NOTHING);
    expect(mirror.complete).toBe(false);
    const before = mirror.routesTaken;
    const foreign = { ...ROUTE, destination: '10.99.0.0/16', metric: 100 };
    const told = [
      added(tunnel(FIRST, 11)),
      added(tunnel(7, 11)),
      routeAdded(ROUTE),
      routeAdded(foreign),
    ];
    expect(mirror.apply([...told, { type: 'linkChanged', link: LINK }])).toEqual(NOTHING);
    expect(mirror.complete).toBe(true);
    expect([...mirror.nexthops.keys()]).toEqual([FIRST]);
    expect(destinations(mirror)).toEqual(['10.80.0.0/16']);
    expect(mirror.routesTaken).toBeGreaterThan(before);
  });

  test('is told anew after an overrun; what came before that says nothing', () => {
    const mirror = loaded(FIRST);
    const taken = mirror.routesTaken;
    expect(mirror.apply([routeRemoved(ROUTE), { type: 'overrun' }])).toEqual(NOTHING);
    expect(destinations(mirror)).toHaveLength(2);
    mirror.apply([added(tunnel(SECOND, 12))]);
    expect([...mirror.nexthops.keys()]).toEqual([SECOND]);
    expect(destinations(mirror)).toEqual([]);
    expect(mirror.routesTaken).toBeGreaterThan(taken);
    mirror.apply([routeRemoved(ROUTE), { type: 'overrun' }, routeAdded(ROUTE)]);
    expect(destinations(mirror)).toEqual(['10.80.0.0/16']);
  });

  test('that is told anew takes back the echoes that were expected', () => {
    const mirror = loaded(FIRST);
    mirror.order({ op: 'routeDelete', route: ROUTE });
    mirror.apply([{ type: 'overrun' }, routeAdded(ROUTE)]);
    expect(mirror.apply([routeRemoved(ROUTE)]).destinations).toEqual(['10.80.0.0/16']);
  });
});

describe('an order', () => {
  test('counts as carried out at once', () => {
    const mirror = loaded(FIRST);
    mirror.order({ op: 'nexthopReplace', nexthop: tunnel(SECOND, 12) });
    expect(mirror.nexthops.get(SECOND)).toEqual(tunnel(SECOND, 12));
    mirror.order({ op: 'nexthopDelete', id: SECOND });
    expect(mirror.nexthops.has(SECOND)).toBe(false);
    mirror.order({ op: 'routeDelete', route: ROUTE });
    expect(destinations(mirror)).toEqual(['10.9.0.0/16']);
    mirror.order({ op: 'routeReplace', route: ROUTE });
    expect(destinations(mirror)).toContain('10.80.0.0/16');
    mirror.order({ op: 'linkSet', index: 1, mtu: 1_280 });
    expect(destinations(mirror)).toHaveLength(2);
  });

  test('to delete a route has one echo, and no more than one', () => {
    const mirror = loaded(FIRST);
    mirror.order({ op: 'routeDelete', route: ROUTE });
    mirror.order({ op: 'routeReplace', route: ROUTE });
    expect(mirror.apply([routeRemoved(ROUTE)])).toEqual(NOTHING);
    expect(destinations(mirror)).toContain('10.80.0.0/16');
    expect(mirror.apply([routeRemoved(ROUTE)]).destinations).toEqual(['10.80.0.0/16']);
    expect(destinations(mirror)).not.toContain('10.80.0.0/16');
    expect(mirror.apply([routeRemoved(ROUTE)])).toEqual(NOTHING);
  });

  test('to delete a nexthop twice has two echoes', () => {
    const mirror = loaded(FIRST, SECOND);
    for (let times = 0; times < 2; times += 1) {
      mirror.order({ op: 'nexthopDelete', id: SECOND });
      mirror.order({ op: 'nexthopReplace', nexthop: tunnel(SECOND, 12) });
    }
    const removed = { type: 'nexthopRemoved', id: SECOND } as const;
    expect(mirror.apply([removed, removed])).toEqual(NOTHING);
    expect(mirror.nexthops.has(SECOND)).toBe(true);
    const because = [`nexthop ${SECOND} was deleted by somebody else`];
    expect(mirror.apply([removed])).toEqual({ destinations: [], because });
    expect(mirror.nexthops.has(SECOND)).toBe(false);
    expect(mirror.apply([removed])).toEqual(NOTHING);
  });

  test('that is refused has no echo', () => {
    const mirror = loaded(FIRST, SECOND);
    mirror.order({ op: 'routeDelete', route: ROUTE });
    mirror.refused({ op: 'routeDelete', route: ROUTE });
    mirror.order({ op: 'routeReplace', route: ROUTE });
    expect(mirror.apply([routeRemoved(ROUTE)]).destinations).toEqual(['10.80.0.0/16']);
    mirror.order({ op: 'nexthopDelete', id: SECOND });
    mirror.refused({ op: 'nexthopDelete', id: SECOND });
    mirror.order({ op: 'nexthopReplace', nexthop: tunnel(SECOND, 12) });
    expect(mirror.apply([{ type: 'nexthopRemoved', id: SECOND }]).because).toHaveLength(1);
  });

  test('to put a route that is refused forgets it and what it rests on', () => {
    const mirror = loaded(FIRST);
    const taken = mirror.routesTaken;
    mirror.refused({ op: 'routeReplace', route: ROUTE });
    expect(destinations(mirror)).toEqual(['10.9.0.0/16']);
    expect(mirror.nexthops.size).toBe(0);
    expect(mirror.routesTaken).toBeGreaterThan(taken);
  });

  test('to put a nexthop that is refused forgets all; one to delete something forgets nothing', () => {
    const mirror = loaded(FIRST);
    const taken = mirror.routesTaken;
    mirror.refused({ op: 'routeDelete', route: { ...ROUTE, destination: '10.1.0.0/16' } });
    mirror.refused({ op: 'nexthopDelete', id: 19_650 });
    expect(destinations(mirror)).toHaveLength(2);
    expect(mirror.nexthops.size).toBe(2);
    expect(mirror.routesTaken).toBe(taken);
    mirror.refused({ op: 'nexthopReplace', nexthop: group(FIRST) });
    expect(destinations(mirror)).toEqual([]);
    expect(mirror.nexthops.size).toBe(0);
    expect(mirror.routesTaken).toBeGreaterThan(taken);
  });
});

describe('somebody else', () => {
  test('who deletes a route of ours is told by its destination, one of theirs is not', () => {
    const mirror = loaded(FIRST);
    const foreign = { ...ROUTE, protocol: 4 };
    expect(mirror.apply([routeRemoved(foreign)])).toEqual(NOTHING);
    expect(mirror.apply([routeRemoved(ROUTE)])).toEqual({
      destinations: ['10.80.0.0/16'],
      because: [],
    });
  });

  test('who changes a nexthop of ours is told; an echo of ours and a nexthop of theirs are not', () => {
    const mirror = loaded(FIRST);
    const foreign = { ...tunnel(FIRST, 44), protocol: 4 };
    expect(mirror.apply([added(tunnel(FIRST, 33)), added({ ...foreign, id: 9 })])).toEqual(NOTHING);
    expect(mirror.nexthops.get(FIRST)?.deviceIndex).toBe(11);
    const because = [`nexthop ${FIRST} was changed by somebody else`];
    expect(mirror.apply([added(foreign)])).toEqual({ destinations: [], because });
    expect(mirror.nexthops.get(FIRST)).toEqual(foreign);
  });
});

describe('a device', () => {
  const DOWN = [
    ['without carrier', { ...LINK, carrier: false }],
    ['that is set down', { ...LINK, adminUp: false }],
  ] as const;

  test.each(DOWN)(
    '%s takes its nexthop, the group that held nothing else, and its routes',
    (_, link) => {
      const mirror = loaded(FIRST);
      const { because } = mirror.apply([{ type: 'linkChanged', link }]);
      expect(because).toEqual(['device wgb1 went down with the routes over it']);
      expect(mirror.nexthops.size).toBe(0);
      expect(destinations(mirror)).not.toContain('10.80.0.0/16');
    },
  );

  test('that is lost from a group of two leaves the other member and the routes', () => {
    const mirror = loaded(FIRST, SECOND);
    const taken = mirror.routesTaken;
    const link = { ...LINK, index: 12, name: 'wgb2', carrier: false };
    expect(mirror.apply([{ type: 'linkChanged', link }])).toEqual(NOTHING);
    expect([...mirror.nexthops.keys()]).toEqual([FIRST, GROUP]);
    expect(mirror.nexthops.get(GROUP)).toEqual(group(FIRST));
    expect(destinations(mirror)).toContain('10.80.0.0/16');
    expect(mirror.routesTaken).toBe(taken);
  });

  test('that is up takes nothing, and one that carries nothing of ours neither', () => {
    const mirror = loaded(FIRST);
    const taken = mirror.routesTaken;
    const other = { ...LINK, index: 99, adminUp: false };
    mirror.apply([
      { type: 'linkChanged', link: LINK },
      { type: 'linkChanged', link: other },
    ]);
    expect(mirror.nexthops.size).toBe(2);
    expect(destinations(mirror)).toHaveLength(2);
    expect(mirror.routesTaken).toBe(taken);
  });

  test('without carrier keeps its routes to next hops; set down, gone, or without an address it does not', () => {
    const lost = (event: KernelEvent) => {
      const mirror = loaded(FIRST);
      mirror.apply([event]);
      return !destinations(mirror).includes('10.9.0.0/16');
    };
    const address = {
      deviceIndex: 11,
      family: 'ipv4',
      address: '1.2.3.4',
      prefixLength: 24,
    } as const;
    expect(lost({ type: 'linkChanged', link: { ...LINK, carrier: false } })).toBe(false);
    expect(lost({ type: 'linkChanged', link: { ...LINK, adminUp: false } })).toBe(true);
    expect(lost({ type: 'linkRemoved', index: 11, name: 'wgb1' })).toBe(true);
    expect(lost({ type: 'addressRemoved', address })).toBe(true);
    expect(lost({ type: 'addressRemoved', address: { ...address, deviceIndex: 12 } })).toBe(false);
  });

  test('whose address goes keeps the routes that stand behind a nexthop', () => {
    const mirror = new RouteMirror();
    mirror.apply([routeAdded({ ...ROUTE, deviceIndex: 11 })]);
    const address = {
      deviceIndex: 11,
      family: 'ipv4',
      address: '1.2.3.4',
      prefixLength: 24,
    } as const;
    mirror.apply([{ type: 'addressRemoved', address }]);
    expect(destinations(mirror)).toEqual(['10.80.0.0/16']);
  });

  test('that is removed is told like one that went down', () => {
    const mirror = loaded(FIRST);
    const { because } = mirror.apply([{ type: 'linkRemoved', index: 11, name: 'wgb1' }]);
    expect(because).toEqual(['device wgb1 went down with the routes over it']);
  });

  test.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
  ])('carries nexthops when it is up and has carrier (%s, %s)', (adminUp, carrier, carries) => {
    expect(carriesNexthops({ ...LINK, adminUp, carrier })).toBe(carries);
  });
});
