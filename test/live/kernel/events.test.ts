import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { KernelEvent } from '../../../firmware-shim/kernel/types.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import { awaitedKernel } from '../../kit/awaited-kernel.ts';
import { scratchNetns } from '../../kit/scratch-netns.ts';
import { branchNetnsPerTest } from './branch-netns.ts';

const branch = branchNetnsPerTest();

function destinationOf(at: number): string {
  return `10.${100 + (at >> 8)}.${at & 255}.0/24`;
}

test('the whole view comes first and agrees with ip(8)', async () => {
  const { kernel, ipJson, makeWan } = branch();
  await makeWan('wan1', '10.1.0.1');
  kernel.listen();
  await kernel.heard((event) => event.type === 'linkChanged');
  const [view = []] = kernel.batches;
  const routes = view.filter(
    (event) => event.type === 'routeAdded' && event.route.family === 'ipv4',
  );
  expect(routes).toHaveLength(ipJson('-4', 'route', 'show', 'table', 'all').length);
  const rules = view.filter((event) => event.type === 'ruleAdded' && event.rule.family === 'ipv4');
  expect(rules).toHaveLength(ipJson('rule').length);
});

test('a cable pulled at the far end is heard, and takes its nexthop along without a word', async () => {
  const { netns, kernel, makeWan } = branch();
  const deviceIndex = await makeWan('wan1', '10.1.0.1');
  const nexthop = {
    id: 1,
    family: 'ipv4',
    protocol: 196,
    deviceIndex,
    gateway: '10.1.0.2',
  } as const;
  expect(await kernel.perform({ op: 'nexthopReplace', nexthop })).toBe('ok');
  kernel.listen();
  await kernel.heard((event) => event.type === 'nexthopAdded');
  netns.ip('link', 'set', 'wan1far', 'down');
  const isWan1 = (carrier: boolean) => (event: KernelEvent) =>
    event.type === 'linkChanged' && event.link.name === 'wan1' && event.link.carrier === carrier;
  await kernel.heard(isWan1(false));
  expect(await kernel.dump({ dump: 'nexthops' })).toEqual([]);
  netns.ip('link', 'del', 'wan1');
  await kernel.heard((event) => event.type === 'linkRemoved' && event.name === 'wan1');
  expect(kernel.batches.flat().some((event) => event.type === 'nexthopRemoved')).toBe(false);
});

test('the view of a namespace that was removed is still open, and closes without complaint', async () => {
  const doomed = scratchNetns();
  const orphan = openKernel({ netnsPath: doomed.path });
  doomed.remove();
  const links = await awaitedKernel(orphan).dump({ dump: 'links' });
  expect(links).toHaveLength(1);
  orphan.close();
  orphan.close();
});

test('after an overrun the fresh view agrees with ip(8)', async () => {
  const { netns, ipJson } = branch();
  const small = openKernel({ netnsPath: netns.path, rcvbufBytes: 4096 });
  const listener = awaitedKernel(small);
  try {
    listener.listen();
    await listener.heard((event) => event.type === 'linkChanged');
    const commands = Array.from({ length: 3000 }, (_, at) => {
      return `route add blackhole ${destinationOf(at)} proto 196`;
    });
    // Synchronous: the loop cannot read while the kernel tells of three thousand routes.
    netns.ipBatch(commands);
    netns.ip('route', 'del', 'blackhole', destinationOf(0));
    await listener.heard((event) => event.type === 'overrun');
    const view = listener.batches.findLast((events) => events[0]?.type === 'overrun') ?? [];
    const ours = view.flatMap((event) =>
      event.type === 'routeAdded' && event.route.protocol === 196 ? [event.route.destination] : [],
    );
    const shown = ipJson('route', 'show', 'proto', '196').map((route) => String(route['dst']));
    expect(ours.sort()).toEqual(shown.sort());
    expect(small.counters().overruns).toBeGreaterThan(0);
  } finally {
    small.close();
  }
});

test('messages of another process are counted and not heard', async () => {
  const script = [
    'import socket, sys',
    's = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)',
    // Our sockets bind the process id first; the kernel gives the second one another port.
    's.sendto(bytes.fromhex(sys.argv[2]), (int(sys.argv[1]), 0))',
  ].join('\n');
  const own = openKernel();
  const listener = awaitedKernel(own);
  listener.listen();
  await listener.heard((event) => event.type === 'linkChanged');
  const ports = execFileSync('cat', ['/proc/net/netlink'], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1] === '0' && openInodes().has(columns[9] ?? ''))
    .map((columns) => columns[2] ?? '');
  const forged = '24000000690000000000000000000000000000000000000008000100010000000000000000';
  for (const port of ports) execFileSync('python3', ['-c', script, port, forged.slice(0, 64)]);
  // A request and its answer make sure that the loop has read what came before.
  await listener.dump({ dump: 'links' });
  await listener.dump({ dump: 'links' });
  expect(own.counters().foreign).toBeGreaterThan(0);
  expect(listener.batches.flat().some((event) => event.type === 'nexthopRemoved')).toBe(false);
  own.close();
});

/** Inodes of every socket this process has open. */
function openInodes(): ReadonlySet<string> {
  const listing = execFileSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' });
  return new Set([...listing.matchAll(/socket:\[(\d+)\]/g)].map((found) => found[1] ?? ''));
}
