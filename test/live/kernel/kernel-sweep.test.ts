/** An end without a trace: rules, routes and nexthops of ours go, those of others stay. */
import { expect, test } from 'vitest';
import { sweepKernel } from '../../../agent/adapters/host/kernel-sweep.ts';
import { ROUTE_PROTOCOL } from '../../../firmware-shim/kernel/types.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import { netnsMissing, scratchNetns } from '../../kit/scratch-netns.ts';

const missing = netnsMissing();

test('what carries our protocol number goes, and nothing else', async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  const netns = scratchNetns();
  try {
    netns.ipBatch([
      'link set lo up',
      `nexthop add id 19610 dev lo proto ${ROUTE_PROTOCOL}`,
      `nexthop add id 19600 group 19610 proto ${ROUTE_PROTOCOL}`,
      'nexthop add id 7 dev lo',
      `route add 172.16.0.0/16 nhid 19600 proto ${ROUTE_PROTOCOL} metric 19600`,
      `route add unreachable default table 19600 proto ${ROUTE_PROTOCOL}`,
      'route add 192.0.2.0/24 dev lo',
      `rule add fwmark 0xc40001 table 19600 priority 19600 protocol ${ROUTE_PROTOCOL}`,
      'rule add fwmark 0x7 table 7 priority 700',
    ]);
    const kernel = openKernel({ netnsPath: netns.path });
    await sweepKernel(kernel);
    kernel.close();
    const routes = netns.ip('route', 'show', 'table', 'all');
    const nexthops = netns.ip('nexthop');
    const rules = netns.ip('rule');
    expect(routes).toContain('192.0.2.0/24');
    expect(routes).not.toMatch(/172\.16|unreachable/);
    expect(nexthops.match(/^id \d+/gm)).toEqual(['id 7']);
    expect(rules).toContain('fwmark 0x7');
    expect(rules).not.toContain('0xc40001');
  } finally {
    netns.remove();
  }
});
