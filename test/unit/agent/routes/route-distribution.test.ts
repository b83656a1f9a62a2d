import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  type DesiredRoute,
  ROUTE_POLICIES,
  type RoutePolicy,
} from '../../../../agent/model/branch-route.ts';
import type { HealthStatus } from '../../../../agent/model/health-check.ts';
import { routeConflicts } from '../../../../agent/routes/route-conflicts.ts';
import {
  branchRoutes,
  cloudRoutes,
  distributeRoutes,
  heldOff,
} from '../../../../agent/routes/route-distribution.ts';

const LAN = '192.168.10.0/24';
const CLOUD = '172.16.0.0/16';
const BEHIND = { cidr: '192.168.20.0/24', nextHop: '192.168.10.254' } as const;

function distributed(
  routes: readonly DesiredRoute[],
  {
    lanPrefixes = [LAN],
    prefixes = [CLOUD],
    health = {},
  }: {
    lanPrefixes?: readonly string[];
    prefixes?: readonly string[];
    health?: Record<string, HealthStatus>;
  } = {},
) {
  const all = branchRoutes({ routes, lanPrefixes, prefixes });
  return distributeRoutes(all, routeConflicts({ routes: all, lanPrefixes, prefixes }), health);
}

/** ModifyRouteDistributionStrategy: state and publication of each policy under each status of its health check. */
const TABLE: Readonly<Record<RoutePolicy, Readonly<Record<HealthStatus, string>>>> = {
  publish: {
    success: 'normal publish',
    failed: 'normal publish',
    unknown: 'normal publish',
  },
  no_publish: {
    success: 'normal not_publish',
    failed: 'normal not_publish',
    unknown: 'normal not_publish',
  },
  no_publish_and_publish_on_health_success: {
    success: 'normal publish',
    failed: 'normal not_publish',
    unknown: 'normal not_publish',
  },
  no_publish_and_publish_on_health_fail: {
    success: 'normal not_publish',
    failed: 'normal publish',
    unknown: 'normal not_publish',
  },
  publish_and_revoke_on_health_success: {
    success: 'revoked not_publish',
    failed: 'normal publish',
    unknown: 'normal publish',
  },
  publish_and_revoke_on_health_fail: {
    success: 'normal publish',
    failed: 'revoked not_publish',
    unknown: 'normal publish',
  },
};

describe('a publishing policy', () => {
  for (const policy of ROUTE_POLICIES) {
    for (const status of ['success', 'failed', 'unknown'] as const) {
      it(`${policy} with a health check that is ${status}: ${TABLE[policy][status]}`, () => {
        const healthCheck = policy.includes('health') ? { healthCheck: 'hc' } : {};
        const [route] = distributed([{ ...BEHIND, policy, ...healthCheck }], {
          health: { hc: status },
        });
        expect(`${route?.state} ${route?.published}`).toBe(TABLE[policy][status]);
        expect(route?.because).not.toBe('');
      });
    }
  }

  it('reads the status of its own health check only', () => {
    const route = { ...BEHIND, policy: 'publish_and_revoke_on_health_fail', healthCheck: 'mine' };
    const [told] = distributed([route as DesiredRoute], { health: { other: 'failed' } });
    expect(told).toMatchObject({ published: 'publish', because: 'health check mine is unknown' });
  });
});

describe('the routes of a branch', () => {
  it('are what the document lists, and the LAN prefixes it does not name, which are published', () => {
    const told = distributed([{ ...BEHIND, policy: 'no_publish' }], {
      lanPrefixes: [LAN, '192.168.11.0/24'],
    });
    expect(told.map(({ cidr, published }) => `${cidr} ${published}`)).toEqual([
      '192.168.20.0/24 not_publish',
      `${LAN} publish`,
      '192.168.11.0/24 publish',
    ]);
  });

  it('a LAN prefix is not in conflict with itself', () => {
    expect(distributed([{ cidr: LAN, policy: 'publish' }])).toMatchObject([
      { cidr: LAN, published: 'publish', conflictCidrs: [] },
    ]);
  });

  it('the default route of the CCN is in conflict with nobody', () => {
    const told = distributed([{ ...BEHIND, policy: 'publish' }], { prefixes: ['0.0.0.0/0'] });
    expect(told.flatMap(({ conflictCidrs }) => conflictCidrs)).toEqual([]);
  });
});

