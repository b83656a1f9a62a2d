/** The console beyond the seed: bandwidth between areas, codes, addresses, wrong questions, and the file behind it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControlPlane } from '../../../../sim/ccn/control-plane.ts';
import { BOUND, FRANKFURT, HANGZHOU, Operator } from '../../../kit/cloud-operator.ts';

let operator: Operator;

beforeEach(() => {
  operator = new Operator();
});

afterEach(() => operator.leave());

describe('the rules of 2021', () => {
  const ABROAD = [...BOUND, ...FRANKFURT, 'ccn unbind ccn-1', 'ccn bind-cen ccn-1 cen-eu'];

  test('another area is bound at once and reached once bandwidth was bought and given', async () => {
    await operator.does('ccn era 2021', ...ABROAD);
    expect((await operator.type('chain hz-1')).out).toContain(
      'missing: area: BandwidthPlanMissing',
    );
    await operator.does('cen buy-plan cen-eu Mainland_China Europe --mbps 10');
    expect((await operator.type('chain hz-1')).out).toContain('missing: area: RegionNotConnected');
    await operator.does('cen connect cen-eu ccn-1 eu-central-1 --mbps 4', 'chain hz-1');
    await operator.does('cen connect cen-eu ccn-1 eu-central-1 --mbps 0');
    expect((await operator.type('chain hz-1')).exit).toBe(1);
  });

  test('the regions of a plan never have more than the plan, whichever of them changes', async () => {
    await operator.does(
      'ccn era 2021',
      ...ABROAD,
      'ccn create ccn-2 --area Mainland_China --name two --cidr 10.64.0.0/16',
      'ccn bind-cen ccn-2 cen-eu',
      'cen buy-plan cen-eu Mainland_China Europe --mbps 10',
      'cen connect cen-eu ccn-1 eu-central-1 --mbps 6',
    );
    const more = 'cen connect cen-eu ccn-2 eu-central-1 --mbps';
    expect(await operator.refusal(`${more} 5`)).toBe('BandwidthPlanExceeded');
    await operator.does(`${more} 4`);
    expect(await operator.refusal('cen buy-plan cen-eu Europe Mainland_China --mbps 9')).toBe(
      'BandwidthPlanExceeded',
    );
    await operator.does('ccn unbind ccn-2', 'cen buy-plan cen-eu Europe Mainland_China --mbps 6');
    const { cens } = JSON.parse((await operator.type('cen list --json')).out);
    expect(cens[1].plans).toEqual([{ areas: ['Europe', 'Mainland China'], mbps: 6, usedMbps: 6 }]);
  });

  test('bandwidth is refused where it is not needed, not sold or no number', async () => {
    await operator.does(...BOUND);
    expect(await operator.refusal('cen buy-plan cen-1 Mainland_China Europe --mbps 10')).toBe(
      'CrossAreaNotSupported',
    );
    expect(await operator.refusal('ccn era 2021')).toBe('EraFixed');
    expect(await operator.refusal('ccn era 1999')).toBe('EraUnknown');
    operator.leave();
    operator = new Operator();
    await operator.does('ccn era 2021', ...BOUND);
    const connect = 'cen connect cen-1 ccn-1';
    expect(await operator.refusal(`${connect} cn-beijing --mbps 1`)).toBe('RegionCovered');
    expect(await operator.refusal(`${connect} eu-central-1 --mbps 1`)).toBe('BandwidthPlanMissing');
    expect(await operator.refusal(`${connect} eu-central-1 --mbps lots`)).toBe('BandwidthInvalid');
    expect(await operator.refusal('cen buy-plan cen-1 Mainland_China Utopia --mbps 1')).toBe(
      'AreaUnknown',
    );
  });

  test('connecting a region whose VPC overlaps the branch is refused', async () => {
    await operator.does(
      'ccn era 2021',
      ...HANGZHOU,
      'cen attach-vpc cen-1 vpc-fra --region eu-central-1 --cidr 10.1.0.0/16',
      'ccn bind-sag ccn-1 hz-1',
      'ccn bind-cen ccn-1 cen-1',
      'cen buy-plan cen-1 Mainland_China Europe --mbps 10',
    );
    expect(await operator.refusal('cen connect cen-1 ccn-1 eu-central-1 --mbps 1')).toBe(
      'CCN.CidrInUse',
    );
  });
});

describe('the console', () => {
  test('answers with the published codes where there are any', async () => {
    await operator.does(
      ...BOUND,
      'ccn create ccn-2 --area Mainland_China --name two',
      'cen create cen-2',
    );
    expect(await operator.refusal('sag buy hz-1 --area Mainland_China')).toBe('SAG.SnConflict');
    expect(await operator.refusal('ccn bind-sag ccn-2 hz-1')).toBe('AlreadyBound.CCN');
    expect(await operator.refusal('ccn bind-cen ccn-1 cen-2')).toBe('AlreadyBound.CEN');
    expect(await operator.refusal('ccn unbind ccn-2')).toBe('NotBoundCEN');
    expect(await operator.refusal('ccn unbind ccn-2 --sag hz-1')).toBe('NotBoundCCN');
    expect(await operator.refusal('ccn delete ccn-1')).toBe('AlreadyBound.CEN');
    await operator.does('ccn unbind ccn-1');
    expect(await operator.refusal('ccn delete ccn-1')).toBe('AlreadyBound.SMARTAG');
    await operator.does('ccn unbind ccn-1 --sag hz-1', 'ccn delete ccn-1', 'ccn delete ccn-2');
    expect((await operator.type('ccn list')).out).toContain('There is no CCN instance.');
  });

  test('refuses addresses by the rules of the CCN page', async () => {
    const create = 'ccn create ccn-1 --area Mainland_China --name n --cidr';
    expect(await operator.refusal(`${create} 10.0.0.0/25`)).toBe('CCN.InvalidCidr');
    expect(await operator.refusal(`${create} 10.0.0.0/16 --snat-cidr 10.1.0.0/24`)).toBe(
      'CCN.InvalidCidr',
    );
    expect(await operator.refusal(`${create} 10.0.0.0/16 --snat-cidr 10.0.0.0/31`)).toBe(
      'CCN.InvalidCidr',
    );
    await operator.does(`${create} 10.0.0.0/16 --snat-cidr 10.0.8.0/24`);
    const buy = 'sag buy hz-1 --area Mainland_China --cidr';
    expect(await operator.refusal(`${buy} 10.0.0.0/7`)).toBe('SAG.InvalidCidr');
    expect(await operator.refusal(`${buy} 10.0.0.1/32`)).toBe('SAG.InvalidCidr');
  });

  test('a question that makes no sense exits 2 and says how to ask', async () => {
    expect(await operator.type('ccn')).toMatchObject({ exit: 2, out: '' });
    expect((await operator.type('ccn conquer')).error).toContain('sag-sim ccn bind-sag CCN SERIAL');
    expect((await operator.type('ccn bind-sag ccn-1')).error).toContain(
      'EUSAGE: it takes CCN SERIAL',
    );
    expect((await operator.type('ccn create ccn-1 --colour red')).exit).toBe(2);
  });

  test('shows every instance in a table', async () => {
    await operator.does(...BOUND);
    expect((await operator.type('sag list')).out).toMatch(
      /SAG +AREA +CCN +LAN\n +hz-1 +Mainland China +ccn-1/,
    );
    expect((await operator.type('ccn list')).out).toMatch(
      /ccn-1 .*192\.168\.0\.0\/16 +cen-1 +hz-1/,
    );
    expect((await operator.type('cen list')).out).toContain('vpc-sh (cn-shanghai 172.16.0.0/16)');
  });
});

describe('the file', () => {
  const open = (): ControlPlane => new ControlPlane(operator.file);

  test('two who have it open see each other and never bind twice', async () => {
    await operator.does(...HANGZHOU);
    const one = open();
    const other = open();
    expect(one.refresh()).toBe(false);
    expect(other.change((network) => network.bindSag('hz-1', 'ccn-1')).ok).toBe(true);
    expect(other.refresh()).toBe(false);
    expect(one.network.sag('hz-1')?.ccnId).toBeUndefined();
    expect(one.change((network) => network.bindSag('hz-1', 'ccn-1'))).toMatchObject({
      code: 'AlreadyBound.CCN',
    });
    expect(one.network.sag('hz-1')?.ccnId).toBe('ccn-1');
    one.close();
    other.close();
  });

  test('a refusal or an exception after accepted operations undoes them all', async () => {
    await operator.does(...HANGZHOU);
    const plane = open();
    const half = plane.change((network) => {
      network.bindSag('hz-1', 'ccn-1');
      return network.bindCen('ccn-1', 'cen-0');
    });
    expect(half).toMatchObject({ code: 'CenNotFound' });
    expect(plane.network.sag('hz-1')?.ccnId).toBeUndefined();
    expect(() =>
      plane.change((network) => {
        network.deleteCcn('ccn-1');
        throw new Error('the operator tripped');
      }),
    ).toThrow('the operator tripped');
    expect(plane.network.ccn('ccn-1')?.name).toBe('branches');
    plane.close();
  });
});
