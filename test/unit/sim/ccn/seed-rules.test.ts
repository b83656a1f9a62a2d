/** The rules S1 to S10 of the Cloud Connect Network page, each as a test, and the two ambiguities we decided. */
import { describe, expect, test } from 'vitest';
import { AREAS_2018, rowOf } from '../../../../agent/model/area.ts';
import { CloudNetwork } from '../../../../sim/ccn/cloud-network.ts';
import type { Outcome } from '../../../../sim/ccn/outcome.ts';
import { SOLD_EVERYWHERE } from '../../../../sim/ccn/policy.ts';

const SHANGHAI = { id: 'vpc-sh', regionId: 'cn-shanghai', cidr: '172.16.0.0/16' };
const FRANKFURT = { id: 'vpc-fra', regionId: 'eu-central-1', cidr: '172.20.0.0/16' };
const HONG_KONG = { id: 'vpc-hk', regionId: 'cn-hongkong', cidr: '172.24.0.0/16' };

/** Hangzhou branch, CCN of Mainland China, CEN with a Shanghai VPC, everything bound. */
function boundNetwork(): CloudNetwork {
  const network = new CloudNetwork();
  mustDo(
    network.createSag({ serialNumber: 'hz-1', area: 'Mainland China', cidrs: ['10.1.0.0/24'] }),
  );
  mustDo(network.createCcn({ id: 'ccn-1', area: 'Mainland China', name: 'branches' }));
  mustDo(network.createCen({ id: 'cen-1' }));
  mustDo(network.attachVpc('cen-1', SHANGHAI));
  mustDo(network.bindSag('hz-1', 'ccn-1'));
  mustDo(network.bindCen('ccn-1', 'cen-1'));
  return network;
}

function contentOf(network: CloudNetwork) {
  return {
    policy: network.policy,
    sags: network.sags(),
    ccns: network.ccns(),
    cens: network.cens(),
  };
}

function mustDo(outcome: Outcome<unknown>): void {
  expect(outcome).toMatchObject({ ok: true });
}

function codeOf(outcome: Outcome<unknown>): string {
  expect(outcome.ok ? 'It is done.' : outcome.sentence).toMatch(/^.{10,}\.$/);
  return outcome.ok ? 'ok' : outcome.code;
}