describe('a route that holds addresses of another', () => {
  it('of the LAN: it is taken back, and names the LAN prefix', () => {
    const [route] = distributed([{ ...BEHIND, cidr: '192.168.0.0/16', policy: 'publish' }]);
    expect(route).toMatchObject({
      state: 'revoked',
      published: 'not_publish',
      because: `it overlaps the LAN prefix ${LAN}`,
      conflictCidrs: [LAN],
    });
  });

  it('of the cloud: it is taken back, and names the prefix the CCN publishes', () => {
    const [route] = distributed([{ ...BEHIND, cidr: '172.16.3.0/24', policy: 'publish' }]);
    expect(route).toMatchObject({
      state: 'revoked',
      because: `it overlaps ${CLOUD}, which the CCN publishes`,
      conflictCidrs: [CLOUD],
    });
  });

  it('of the cloud, but not published anyway: it is in conflict, not revoked', () => {
    const [route] = distributed([{ ...BEHIND, cidr: '172.16.3.0/24', policy: 'no_publish' }]);
    expect(route).toMatchObject({ state: 'normal', conflictCidrs: [CLOUD] });
  });

  it('of another route of the branch: both name the other and both stay, the longer prefix wins', () => {
    const inner = { ...BEHIND, cidr: '10.9.1.0/24', policy: 'publish' } as const;
    const outer = { ...BEHIND, cidr: '10.9.0.0/16', policy: 'publish' } as const;
    expect(distributed([outer, inner])).toMatchObject([
      { published: 'publish', conflictCidrs: [inner.cidr] },
      { published: 'publish', conflictCidrs: [outer.cidr] },
      { cidr: LAN },
    ]);
  });

  it('of thousands: a few are named', () => {
    const prefixes = Array.from({ length: 2_000 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);
    const [route] = distributed([{ ...BEHIND, cidr: '10.0.0.0/8', policy: 'publish' }], {
      prefixes,
    });
    expect(route?.conflictCidrs.length).toBe(4);
  });

  it('a prefix of the cloud that overlaps the LAN is revoked and names it', () => {
    expect(cloudRoutes({ prefixes: [CLOUD, '192.168.0.0/16'], lanPrefixes: [LAN] })).toMatchObject([
      { cidr: CLOUD, sourceType: 'cloud', state: 'normal' },
      { cidr: '192.168.0.0/16', state: 'revoked', conflictCidrs: [LAN] },
    ]);
  });
});

test('what is published never holds an address of the LAN behind a next hop, nor one of the cloud', () => {
  const cidr = fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.constantFrom(16, 24))
    .map(([a, b, length]) => (length === 16 ? `10.${a}.0.0/16` : `10.${a}.${b}.0/24`));
  const plan = fc.record({
    routes: fc.uniqueArray(cidr, { maxLength: 6 }),
    lanPrefixes: fc.uniqueArray(cidr, { maxLength: 2 }),
    prefixes: fc.uniqueArray(cidr, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(plan, ({ routes, lanPrefixes, prefixes }) => {
      const behind = routes.map(
        (each) => ({ cidr: each, nextHop: '10.0.0.254', policy: 'publish' }) as const,
      );
      const told = distributed(behind, { lanPrefixes, prefixes });
      const wrong = told.filter(({ cidr: own, nextHop, published, conflictCidrs }) => {
        const foreign = nextHop === undefined ? prefixes : [...prefixes, ...lanPrefixes];
        const isTaken = foreign.some((text) => overlap(text, own));
        return published === 'publish' ? isTaken : !isTaken || conflictCidrs.length === 0;
      });
      expect(wrong).toEqual([]);
    }),
  );
});

/** Of two prefixes of 10.0.0.0/8 with a length of 16 or 24. */
function overlap(a: string, b: string): boolean {
  const [[, a2, a3, , aLength], [, b2, b3, , bLength]] = [a, b].map((text) =>
    text.split(/[./]/),
  ) as [string[], string[]];
  return a2 === b2 && (aLength === '16' || bLength === '16' || a3 === b3);
}

test('a cold standby publishes nothing and says why; what was not published stays as it is', () => {
  const routes = [
    { ...BEHIND, policy: 'publish' as const },
    { cidr: '192.168.30.0/24', policy: 'no_publish' as const },
  ];
  const before = distributed(routes, { lanPrefixes: [] });
  const [published, unpublished] = heldOff(before);
  const because = 'a cold standby publishes nothing';
  expect(published).toEqual({
    ...before[0],
    state: 'revoked',
    published: 'not_publish',
    because,
  });
  expect(unpublished).toEqual(before[1]);
});

test('a route that is no prefix stands back, and takes nothing from others', () => {
  const [broken, whole] = routeConflicts({
    routes: [
      { cidr: 'nonsense', policy: 'publish' },
      { ...BEHIND, policy: 'publish' },
    ],
    lanPrefixes: ['nonsense too'],
    prefixes: [],
  });
  expect(broken).toEqual({ conflictCidrs: [], standsBack: 'it is no prefix' });
  expect(whole).toEqual({ conflictCidrs: [] });
});
