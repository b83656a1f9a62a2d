/** What an operator orders for one device at the console, and what of it the control plane refuses. */
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkMeaning } from '../../../../agent/state/desired-check.ts';
import { ControlPlane } from '../../../../sim/ccn/control-plane.ts';
import { desiredFor } from '../../../../sim/live/cloud-desired.ts';
import { config } from '../../../kit/branch.ts';
import { BOUND, HANGZHOU, Operator } from '../../../kit/cloud-operator.ts';

let operator: Operator;

beforeEach(() => {
  operator = new Operator();
});

afterEach(() => operator.leave());

const ORDERED = [
  'sag buy hz-1 --area Mainland_China --cidr 192.168.8.0/21 --cidr 192.168.96.0/24',
  'ccn create ccn-1 --area Mainland_China --name branches --cidr 10.64.0.0/16',
  'ccn bind-sag ccn-1 hz-1',
  'sag set-health-check hz-1 router --destination 192.168.12.2 --source 192.168.12.1',
  'sag set-route hz-1 192.168.96.0/24 --next-hop 192.168.12.2 --policy no~publish~and~publish~on~health~success --health-check router',
  'sag set-route hz-1 192.168.12.0/24 --policy no~publish',
  'sag set-lan hz-1 lan0 --address 192.168.12.1/24 --dhcp-from 192.168.12.100 --dhcp-to 192.168.12.199 --lease-minutes 60 --name-server 192.168.12.2',
  'sag set-ha hz-1 --type warm~backup --role standby',
];

const orders = async () => JSON.parse((await operator.type('sag orders hz-1 --json')).out).orders;

