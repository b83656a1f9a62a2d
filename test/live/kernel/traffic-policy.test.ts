/** ACL, SNAT and QoS of a desired document in a real kernel, judged by the packets that arrive. */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PacketFilter } from '../../../agent/adapters/host/packet-filter.ts';
import type { TrafficPolicy } from '../../../agent/model/traffic-policy.ts';
import { PACKET_TABLE, packetRules, textOf } from '../../../agent/state/packet-rules.ts';
import { ROUTED, type RoutedNetns, routedNetns } from '../../kit/routed-netns.ts';
import { netnsMissing, type ScratchNetns } from '../../kit/scratch-netns.ts';
import { aclRule, throttle, trafficPolicies } from '../../kit/traffic.ts';

const run = promisify(execFile);
const missing = netnsMissing();
const LAN = ROUTED.lan;
const FAR = ROUTED.far;
const TUNNEL = { id: 't1', deviceName: 'sag-t1', mtu: 1_420 };

let routed: RoutedNetns | undefined;
let lan: ScratchNetns;
let router: ScratchNetns;
let far: ScratchNetns;
let filter: PacketFilter;

beforeEach((ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  routed = routedNetns();
  ({ lan, router, far } = routed);
  filter = new PacketFilter([PACKET_TABLE], router.path);
});

afterEach(() => {
  routed?.remove();
});

function compiled(traffic: TrafficPolicy) {
  const uplinks = [{ id: 'wan1', deviceName: 'wan1' }];
  return packetRules({ tunnels: [TUNNEL], pathMtus: new Map(), uplinks, traffic });
}

function nft(...words: readonly string[]): string {
  return execFileSync('ip', ['netns', 'exec', router.name, 'nft', ...words], { encoding: 'utf8' });
}

/** Whether one echo request of the three is answered. */
async function reaches(from: ScratchNetns, address: string): Promise<boolean> {
  const argv = ['netns', 'exec', from.name, 'ping', '-n', '-c3', '-i0.2', '-W1', address];
  return run('ip', argv).then(
    () => true,
    () => false,
  );
}

/** Sends datagrams of 1000 bytes from the LAN as fast as they go; how many reached the far device. */
async function arrived(datagrams: number, port: number): Promise<number> {
  const before = receivedBy(far);
  const script = `const s = require('dgram').createSocket('udp4'); s.on('error', () => {});
    s.connect(${port}, '${FAR}', async () => {
      for (let n = 0; n < ${datagrams}; n += 1) await new Promise((sent) => s.send(Buffer.alloc(1000), sent));
      s.close();
    });`;
  await run('ip', ['netns', 'exec', lan.name, process.execPath, '-e', script]);
  return receivedBy(far) - before;
}

function receivedBy(netns: ScratchNetns): number {
  const [link] = JSON.parse(netns.ip('-s', '-j', 'link', 'show', 'eth0')) as [
    { stats64: { rx: { packets: number } } },
  ];
  return link.stats64.rx.packets;
}

describe('rules for forwarded traffic, in the kernel', () => {
  it('an ACL drops what the branch opens, lets answers through, and leaves with its document', async () => {
    await filter.apply(textOf(compiled({ acl: [aclRule({ protocol: 'ICMP' })] })));
    expect(await reaches(lan, FAR)).toBe(false);
    expect(await reaches(far, LAN)).toBe(true);
    await filter.apply(textOf(compiled({})));
    expect(await reaches(lan, FAR)).toBe(true);
  });

  it('SNAT shows the far end the address of the document, and answers find back', async () => {
    const snat = [{ id: 'cloud', source: '10.8.1.0/24', address: '10.8.9.9' }];
    await filter.apply(textOf(compiled({ snat })));
    // The far end knows this one sender alone.
    far.ip('route', 'del', 'default');
    far.ip('route', 'add', '10.8.9.9/32', 'via', '10.8.2.1');
    expect(await reaches(lan, FAR)).toBe(true);
    await filter.apply(textOf(compiled({})));
    execFileSync('ip', ['-n', far.name, 'neigh', 'flush', 'all']);
    expect(await reaches(lan, FAR)).toBe(false);
  });

  it('a throttle holds back what it is about, and nothing else', async () => {
    const classifiers = [
      { protocol: 'UDP', destinationPorts: { from: 7_000, to: 7_009 } } as const,
      { protocol: 'UDP', destinationPorts: { from: 7_020, to: 7_020 } } as const,
    ];
    const limit = { limitType: 'Absolute', mbps: 1 } as const;
    await filter.apply(textOf(compiled({ qos: [throttle({ limit, classifiers })] })));
    const free = await arrived(2_000, 7_010);
    const throttled = await arrived(2_000, 7_000);
    expect(throttled).toBeGreaterThan(0);
    expect(throttled).toBeLessThan(free / 2);
  });

  it('nft takes whatever passes our checks', () => {
    const policies = fc.sample(trafficPolicies, { numRuns: 15, seed: 4_711 });
    for (const traffic of policies) {
      const argv = ['netns', 'exec', router.name, 'nft', '--check', '-f', '-'];
      execFileSync('ip', argv, { input: textOf(compiled(traffic)), stdio: 'pipe' });
    }
    expect(nft('list', 'tables')).toBe('');
  });

  it('a statement that is not taken is named, and the former rules stand', async () => {
    await filter.apply(textOf(compiled({ acl: [aclRule()] })));
    const before = nft('-s', 'list', 'ruleset');
    const ports = { from: 9, to: 8 };
    const odd = aclRule({ id: 'odd', protocol: 'TCP', destinationPorts: ports });
    const lines = compiled({ acl: [aclRule(), odd] });
    const line = lines.findIndex(({ rule }) => rule?.id === 'odd') + 1;
    await expect(filter.apply(textOf(lines))).rejects.toMatchObject({ code: 'ERULES', line });
    expect(nft('-s', 'list', 'ruleset')).toBe(before);
  });

  it('rules that somebody removed are missed, and traffic does not make them look changed', async () => {
    await filter.apply(
      textOf(compiled({ acl: [aclRule({ direction: 'in' })], qos: [throttle()] })),
    );
    await reaches(lan, FAR);
    await filter.check();
    nft('delete', 'table', 'inet', 'sag_agent');
    await expect(filter.check()).rejects.toMatchObject({ code: 'ERULES_GONE' });
  });
});