describe('the seed rules', () => {
  test('S1: an area is mandatory when buying a SAG and when creating a CCN', () => {
    const network = new CloudNetwork();
    expect(codeOf(network.createSag({ serialNumber: 'sn-1' }))).toBe('AreaMissing');
    expect(codeOf(network.createCcn({ id: 'ccn-1', name: 'branches' }))).toBe('AreaMissing');
    expect(codeOf(network.createCcn({ id: 'c', name: 'n', area: 'Atlantis' }))).toBe('AreaUnknown');
  });

  test('S2: one CCN takes many SAGs', () => {
    const network = boundNetwork();
    for (const [serialNumber, cidr] of [
      ['sh-1', '10.2.0.0/24'],
      ['bj-1', '10.3.0.0/24'],
    ] as const) {
      mustDo(network.createSag({ serialNumber, area: 'Mainland China', cidrs: [cidr] }));
      mustDo(network.bindSag(serialNumber, 'ccn-1'));
    }
    expect(network.sagsOf('ccn-1')).toHaveLength(3);
  });

  test('S3: a branch reaches the cloud only through SAG, CCN and CEN, and the missing link is named', () => {
    const network = boundNetwork();
    expect(network.reach('hz-1', SHANGHAI.cidr)).toMatchObject({ reachable: true, ccnId: 'ccn-1' });
    expect(network.publishedPrefixes('hz-1')).toEqual([SHANGHAI.cidr]);

    mustDo(network.unbindCen('ccn-1'));
    expect(network.reach('hz-1', SHANGHAI.cidr)).toMatchObject({
      missing: 'CCN→CEN',
      code: 'NotBoundCEN',
    });
    mustDo(network.bindCen('ccn-1', 'cen-1'));
    mustDo(network.unbindSag('hz-1'));
    expect(network.reach('hz-1', SHANGHAI.cidr)).toMatchObject({
      missing: 'SAG→CCN',
      code: 'NotBoundCCN',
    });
    expect(network.publishedPrefixes('hz-1')).toEqual([]);
    expect(network.reach('nobody', SHANGHAI.cidr)).toMatchObject({ missing: 'SAG' });
  });

  test('S4: each CEN area has a region and each CCN area maps to exactly one CEN area', () => {
    for (const row of AREAS_2018) expect(row.regions.length).toBeGreaterThan(0);
    expect(new Set(AREAS_2018.map((row) => row.ccnArea)).size).toBe(9);
    expect(new Set(AREAS_2018.map((row) => row.cenArea)).size).toBe(5);
    const regionIds = AREAS_2018.flatMap((row) => row.regions.map((region) => region.id));
    expect(new Set(regionIds).size).toBe(16);
    expect(regionIds).toHaveLength(16);
  });

  test('S5: the same area is reached with nothing more to configure', () => {
    expect(boundNetwork().reach('hz-1', SHANGHAI.cidr).reachable).toBe(true);
  });

  test('S6: a CEN of another area is refused, and a foreign VPC of a mixed CEN stays unreachable', () => {
    const network = boundNetwork();
    mustDo(network.createCen({ id: 'cen-eu' }));
    mustDo(network.attachVpc('cen-eu', FRANKFURT));
    expect(codeOf(network.bindCen('ccn-1', 'cen-eu'))).toBe('CrossAreaNotSupported');
    expect(network.ccn('ccn-1')?.cenId).toBe('cen-1');

    mustDo(network.attachVpc('cen-1', { ...FRANKFURT, id: 'vpc-fra-2' }));
    expect(network.reach('hz-1', FRANKFURT.cidr)).toMatchObject({
      missing: 'area',
      code: 'CrossAreaNotSupported',
    });
    expect(network.publishedPrefixes('hz-1')).toEqual([SHANGHAI.cidr]);
  });

  test('S7: SAG is sold only in Mainland China, as a policy of that era', () => {
    const order = { serialNumber: 'fra-1', area: 'Europe' };
    expect(codeOf(new CloudNetwork().createSag(order))).toBe('SagNotSoldInArea');
    mustDo(new CloudNetwork(SOLD_EVERYWHERE).createSag(order));
    mustDo(new CloudNetwork().createCcn({ id: 'ccn-eu', area: 'Europe', name: 'eu' }));
  });

  test('S8: a CCN needs a name, and a description only if one likes', () => {
    const network = new CloudNetwork();
    const area = 'Mainland China';
    expect(codeOf(network.createCcn({ id: 'ccn-1', area }))).toBe('NameMissing');
    expect(codeOf(network.createCcn({ id: 'ccn-1', area, name: '  ' }))).toBe('NameMissing');
    mustDo(network.createCcn({ id: 'ccn-1', area, name: 'branches' }));
    mustDo(network.createCcn({ id: 'ccn-2', area, name: 'b', description: 'the north' }));
    expect(network.ccn('ccn-2')?.description).toBe('the north');
  });

  test('S9: a CEN without the target VPC binds, but the VPC stays unreachable', () => {
    const network = boundNetwork();
    mustDo(network.unbindCen('ccn-1'));
    mustDo(network.createCen({ id: 'cen-empty' }));
    mustDo(network.bindCen('ccn-1', 'cen-empty'));
    expect(network.reach('hz-1', SHANGHAI.cidr)).toMatchObject({
      missing: 'CEN→VPC',
      code: 'VpcNotInCen',
    });
  });

  test('S10: area names compare through the table, never as strings', () => {
    expect(rowOf(AREAS_2018, 'Singapore')?.cenArea).toBe('Asia Pacific');
    const network = new CloudNetwork(SOLD_EVERYWHERE);
    mustDo(network.createSag({ serialNumber: 'sg-1', area: 'Singapore' }));
    mustDo(network.createCcn({ id: 'ccn-sg', area: 'Singapore', name: 'sg' }));
    mustDo(network.createCen({ id: 'cen-ap' }));
    const vpc = { id: 'vpc-sg', regionId: 'ap-southeast-1', cidr: '172.28.0.0/16' };
    mustDo(network.attachVpc('cen-ap', vpc));
    mustDo(network.bindSag('sg-1', 'ccn-sg'));
    mustDo(network.bindCen('ccn-sg', 'cen-ap'));
    expect(network.reach('sg-1', vpc.cidr).reachable).toBe(true);
  });

  test('a Singapore branch is denied a Hong Kong VPC for its own reason: same CEN area, other CCN area', () => {
    const network = new CloudNetwork(SOLD_EVERYWHERE);
    mustDo(network.createSag({ serialNumber: 'sg-1', area: 'Singapore' }));
    mustDo(network.createCcn({ id: 'ccn-sg', area: 'Singapore', name: 'sg' }));
    mustDo(network.createCen({ id: 'cen-ap' }));
    mustDo(network.attachVpc('cen-ap', HONG_KONG));
    mustDo(network.bindSag('sg-1', 'ccn-sg'));
    mustDo(network.bindCen('ccn-sg', 'cen-ap'));
    expect(network.reach('sg-1', HONG_KONG.cidr)).toMatchObject({
      missing: 'area',
      code: 'CcnAreaNotCovered',
    });
    expect(network.publishedPrefixes('sg-1')).toEqual([]);
  });
});