describe('orders for one device', () => {
  test('what is ordered is kept, shown, and said by the next document of the device, which finds it sound', async () => {
    await operator.does(...ORDERED);
    const { out } = await operator.type('sag orders hz-1');
    expect(out.split('\n').map((row) => row.trim().split(/ {2,}/))).toEqual([
      ['WHAT', 'OF', 'IS'],
      [
        'route',
        '192.168.96.0/24 via 192.168.12.2',
        'no_publish_and_publish_on_health_success (router)',
      ],
      ['route', '192.168.12.0/24', 'no_publish'],
      ['LAN port', 'lan0', '192.168.12.1/24, gives out 192.168.12.100 to 192.168.12.199'],
      ['HA', 'warm_backup', 'standby'],
      ['health check', 'router', '192.168.12.2'],
      [''],
    ]);
    const plane = new ControlPlane(operator.file);
    const settings = {
      bfd: { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 },
      mtu: 1_420,
    };
    const birth = { v: 1, serialNumber: 'hz-1', uplinks: [] } as never;
    const view = { network: plane.network, hubs: [], settings };
    const document = desiredFor(view, { birth, slot: 0 }, 4);
    plane.close();
    expect(document).toMatchObject({ revision: 4, ha: { type: 'warm_backup', role: 'standby' } });
    expect(document).toMatchObject({
      routes: [{}, {}],
      lan: [{ ipType: 'DHCP' }],
      healthChecks: [{}],
    });
    expect(checkMeaning(document, config)).toBeUndefined();
  });

  test('the same again is another, and what is taken back is gone', async () => {
    await operator.does(
      ...ORDERED,
      'sag set-route hz-1 192.168.12.0/24 --policy publish',
      'sag set-lan hz-1 lan0 --address 192.168.13.1/24',
      'sag drop-route hz-1 192.168.96.0/24',
      'sag drop-health-check hz-1 router',
      'sag set-ha hz-1',
    );
    expect(await orders()).toEqual({
      routes: [{ cidr: '192.168.12.0/24', policy: 'publish' }],
      lan: [{ id: 'lan0', ipType: 'STATIC', address: '192.168.13.1/24' }],
      healthChecks: [],
    });
    await operator.does('sag drop-route hz-1 192.168.12.0/24', 'sag drop-lan hz-1 lan0');
    expect((await operator.type('sag orders hz-1')).out).toContain('Nothing is ordered');
    for (const words of [
      'drop-route hz-1 192.168.12.0/24',
      'drop-lan hz-1 lan0',
      'drop-health-check hz-1 x',
    ]) {
      expect(await operator.refusal(`sag ${words}`)).toBe('OrderNotFound');
    }
  });

  test('only a SAG that is there and bound is ordered about; what was ordered comes back with its CCN', async () => {
    expect(await operator.refusal('sag set-ha hz-1')).toBe('SagNotFound');
    expect(await operator.refusal('sag orders hz-1')).toBe('SagNotFound');
    await operator.does(...HANGZHOU);
    expect(await operator.refusal('sag set-ha hz-1')).toBe('NotBoundCCN');
    await operator.does(
      'ccn bind-sag ccn-1 hz-1',
      'sag set-route hz-1 10.1.0.0/24 --policy no~publish',
      'ccn unbind ccn-1 --sag hz-1',
      'ccn bind-sag ccn-1 hz-1',
    );
    expect((await orders()).routes).toHaveLength(1);
  });

  test.each([
    ['set-route hz-1 10.1.0.1/24', 'SAG.InvalidCidr', 'bits behind the length'],
    ['set-route hz-1 10.2.0.0/24', 'SAG.InvalidCidr', 'not held by the instance'],
    ['set-route hz-1 10.1.0.0/24 --next-hop 10.9.0.1', 'SAG.InvalidCidr', 'a next hop elsewhere'],
    ['set-route hz-1 10.1.0.0/24 --next-hop router', 'AddressInvalid', 'a next hop by name'],
    ['set-route hz-1 10.1.0.0/24 --policy always', 'PolicyInvalid', 'no policy'],
    ['set-route hz-1 10.1.0.0/24 --health-check x', 'HealthCheckInvalid', 'nothing reads it'],
    [
      'set-route hz-1 10.1.0.0/24 --policy publish~and~revoke~on~health~fail',
      'HealthCheckInvalid',
      'none is named',
    ],
    [
      'set-route hz-1 10.1.0.0/24 --policy publish~and~revoke~on~health~fail --health-check x',
      'HealthCheckInvalid',
      'there is none of that id',
    ],
    ['set-lan hz-1 lan0 --address 10.1.0.1', 'AddressInvalid', 'no length'],
    ['set-lan hz-1 lan0 --address 10.1.0.0/24', 'AddressInvalid', 'the network itself'],
    ['set-lan hz-1 lan0 --address 10.1.0.255/24', 'AddressInvalid', 'all hosts'],
    ['set-lan hz-1 lan0 --address 10.1.0.1/31', 'AddressInvalid', 'no room'],
    ['set-lan hz-1 lan0 --address 10.7.0.1/24', 'SAG.InvalidCidr', 'not held by the instance'],
    ['set-lan hz-1 lan0 --address 10.1.0.1/23', 'SAG.InvalidCidr', 'wider than what is held'],
    ['set-lan hz-1 lan_0 --address 10.1.0.1/24', 'IdInvalid', 'a blank in the id'],
    ['set-lan hz-1 lan0 --address 10.1.0.1/24 --dhcp-from 10.1.0.9', 'DhcpInvalid', 'no end'],
    [
      'set-lan hz-1 lan0 --address 10.1.0.1/24 --dhcp-from 10.1.0.9 --dhcp-to 10.1.0.5',
      'DhcpInvalid',
      'backwards',
    ],
    [
      'set-lan hz-1 lan0 --address 10.1.0.1/24 --dhcp-from 10.1.0.1 --dhcp-to 10.1.0.5',
      'DhcpInvalid',
      'gives its own address away',
    ],
    [
      'set-lan hz-1 lan0 --address 10.1.0.1/24 --dhcp-from 10.1.0.9 --dhcp-to 10.1.1.5',
      'DhcpInvalid',
      'beyond the network',
    ],
    [
      'set-lan hz-1 lan0 --address 10.1.0.1/24 --dhcp-from 10.1.0.9 --dhcp-to 10.1.0.19 --lease-minutes 0',
      'DhcpInvalid',
      'a lease of no time',
    ],
    [
      'set-lan hz-1 lan0 --address 10.1.0.1/24 --dhcp-from 10.1.0.9 --dhcp-to 10.1.0.19 --name-server dns',
      'AddressInvalid',
      'a name server by name',
    ],
    ['set-ha hz-1 --type hot~backup', 'HaInvalid', 'no type'],
    ['set-ha hz-1 --role standby', 'HaInvalid', 'the only device'],
    ['set-health-check hz-1 x --destination host', 'AddressInvalid', 'a host by name'],
    ['set-health-check hz-1 x', 'AddressInvalid', 'no host'],
  ])('refused: %s (%s: %s)', async (words, code, _why) => {
    await operator.does(...BOUND);
    expect(await operator.refusal(`sag ${words}`)).toBe(code);
    expect(await orders()).toEqual({});
  });

  test('two ports share no network, what is read is not dropped, and a SAG has as many routes as CIDRs', async () => {
    await operator.does(...ORDERED);
    expect(await operator.refusal('sag set-lan hz-1 lan1 --address 192.168.12.129/25')).toBe(
      'SAG.CidrOverlap',
    );
    expect(await operator.refusal('sag drop-health-check hz-1 router')).toBe('HealthCheckInUse');
    const more = [8, 9, 10].map((third) => `sag set-route hz-1 192.168.${third}.0/24`);
    await operator.does(...more);
    expect(await operator.refusal('sag set-route hz-1 192.168.11.0/24')).toBe('SAG.CidrOverLimit');
    await operator.does('sag set-route hz-1 192.168.10.0/24 --policy no~publish');
  });

  test('a file that orders what no document says is not believed', async () => {
    await operator.does(...ORDERED);
    const file = new DatabaseSync(operator.file);
    file.exec(`UPDATE sag_order SET orders = '{"ha":{"type":"hot","role":"active"}}'`);
    file.close();
    expect(() => new ControlPlane(operator.file)).toThrow('no document says');
  });
});
