/** Addresses given out by the real daemon, asked for by a client that is not ours. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DhcpDaemon } from '../../../agent/adapters/host/dhcp-daemon.ts';
import { ROUTED, type RoutedNetns, routedNetns } from '../../kit/routed-netns.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';

const RANGE = {
  deviceName: ROUTED.lanDevice,
  prefixLength: 24,
  from: '10.8.1.100',
  to: '10.8.1.100',
  leaseMinutes: 90,
  nameServers: ['10.8.1.53'],
};
const missing = netnsMissing() ?? programMissing();

let routed: RoutedNetns | undefined;
let directory: string;
let daemons: DhcpDaemon[] = [];

beforeEach(async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  routed = routedNetns();
  directory = await mkdtemp(join(tmpdir(), 'dhcp-test-'));
});

afterEach(async () => {
  for (const daemon of daemons) await daemon.serve([]);
  daemons = [];
  routed?.remove();
  await rm(directory, { recursive: true, force: true });
});

test('a host of the LAN gets its address, for as long as the document says, with name server and router', async () => {
  await daemon().serve([RANGE]);
  const got = ask();
  expect(got).toContain('lease of 10.8.1.100 obtained from 10.8.1.1');
  expect(got).toContain('lease time 5400');
  expect(got).toContain('dns=10.8.1.53 router=10.8.1.1');
});

test('another document gives out other addresses, and none gives out nothing', async () => {
  const served = daemon();
  await served.serve([RANGE]);
  await served.serve([{ ...RANGE, from: '10.8.1.7', to: '10.8.1.7' }]);
  expect(ask()).toContain('lease of 10.8.1.7');
  await served.serve([]);
  expect(await isWritten()).toBe(false);
});

test('it goes on without the agent; the next run ends it and gives out its own', async () => {
  await daemon().serve([RANGE]);
  const next = daemon();
  expect(ask()).toContain('lease of 10.8.1.100');
  await next.endFormer();
  expect(await isWritten()).toBe(false);
  await next.serve([{ ...RANGE, from: '10.8.1.8', to: '10.8.1.8' }]);
  expect(ask()).toContain('lease of 10.8.1.8');
});

test('it goes on without an agent that leaves, and ends with one that takes along what it and others have made', async () => {
  const served = daemon();
  await served.serve([RANGE]);
  await served.close('keep');
  expect(ask()).toContain('lease of 10.8.1.100');
  await served.close('remove');
  expect(await isWritten()).toBe(false);
  await daemon().serve([RANGE]);
  await daemon().close('remove');
  expect(await isWritten()).toBe(false);
});

test('one that dies is told of', async () => {
  const served = daemon();
  const ended = new Promise<string>((resolve) => served.onEnded(resolve));
  await served.serve([RANGE]);
  process.kill(Number(await readFile(join(directory, 'dhcp.pid'), 'utf8')), 'SIGKILL');
  expect(await ended).toContain('SIGKILL');
});

test('a range that is none is refused with a code, and leaves nothing behind', async () => {
  const served = daemon();
  await expect(served.serve([{ ...RANGE, from: 'nowhere' }])).rejects.toMatchObject({
    code: 'EDHCP',
  });
  expect(await isWritten()).toBe(false);
});

/** The daemon writes its pid, and takes it away when it ends. */
async function isWritten(): Promise<boolean> {
  return readFile(join(directory, 'dhcp.pid')).then(
    () => true,
    () => false,
  );
}

function daemon(): DhcpDaemon {
  const made = new DhcpDaemon({ directory, netnsPath: routed?.router.path ?? '' });
  daemons.push(made);
  return made;
}

/** What a DHCP client says of it, in one try. */
function ask(): string {
  const script = join(directory, 'told.sh');
  const text = '#!/bin/sh\n[ "$1" = bound ] && echo "dns=$dns router=$router" >&2\nexit 0\n';
  writeFileSync(script, text, { mode: 0o755 });
  const client = ['udhcpc', '-f', '-n', '-q', '-t', '2', '-T', '1', '-i', 'eth0', '-s', script];
  const argv = ['netns', 'exec', routed?.lan.name ?? '', ...client];
  return spawnSync('ip', argv, { encoding: 'utf8' }).stderr;
}

function programMissing(): string | undefined {
  for (const program of ['dnsmasq', 'udhcpc']) {
    if (spawnSync(program, ['--help']).error !== undefined) return `${program} is not installed`;
  }
  return undefined;
}
