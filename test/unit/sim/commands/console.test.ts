/**
 * The rules S1 to S10 of the Cloud Connect Network page, each driven through the commands an operator types, with
 * the control plane kept in a file between one command and the next.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BOUND, FRANKFURT, HANGZHOU, Operator } from '../../../kit/cloud-operator.ts';

let operator: Operator;

beforeEach(() => {
  operator = new Operator();
});

afterEach(() => operator.leave());

describe('the seed rules, typed', () => {
  test('S1: an area is mandatory when buying a SAG and when creating a CCN', async () => {
    expect(await operator.refusal('sag buy hz-1')).toBe('AreaMissing');
    expect(await operator.refusal('ccn create ccn-1 --name branches')).toBe('AreaMissing');
    expect(await operator.refusal('ccn create ccn-1 --name branches --area Atlantis')).toBe(
      'AreaUnknown',
    );
    await operator.does('ccn create ccn-1 --name branches --area Mainland_China');
  });

  test('S2: a CCN takes many SAGs', async () => {
    await operator.does(...BOUND);
    for (const [serial, cidr] of [
      ['sh-1', '10.2.0.0/24'],
      ['bj-1', '10.3.0.0/24'],
    ]) {
      await operator.does(
        `sag buy ${serial} --area Mainland_China --cidr ${cidr}`,
        `ccn bind-sag ccn-1 ${serial}`,
      );
    }
    const { ccns } = JSON.parse((await operator.type('ccn list --json')).out);
    expect(ccns).toMatchObject([
      { CcnId: 'ccn-1', AssociatedCloudBoxCount: 3, AssociatedCenId: 'cen-1' },
    ]);
  });

  test('S3: a branch reaches the cloud only through both bindings, and the chain names the missing one', async () => {
    const unfinished = await operator.type('chain hz-1');
    expect(unfinished.exit).toBe(1);
    expect(unfinished.out).toContain('missing: SAG: SagNotFound');
    await operator.does(...BOUND);
    const complete = await operator.type('chain hz-1');
    expect(complete).toMatchObject({ exit: 0, error: '' });
    expect(complete.out.split('\n').map((row) => row.trim().split(/ +/).slice(0, 2))).toEqual([
      ['SAG', 'hz-1'],
      ['CCN', 'ccn-1'],
      ['CEN', 'cen-1'],
      ['VPC', 'vpc-sh'],
      ['The', 'chain'],
      [''],
    ]);
    await operator.does('ccn unbind ccn-1');
    const withoutCen = await operator.type('chain hz-1');
    expect(withoutCen.exit).toBe(1);
    expect(withoutCen.out).toContain(
      'missing: CCN→CEN: NotBoundCEN: CCN ccn-1 is bound to no CEN.',
    );
    expect(withoutCen.out).toContain('next: sag-sim ccn bind-cen ccn-1 CEN');
    await operator.does('ccn bind-cen ccn-1 cen-1', 'ccn unbind ccn-1 --sag hz-1');
    const withoutCcn = await operator.type('chain hz-1 --json');
    expect(withoutCcn.exit).toBe(1);
    expect(JSON.parse(withoutCcn.out)).toMatchObject({
      complete: false,
      missing: { link: 'SAG→CCN', code: 'NotBoundCCN' },
    });
  });

  test('S4: each CEN area has a region and each CCN area stands in exactly one CEN area', async () => {
    for (const [era, ccnAreas] of [
      ['2018-seed', 9],
      ['2021', 8],
    ] as const) {
      const { areas } = JSON.parse((await operator.type(`ccn areas --era ${era} --json`)).out) as {
        areas: { ccnArea: string; cenArea: string; regions: unknown[] }[];
      };
      expect(new Set(areas.map(({ ccnArea }) => ccnArea)).size).toBe(areas.length);
      expect(areas).toHaveLength(ccnAreas);
      for (const { regions } of areas) expect(regions.length).toBeGreaterThan(0);
    }
  });

  test('S5: the same area is reached with nothing more to configure', async () => {
    await operator.does(...BOUND, 'chain hz-1');
    expect((await operator.type('cen list --json')).out).toContain('"plans":[]');
    expect((await operator.type('chain hz-1')).out).toContain('cn-shanghai 172.16.0.0/16: reached');
  });

  test('S6: another area is not supported: Frankfurt is refused and Shanghai stays', async () => {
    await operator.does(
      ...BOUND,
      ...FRANKFURT,
      'ccn create ccn-2 --area Mainland_China --name two',
    );
    expect(await operator.refusal('ccn bind-cen ccn-2 cen-eu')).toBe('CrossAreaNotSupported');
    expect(await operator.refusal('ccn check Mainland_China eu-central-1')).toBe(
      'CrossAreaNotSupported',
    );
    await operator.does('chain hz-1');
  });

  test('S7: SAG itself is sold only in Mainland China; other areas still take a CCN', async () => {
    expect(await operator.refusal('sag buy fra-1 --area Europe')).toBe('SagNotSoldInArea');
    await operator.does('ccn create ccn-eu --area Europe --name eu');
    expect((await operator.type('ccn check Europe eu-central-1')).exit).toBe(0);
  });

  test('S8: a CCN needs its area, then a name; a description if one likes', async () => {
    expect(await operator.refusal('ccn create ccn-1 --area Mainland_China')).toBe('NameMissing');
    await operator.does(
      'ccn create ccn-1 --area Mainland_China --name north --description of_the_river',
    );
    const { ccns } = JSON.parse((await operator.type('ccn list --json')).out);
    expect(ccns[0]).toMatchObject({ Name: 'north', Description: 'of the river' });
  });

  test('S9: a CEN without the target VPC binds, but nothing is reached', async () => {
    await operator.does(...HANGZHOU, 'ccn bind-sag ccn-1 hz-1', 'cen create cen-empty');
    await operator.does('ccn bind-cen ccn-1 cen-empty');
    const { exit, out } = await operator.type('chain hz-1');
    expect(exit).toBe(1);
    expect(out).toContain('missing: CEN→VPC: VpcNotInCen');
  });

  test('S10: area names compare through the table, never as strings', async () => {
    await operator.does(
      'ccn create ccn-sg --area Singapore --name sg',
      'cen create cen-ap',
      'cen attach-vpc cen-ap vpc-sg --region ap-southeast-1 --cidr 172.28.0.0/16',
      'ccn bind-cen ccn-sg cen-ap',
      'ccn check Singapore ap-southeast-1',
    );
    expect(await operator.refusal('ccn check Asia_Pacific ap-southeast-1')).toBe('AreaUnknown');
    expect(await operator.refusal('ccn check Singapore cn-hongkong')).toBe('CcnAreaNotCovered');
  });
});
