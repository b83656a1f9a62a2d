/**
 * WAN settings with a real kernel and a real DHCP server: addresses and routes come, prove themselves, and go again.
 *
 * The cores run on a clock of the test, so that no trial is waited for.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WanClients } from '../../../agent/adapters/wan/wan-clients.ts';
import { isOnThisBox } from '../../../agent/adapters/wan/wan-program.ts';
import type { WanAsk } from '../../../agent/model/wan.ts';
import { CONFIRM_MS } from '../../../agent/state/document-trial.ts';
import type { KernelNetlink } from '../../../firmware-shim/adapters/kernel-netlink.ts';
import { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';
import { StateBench, wideUplinks } from '../../kit/state-bench.ts';
import { STATIC } from '../../kit/wan-scene.ts';

const TICK_MS = 20;
const missing =
  netnsMissing() ??
  (isOnThisBox('udhcpc') && isOnThisBox('dnsmasq') ? undefined : 'no udhcpc or no dnsmasq here');

let branch: ScratchNetns;
let isp: ScratchNetns;
let kernel: KernelNetlink | undefined;
let clients: WanClients | undefined;
let server: ChildProcess | undefined;
const directory = mkdtempSync(join(tmpdir(), 'wan-'));

beforeEach((ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  [branch, isp] = [scratchNetns(), scratchNetns()];
  branch.ipBatch([
    `link add wan1 type veth peer name isp0 netns ${isp.name}`,
    'address add 10.91.1.2/24 dev wan1',
    'link set wan1 up',
  ]);
  isp.ipBatch(['address add 203.0.113.1/24 dev isp0', 'link set isp0 up']);
});

afterEach(async () => {
  await clients?.close();
  server?.kill('SIGKILL');
  kernel?.close();
  branch?.remove();
  isp?.remove();
  rmSync(directory, { recursive: true, force: true });
});

function opened(): {
  bench: StateBench;
  until: (holds: () => boolean) => Promise<void>;
  skip: (ms: number) => void;
} {
  const netlink = openKernel({ netnsPath: branch.path });
  kernel = netlink;
  let skippedMs = 0;
  const running = new WanClients({
    stateDirectory: directory,
    lanPrefixes: [],
    random: new SeededRandom(1),
    netnsPath: branch.path,
    names: { use: () => undefined },
    onTold: (uplink, told) => bench.hear({ type: 'wanTold', uplink, told }),
  });
  clients = running;
  const bench: StateBench = new StateBench(
    netlink.perform.bind(netlink),
    () => performance.now() + skippedMs,
    (effect) => running.order(effect.clients, effect.nameServers),
  );
  netlink.mirror(({ changes: events }) => bench.hear({ type: 'kernelChanged', events }));
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      await pause(TICK_MS);
      bench.tick();
    }
  };
  return { bench, until, skip: (ms) => (skippedMs += ms) };
}

const ask = (bench: StateBench, wish: WanAsk): void =>
  bench.hear({ type: 'wanAsked', requestId: 'r', ask: wish });
const addresses = (): string => branch.ip('-4', '-br', 'address', 'show', 'wan1');
/** Of all tables: one that holds nothing is an error to `ip`. */
const wayOut = (): string => branch.ip('-4', '-N', 'route', 'show', 'table', 'all');

it('a static setting has its address and its way out, and what was before returns when it proves wrong', async () => {
  const { bench, until, skip } = opened();
  bench.start();
  await until(() => wayOut().includes(wideUplinks[0]?.gateway ?? ''));
  ask(bench, { do: 'set', setting: STATIC });
  await until(() => wayOut().includes('default via 203.0.113.1 dev wan1 table 19600'));
  await until(() => !addresses().includes('10.91.1.2'));
  expect(addresses()).toContain('203.0.113.2/24');
  execFileSync('ip', ['netns', 'exec', branch.name, 'ping', '-c', '1', '-W', '5', '203.0.113.1']);
  skip(CONFIRM_MS);
  await until(() => addresses().includes('10.91.1.2/24') && !addresses().includes('203.0.113.2'));
  await until(() => wayOut().includes(wideUplinks[0]?.gateway ?? ''));
  expect(bench.side.wan.last).toMatchObject({ uplink: 'wan1', ok: false });
});

it('a DHCP server gives address and next hop, which stay once the gateway is reached', async () => {
  const argv = ['netns', 'exec', isp.name, 'dnsmasq', '--no-daemon', '--conf-file=/dev/null'];
  const pool = '--dhcp-range=203.0.113.50,203.0.113.59,255.255.255.0,2m';
  server = spawn(
    'ip',
    [
      ...argv,
      '--port=0',
      '--interface=isp0',
      '--bind-interfaces',
      pool,
      '--leasefile-ro',
      '--no-ping',
      '--user=root',
    ],
    { stdio: 'ignore' },
  );
  const { bench, until } = opened();
  bench.start();
  ask(bench, { do: 'set', setting: { uplink: 'wan1', ipType: 'DHCP' } });
  await until(() => wayOut().includes('default via 203.0.113.1 dev wan1 table 19600'));
  await until(() => !addresses().includes('10.91.1.2'));
  expect(addresses()).toMatch(/203\.0\.113\.5\d\/24/);
  bench.hear({ type: 'registrationChanged', registered: false });
  bench.hear({ type: 'registrationChanged', registered: true });
  await until(() => bench.side.wan.last?.ok === true);
  expect(bench.side.wan.uplinks[0]).toMatchObject({ ipType: 'DHCP', gateway: '203.0.113.1' });
});
