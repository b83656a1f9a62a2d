import { expect, test } from 'vitest';
import { type DesiredRoute, ROUTE_POLICIES } from '../../../../agent/model/branch-route.ts';
import { checkRoutes } from '../../../../agent/state/route-check.ts';

const LAN = '192.168.10.0/24';
const BEHIND: DesiredRoute = {
  cidr: '192.168.20.0/24',
  nextHop: '192.168.10.254',
  policy: 'publish',
};

test('a LAN prefix, and one behind a next hop in the LAN, make sense', () => {
  expect(
    checkRoutes({ routes: [{ cidr: LAN, policy: 'no_publish' }, BEHIND] }, [LAN]),
  ).toBeUndefined();
  expect(checkRoutes({}, [LAN])).toBeUndefined();
});

const REFUSED: readonly (readonly [string, Partial<DesiredRoute>, string, string])[] = [
  ['an address without a length', { cidr: '192.168.20.1' }, 'EDESIRED_PREFIX', '/routes/1/cidr'],
  ['host bits', { cidr: '192.168.20.1/24' }, 'EDESIRED_PREFIX', '/routes/1/cidr'],
  ['the default route', { cidr: '0.0.0.0/0' }, 'EDESIRED_PREFIX', '/routes/1/cidr'],
  ['half of the Internet', { cidr: '128.0.0.0/1' }, 'EDESIRED_PREFIX', '/routes/1/cidr'],
  ['an IPv6 prefix too wide', { cidr: '2000::/3' }, 'EDESIRED_PREFIX', '/routes/1/cidr'],
  ['a name as next hop', { nextHop: 'router' }, 'EDESIRED_ADDRESS', '/routes/1/nextHop'],
  ['a prefix as next hop', { nextHop: '192.168.10.1/24' }, 'EDESIRED_ADDRESS', '/routes/1/nextHop'],
  ['a next hop elsewhere', { nextHop: '10.91.1.1' }, 'EDESIRED_ROUTE', '/routes/1/nextHop'],
  ['two families', { cidr: 'fd00:20::/64' }, 'EDESIRED_FAMILY', '/routes/1/nextHop'],
  [
    'a status that is not named',
    { policy: 'publish_and_revoke_on_health_fail' },
    'EDESIRED_HEALTH',
    '/routes/1/healthCheck',
  ],
  ['a status nobody reads', { healthCheck: 'hc' }, 'EDESIRED_HEALTH', '/routes/1/healthCheck'],
  ['the same prefix again', { cidr: '10.9.0.0/16' }, 'EDESIRED_DUPLICATE', '/routes/1/cidr'],
];

test.each(REFUSED)('%s is refused at its place', (_, change, code, pointer) => {
  const routes = [
    { ...BEHIND, cidr: '10.9.0.0/16' },
    { ...BEHIND, ...change },
  ];
  expect(checkRoutes({ routes }, [LAN])).toMatchObject({ code, pointer });
});

test('a prefix without a next hop that is none of the LAN is refused, also one within it', () => {
  for (const cidr of ['10.9.0.0/16', '192.168.10.0/25']) {
    const found = checkRoutes({ routes: [{ cidr, policy: 'publish' }] }, [LAN]);
    expect(found).toMatchObject({ code: 'EDESIRED_ROUTE', pointer: '/routes/0/cidr' });
  }
});

test('one prefix in two spellings is one prefix', () => {
  const lan = ['fd00::/64'];
  const shared = { nextHop: 'fd00::1', policy: 'publish' } as const;
  const routes = ['fd00:1::/64', 'fd00:1:0:0::/64'].map((cidr) => ({ cidr, ...shared }));
  expect(checkRoutes({ routes }, lan)).toMatchObject({ code: 'EDESIRED_DUPLICATE' });
});

test('each policy that speaks of health needs a health check, and no other may name one', () => {
  for (const policy of ROUTE_POLICIES) {
    const reads = policy.includes('health');
    const route = { ...BEHIND, policy, ...(reads && { healthCheck: 'hc' }) };
    const healthChecks = [{ id: 'hc', type: 'ICMP_ECHO', destination: '172.16.0.1' }] as const;
    expect(checkRoutes({ routes: [route], healthChecks }, [LAN])).toBeUndefined();
    expect(checkRoutes({ routes: [route] }, [LAN])?.code).toBe(
      reads ? 'EDESIRED_HEALTH' : undefined,
    );
  }
});
