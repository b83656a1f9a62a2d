import { expect, test } from 'vitest';
import { hashed } from '../../../../agent/contract/document-hash.ts';
import type { AgentConfig } from '../../../../agent/model/config.ts';
import type { DesiredLanPort } from '../../../../agent/model/lan.ts';
import { judgeDesired } from '../../../../agent/state/desired-check.ts';
import { effectiveLan, effectiveLanPrefixes } from '../../../../agent/state/effective-lan.ts';
import { checkLan } from '../../../../agent/state/lan-check.ts';
import { config as branch, desired } from '../../../kit/branch.ts';

const config: AgentConfig = {
  ...branch,
  lanPorts: [
    { id: 'lan0', deviceName: 'lan0', address: '192.168.10.1/24' },
    { id: 'lan1', deviceName: 'lan1', address: '192.168.11.1/24' },
  ],
  lanPrefixes: ['192.168.10.0/24', '192.168.11.0/24', '10.44.0.0/16'],
};
const STATIC: DesiredLanPort = { id: 'lan0', ipType: 'STATIC', address: '192.168.30.1/24' };
const DHCP: DesiredLanPort = {
  id: 'lan1',
  ipType: 'DHCP',
  address: '192.168.31.1/24',
  dhcp: { from: '192.168.31.100', to: '192.168.31.199', leaseMinutes: 1_440 },
};

const found = (...lan: readonly DesiredLanPort[]) =>
  checkLan({ lan, tunnels: desired().tunnels }, config);

test('ports of this device with addresses of their own make sense, and so does silence', () => {
  expect(found(STATIC, DHCP)).toBeUndefined();
  expect(found()).toBeUndefined();
  expect(checkLan({ tunnels: [] }, branch)).toBeUndefined();
});

const dhcp = (change: Partial<DesiredLanPort['dhcp']>) =>
  ({ ...DHCP, dhcp: { ...DHCP.dhcp, ...change } }) as DesiredLanPort;

const REFUSED: readonly (readonly [string, DesiredLanPort, string, string])[] = [
  ['a port it has not', { ...STATIC, id: 'lan9' }, 'EDESIRED_LAN', 'id'],
  ['no address', { ...STATIC, address: 'lan' }, 'EDESIRED_ADDRESS', 'address'],
  ['no length', { ...STATIC, address: '192.168.30.1' }, 'EDESIRED_ADDRESS', 'address'],
  ['IPv6', { ...STATIC, address: 'fd00::1/64' }, 'EDESIRED_ADDRESS', 'address'],
  ['the network itself', { ...STATIC, address: '192.168.30.0/24' }, 'EDESIRED_ADDRESS', 'address'],
  ['all hosts', { ...STATIC, address: '192.168.30.255/24' }, 'EDESIRED_ADDRESS', 'address'],
  ['half the Internet', { ...STATIC, address: '192.168.30.1/1' }, 'EDESIRED_ADDRESS', 'address'],
  ['no room for a host', { ...STATIC, address: '192.168.30.1/31' }, 'EDESIRED_ADDRESS', 'address'],
  ['the other port', { ...STATIC, address: '192.168.11.7/24' }, 'EDESIRED_OVERLAP', 'address'],
  [
    'the inside of a tunnel',
    { ...STATIC, address: '10.250.0.1/16' },
    'EDESIRED_OVERLAP',
    'address',
  ],
  [
    'the next hop of an uplink',
    { ...STATIC, address: '10.91.1.7/24' },
    'EDESIRED_OVERLAP',
    'address',
  ],
  ['DHCP without a range', { ...STATIC, ipType: 'DHCP' }, 'EDESIRED_DHCP', 'dhcp'],
  ['a range without DHCP', { ...DHCP, ipType: 'STATIC' }, 'EDESIRED_DHCP', 'dhcp'],
  ['a range elsewhere', dhcp({ from: '192.168.32.2' }), 'EDESIRED_DHCP', 'dhcp/from'],
  ['a range to the last address', dhcp({ to: '192.168.31.255' }), 'EDESIRED_DHCP', 'dhcp/to'],
  ['a range backwards', dhcp({ to: '192.168.31.99' }), 'EDESIRED_DHCP', 'dhcp/to'],
  ["the box's own address", dhcp({ from: '192.168.31.1' }), 'EDESIRED_DHCP', 'dhcp/from'],
];

test.each(REFUSED)('%s is refused at its place', (_, port, code, place) => {
  expect(found(port)).toMatchObject({ code, pointer: `/lan/0/${place}` });
});

test('one port twice is refused at the second', () => {
  expect(found(STATIC, { ...STATIC, address: '192.168.33.1/24' })).toMatchObject({
    code: 'EDESIRED_DUPLICATE',
    pointer: '/lan/1/id',
  });
});

test('a port that moves takes its network along; other prefixes of the branch stay', () => {
  expect(effectiveLanPrefixes(config, [STATIC])).toEqual([
    '192.168.11.0/24',
    '10.44.0.0/16',
    '192.168.30.0/24',
  ]);
  expect(effectiveLanPrefixes(config)).toEqual(config.lanPrefixes);
  const longer = { ...STATIC, address: '192.168.10.9/24' };
  expect(effectiveLanPrefixes(config, [longer])).toContain('192.168.10.0/24');
  expect(effectiveLan(config.lanPorts, [DHCP]).map(({ address }) => address)).toEqual([
    '192.168.10.1/24',
    DHCP.address,
  ]);
});

test('the rest of the document is judged by the LAN it makes', () => {
  const judge = (change: Parameters<typeof desired>[0]) => {
    const verdict = judgeDesired(hashed(desired(change)), [], config);
    return verdict.is === 'refused'
      ? `${verdict.refusal.code} ${verdict.refusal.pointer}`
      : verdict.is;
  };
  const lan = [STATIC];
  expect(judge({ lan, prefixes: ['192.168.10.0/24'] })).toBe('new');
  expect(judge({ lan, prefixes: ['192.168.30.0/25'] })).toBe('EDESIRED_OVERLAP /prefixes/0');
  expect(judge({ lan, routes: [{ cidr: '192.168.30.0/24', policy: 'no_publish' }] })).toBe('new');
  expect(judge({ lan, routes: [{ cidr: '192.168.10.0/24', policy: 'publish' }] })).toBe(
    'EDESIRED_ROUTE /routes/0/cidr',
  );
  const snat = [{ id: 'office', source: '192.168.30.0/24', uplink: 'wan1' }];
  expect(judge({ lan, traffic: { snat } })).toBe('new');
  expect(judge({ traffic: { snat } })).toBe('EDESIRED_SNAT /traffic/snat/0/source');
});
