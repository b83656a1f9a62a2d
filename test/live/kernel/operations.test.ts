import { describe, expect, test } from 'vitest';
import type { KernelRoute } from '../../../firmware-shim/kernel/types.ts';
import { scratchNetns } from '../../kit/scratch-netns.ts';
import { branchNetnsPerTest } from './branch-netns.ts';

const branch = branchNetnsPerTest();

function blackholeRoute(at: number): KernelRoute {
  return {
    family: 'ipv4',
    destination: `10.${100 + (at >> 8)}.${at & 255}.0/24`,
    table: 254,
    protocol: 196,
    type: 'blackhole',
  };
}

describe('what we ask for is what ip(8) shows', () => {
  test('links of each kind, in and out of a bridge and another namespace', async () => {
    const { netns, kernel, ipJson } = branch();
    const other = scratchNetns();
    try {
      const far = { kind: 'veth', peerName: 'far0', peerNetnsPath: other.path } as const;
      expect(await kernel.perform({ op: 'linkAdd', name: 'near0', details: far })).toBe('ok');
      expect(other.ip('link')).toContain('far0');
      const vxlan = { kind: 'vxlan', vni: 77, port: 4789 } as const;
      expect(await kernel.perform({ op: 'linkAdd', name: 'vx0', details: vxlan })).toBe('ok');
      expect(ipJson('-d', 'link', 'show', 'vx0')).toMatchObject([
        { linkinfo: { info_kind: 'vxlan', info_data: { id: 77, port: 4789 } } },
      ]);
      const bridge = { kind: 'bridge' } as const;
      expect(await kernel.perform({ op: 'linkAdd', name: 'br0', details: bridge })).toBe('ok');
      const master = await kernel.indexOf('br0');
      const index = await kernel.indexOf('near0');
      expect(await kernel.perform({ op: 'linkSet', index, master, mtu: 1300, name: 'lan1' })).toBe(
        'ok',
      );
      expect(ipJson('link', 'show', 'lan1')).toMatchObject([{ master: 'br0', mtu: 1300 }]);
      expect(await kernel.perform({ op: 'linkSet', index, master: 0 })).toBe('ok');
      expect(ipJson('link', 'show', 'lan1')[0]).not.toHaveProperty('master');
      expect(await kernel.perform({ op: 'linkSet', index, netnsPath: other.path })).toBe('ok');
      expect(other.ip('link')).toContain('lan1');
      expect(await kernel.perform({ op: 'linkDelete', index: master })).toBe('ok');
      expect(netns.ip('link')).not.toContain('br0');
    } finally {
      other.remove();
    }
  });

  test('addresses, rules with a mark, and routes of our protocol in a table', async () => {
    const { kernel, ipJson, makeWan } = branch();
    const index = await makeWan('wan1', '10.1.0.1');
    expect(ipJson('addr', 'show', 'wan1')).toMatchObject([
      { mtu: 1400, addr_info: [{ local: '10.1.0.1', prefixlen: 24 }, {}] },
    ]);
    const route: KernelRoute = {
      family: 'ipv4',
      destination: '10.90.0.0/16',
      table: 1000,
      protocol: 196,
      type: 'unicast',
      metric: 5,
      gateway: '10.1.0.2',
      deviceIndex: index,
      source: '10.1.0.1',
    };
    expect(await kernel.perform({ op: 'routeAdd', route })).toBe('ok');
    expect(ipJson('route', 'show', 'table', '1000')).toMatchObject([
      { dst: '10.90.0.0/16', gateway: '10.1.0.2', dev: 'wan1', protocol: '196', metric: 5 },
    ]);
    expect(await kernel.dump({ dump: 'routes', table: 1000 })).toEqual([
      { type: 'routeAdded', route },
    ]);
    const rule = { family: 'ipv4', priority: 900, table: 1000, protocol: 196, fwmark: 7 } as const;
    expect(await kernel.perform({ op: 'ruleAdd', rule })).toBe('ok');
    expect(ipJson('rule')).toContainEqual(
      expect.objectContaining({ priority: 900, fwmark: '0x7', table: '1000' }),
    );
    expect(await kernel.dump({ dump: 'rules', family: 'ipv4' })).toContainEqual({
      type: 'ruleAdded',
      rule,
    });
    expect(await kernel.perform({ op: 'ruleDelete', rule })).toBe('ok');
    expect(await kernel.perform({ op: 'routeDelete', route })).toBe('ok');
    expect(ipJson('route', 'show', 'table', 'all', 'proto', '196')).toEqual([]);
  });

  test('nexthops, groups with weights, a blackhole, and a group replaced under its route', async () => {
    const { netns, kernel, ipJson, makeWan } = branch();
    const wan1 = await makeWan('wan1', '10.1.0.1');
    const wan2 = await makeWan('wan2', '10.2.0.1');
    const own = { family: 'ipv4', protocol: 196 } as const;
    for (const nexthop of [
      { ...own, id: 1, gateway: '10.1.0.2', deviceIndex: wan1 },
      { ...own, id: 2, gateway: '10.2.0.2', deviceIndex: wan2 },
      { ...own, id: 9, blackhole: true },
      { ...own, id: 10, group: [{ id: 1, weight: 1 }] },
      {
        ...own,
        id: 11,
        group: [
          { id: 1, weight: 3 },
          { id: 2, weight: 256 },
        ],
      },
    ]) {
      expect(await kernel.perform({ op: 'nexthopReplace', nexthop })).toBe('ok');
    }
    const route = {
      ...own,
      destination: '10.90.0.0/16',
      table: 254,
      type: 'unicast',
      nexthopId: 10,
    } as const;
    expect(await kernel.perform({ op: 'routeAdd', route })).toBe('ok');
    const flip = { ...own, id: 10, group: [{ id: 2, weight: 1 }] };
    expect(await kernel.perform({ op: 'nexthopReplace', nexthop: flip })).toBe('ok');
    expect(ipJson('route', 'get', '10.90.0.1')).toMatchObject([{ gateway: '10.2.0.2' }]);
    const hole = { ...own, id: 10, group: [{ id: 9, weight: 1 }] };
    expect(await kernel.perform({ op: 'nexthopReplace', nexthop: hole })).toBe('ok');
    expect(await kernel.dump({ dump: 'nexthops' })).toContainEqual({
      type: 'nexthopAdded',
      nexthop: hole,
    });
    expect(await kernel.dump({ dump: 'routes', protocol: 196 })).toEqual([
      { type: 'routeAdded', route },
    ]);
    expect(netns.ip('-N', 'nexthop')).toContain('id 11 group 1,3/2,256 proto 196');
  });

  test('refusals carry the errno and the sentence of the kernel', async () => {
    const { kernel, makeWan } = branch();
    const wanted = { family: 'ipv4', protocol: 196, id: 1, gateway: '10.7.0.2' } as const;
    const deviceIndex = await makeWan('wan1', '10.1.0.1');
    expect(
      await kernel.perform({ op: 'nexthopReplace', nexthop: { ...wanted, deviceIndex } }),
    ).toBe('ENETUNREACH Nexthop has invalid gateway');
    expect(await kernel.perform({ op: 'linkSet', index: deviceIndex, netnsPath: '/no/such' })).toBe(
      'ENOENT network namespace /no/such',
    );
  });
});

describe('many at a time', () => {
  test('two thousand routes put in one go are all granted, in order, and dumped back', async () => {
    const { kernel } = branch();
    const verdicts: Promise<string>[] = [];
    for (let at = 0; at < 2000; at += 1) {
      verdicts.push(kernel.perform({ op: 'routeAdd', route: blackholeRoute(at) }));
    }
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['ok']));
    expect(await kernel.dump({ dump: 'routes', protocol: 196 })).toHaveLength(2000);
  });
});
