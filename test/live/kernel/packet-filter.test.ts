/** Our nftables table in a real kernel: TCP through a tunnel's device learns of smaller segments, both ways. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PacketFilter } from '../../../agent/adapters/host/packet-filter.ts';
import { FLOW_TABLE, flowRules } from '../../../agent/state/flow-rules.ts';
import {
  PACKET_TABLE,
  type PathMtus,
  packetRules,
  textOf,
} from '../../../agent/state/packet-rules.ts';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { ROUTED, type RoutedNetns, routedNetns } from '../../kit/routed-netns.ts';
import { netnsMissing, type ScratchNetns } from '../../kit/scratch-netns.ts';

const PORT = 7_000;
const FAR = ROUTED.far;
const missing = netnsMissing();
const TUNNEL = { id: 't1', deviceName: 'sag-t1', mtu: 1_420 };

function segments(tunnels: readonly (typeof TUNNEL)[], pathMtus: PathMtus = new Map()): string {
  return textOf(packetRules({ tunnels, pathMtus, uplinks: [], traffic: undefined }));
}

let routed: RoutedNetns | undefined;
let lan: ScratchNetns;
let router: ScratchNetns;
let far: ScratchNetns;
let client: ChildProcess | undefined;

beforeEach((ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  routed = routedNetns();
  ({ lan, router, far } = routed);
});

afterEach(() => {
  client?.kill('SIGKILL');
  routed?.remove();
});

/** The segment size each end of a fresh connection uses, once both know of it. */
async function segmentSizes(port: number): Promise<{ readonly lan: number; readonly far: number }> {
  const listener = loadNative().tcpListen({ netnsPath: far.path, address: FAR, port });
  expect(listener).toBeGreaterThan(0);
  const connect = `require('net').connect(${port}, '${FAR}').on('connect', () => console.log())`;
  const argv = ['netns', 'exec', lan.name, process.execPath, '-e', connect];
  const started = spawn('ip', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  client = started;
  await new Promise((resolve) => started.stdout.once('data', resolve));
  return { lan: sizeIn(lan, port), far: sizeIn(far, port) };
}

function sizeIn({ name }: ScratchNetns, port: number): number {
  const filter = ['state', 'established', `( sport = :${port} or dport = :${port} )`];
  const argv = ['netns', 'exec', name, 'ss', '-Htin', ...filter];
  const text = execFileSync('ip', argv, { encoding: 'utf8' });
  return Number(/\bmss:(\d+)/.exec(text)?.[1]);
}

test('TCP through a tunnel learns of segments that fit, and of larger ones once the path carries them', async () => {
  const filter = new PacketFilter([PACKET_TABLE], router.path);
  await filter.apply(segments([TUNNEL], new Map([['t1', 1_300]])));
  const clamped = await segmentSizes(PORT);
  // 40 bytes of headers, and up to 40 of options that each end takes off.
  for (const size of Object.values(clamped)) {
    expect(size).toBeLessThanOrEqual(1_260);
    expect(size).toBeGreaterThanOrEqual(1_220);
  }
  client?.kill('SIGKILL');
  await filter.apply(segments([TUNNEL], new Map([['t1', 1_400]])));
  const raised = await segmentSizes(PORT + 1);
  expect(raised.lan).toBe(clamped.lan + 100);
  expect(raised.far).toBe(clamped.far + 100);
});

test('our table goes without a trace, and the tables of others stay', async () => {
  const nft = (...words: readonly string[]) =>
    execFileSync('ip', ['netns', 'exec', router.name, 'nft', ...words], { encoding: 'utf8' });
  nft('add', 'table', 'inet', 'somebody');
  const filter = new PacketFilter([PACKET_TABLE], router.path);
  await filter.apply(segments([TUNNEL]));
  expect(nft('list', 'tables')).toContain('inet sag_agent');
  await filter.apply(segments([]));
  expect(nft('list', 'tables').trim()).toBe('table inet somebody');
});

test('rules that make no sense are refused with what nft says, and nothing is left of them', async () => {
  const filter = new PacketFilter([PACKET_TABLE], router.path);
  const odd = segments([{ ...TUNNEL, deviceName: 'a name of far too many letters' }]);
  await expect(filter.apply(odd)).rejects.toMatchObject({ code: 'ERULES' });
});

test('whoever flushes all rules is heard at once, others are not listened to, and what is gone is known', async () => {
  const nft = (...words: readonly string[]) =>
    execFileSync('ip', ['netns', 'exec', router.name, 'nft', ...words], { encoding: 'utf8' });
  const filter = new PacketFilter([PACKET_TABLE, FLOW_TABLE], router.path);
  let touched = 0;
  const heard = Promise.withResolvers<void>();
  try {
    await filter.apply(segments([TUNNEL]));
    await filter.apply(flowRules([{ deviceName: 'sag-t1', listenPort: 22_000 }]));
    await filter.check();
    filter.watch(() => {
      touched += 1;
      heard.resolve();
    });
    nft('add', 'table', 'inet', 'somebody');
    await filter.check();
    expect(touched).toBe(0);
    nft('flush', 'ruleset');
    await heard.promise;
    await expect(filter.check()).rejects.toMatchObject({ code: 'ERULES_GONE' });
    await filter.apply(segments([TUNNEL]));
    await expect(filter.check()).rejects.toMatchObject({
      message: 'our nftables table inet sag_flows was removed or changed',
    });
  } finally {
    await filter.close('remove');
  }
  expect(nft('list', 'tables').trim()).toBe('');
});