describe('binding', () => {
  test('a SAG of another area than the CCN is refused', () => {
    const network = boundNetwork();
    mustDo(network.createCcn({ id: 'ccn-eu', area: 'Europe', name: 'eu' }));
    mustDo(network.unbindSag('hz-1'));
    expect(codeOf(network.bindSag('hz-1', 'ccn-eu'))).toBe('AreaMismatch');
  });

  test('a SAG has at most one CCN and a CCN at most one CEN', () => {
    const network = boundNetwork();
    mustDo(network.createCcn({ id: 'ccn-2', area: 'Mainland China', name: 'two' }));
    mustDo(network.createCen({ id: 'cen-2' }));
    expect(codeOf(network.bindSag('hz-1', 'ccn-2'))).toBe('AlreadyBound.CCN');
    expect(codeOf(network.bindCen('ccn-1', 'cen-2'))).toBe('AlreadyBound.CEN');
    expect(codeOf(network.unbindSag('nobody'))).toBe('SagNotFound');
    expect(codeOf(network.unbindCen('ccn-2'))).toBe('NotBoundCEN');
  });

  test('addresses of a CCN never overlap a VPC it publishes, whichever comes last', () => {
    const network = boundNetwork();
    const near = { id: 'vpc-near', regionId: 'cn-beijing', cidr: '10.1.0.128/25' };
    expect(codeOf(network.attachVpc('cen-1', near))).toBe('CCN.CidrInUse');
    mustDo(
      network.createSag({ serialNumber: 'x-1', area: 'Mainland China', cidrs: ['172.16.9.0/24'] }),
    );
    expect(codeOf(network.bindSag('x-1', 'ccn-1'))).toBe('CCN.CidrInUse');

    mustDo(network.createCen({ id: 'cen-home' }));
    const home = { id: 'vpc-home', regionId: 'cn-beijing', cidr: '192.168.7.0/24' };
    mustDo(network.attachVpc('cen-home', home));
    mustDo(network.unbindCen('ccn-1'));
    expect(codeOf(network.bindCen('ccn-1', 'cen-home'))).toBe('CCN.CidrInUse');
  });

  test('two SAGs of one CCN may not share a range', () => {
    const network = boundNetwork();
    mustDo(
      network.createSag({ serialNumber: 'y-1', area: 'Mainland China', cidrs: ['10.1.0.0/25'] }),
    );
    expect(codeOf(network.bindSag('y-1', 'ccn-1'))).toBe('SAG.CidrOverlap');
  });

  test('a CCN CIDR outside /8 to /24, or none at all, is refused', () => {
    const network = new CloudNetwork();
    const ccn = { id: 'ccn-1', area: 'Mainland China', name: 'n' };
    for (const cidrBlock of ['10.0.0.0/25', '0.0.0.0/0', '10.0.0.1/16', '300.0.0.0/8', 'x']) {
      expect(codeOf(network.createCcn({ ...ccn, cidrBlock }))).toBe('CCN.InvalidCidr');
    }
    mustDo(network.createCcn(ccn));
    expect(network.ccn('ccn-1')?.cidrBlock).toBe('192.168.0.0/16');
  });

  test('a CCN still in use cannot be deleted', () => {
    const network = boundNetwork();
    expect(codeOf(network.deleteCcn('ccn-1'))).toBe('AlreadyBound.CEN');
    mustDo(network.unbindCen('ccn-1'));
    expect(codeOf(network.deleteCcn('ccn-1'))).toBe('AlreadyBound.SMARTAG');
    mustDo(network.unbindSag('hz-1'));
    mustDo(network.deleteCcn('ccn-1'));
  });

  test('ids that mean something in a topic are refused', () => {
    const network = new CloudNetwork();
    for (const serialNumber of ['#', '+', 'a/b', '', 'x y', '$SYS']) {
      expect(codeOf(network.createSag({ serialNumber, area: 'Mainland China' }))).toBe('IdInvalid');
    }
  });

  test('a refusal changes nothing', () => {
    const { policy, sags, ccns, cens } = contentOf(boundNetwork());
    const changes: unknown[] = [];
    const network = new CloudNetwork(policy, (change) => changes.push(change));
    network.restore(policy, { sags, ccns, cens });
    network.bindSag('hz-1', 'ccn-1');
    network.createCcn({ id: 'ccn-1', area: 'Mainland China', name: 'again' });
    network.createSag({ serialNumber: 'hz-1', area: 'Mainland China' });
    expect(changes).toEqual([]);
  });
});
