/**
 * A branch where everything is broken at once: no agent, and every packet into the dark. `sagctl check` says so and is
 * gone; what it no longer waits for, such as the system's resolver, holds nobody at the terminal.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { selfSignedDevice, writeCertificate } from '../../../sim/live/certificates.ts';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';

/** Against hanging only. */
const HANG_MS = 120_000;
/** Where `ip netns exec` looks for the name servers of a namespace. */
const NETNS_ETC = '/etc/netns';

/** Two uplinks with cable, address and a next hop that takes every packet and answers none. */
function dark(netns: ScratchNetns): void {
  netns.ip('link', 'set', 'lo', 'up');
  for (const [device, address, gateway] of [
    ['wan1', '203.0.113.2/24', '203.0.113.1'],
    ['wan2', '198.51.100.2/24', '198.51.100.1'],
  ] as const) {
    netns.ip('link', 'add', device, 'type', 'veth', 'peer', 'name', `far-${device}`);
    for (const end of [device, `far-${device}`]) netns.ip('link', 'set', end, 'up');
    netns.ip('address', 'add', address, 'dev', device);
    netns.ip('neigh', 'add', gateway, 'lladdr', '02:00:00:00:00:01', 'dev', device);
  }
  netns.ip('route', 'add', 'default', 'via', '203.0.113.1');
}

async function configured(directory: string): Promise<string> {
  const issued = await selfSignedDevice({ serialNumber: 'SAG100' });
  const { certificateFile, keyFile } = await writeCertificate(directory, 'device', issued);
  const uplink = (id: string, gateway: string) => ({
    id,
    kind: 'wired',
    deviceName: id,
    priority: 1,
    gateway,
  });
  const gateway = (id: string) => ({
    id,
    address: `${id}.ccn.example`,
    port: 8443,
    serverName: `${id}.ccn.example`,
  });
  const file = join(directory, 'config.yaml');
  const config = {
    tenant: 'acme',
    area: 'Mainland China',
    stateDirectory: directory,
    controlSocket: join(directory, 'agent.sock'),
    board: { path: join(directory, 'no-board') },
    uplinks: [uplink('wan1', '203.0.113.1'), uplink('wan2', '198.51.100.1')],
    lanPrefixes: ['192.168.10.0/24'],
    access: {
      certificateFile,
      keyFile,
      caFile: certificateFile,
      gateways: [gateway('agw-1'), gateway('agw-2')],
    },
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

test(
  'sagctl check ends with its answer, however long the system goes on asking dead name servers',
  async (ctx) => {
    const missing = netnsMissing();
    if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
    const netns = scratchNetns();
    const directory = await mkdtemp(join(tmpdir(), 'dead-branch-'));
    const etc = join(NETNS_ETC, netns.name);
    try {
      await mkdir(etc, { recursive: true });
      await writeFile(join(etc, 'resolv.conf'), 'nameserver 203.0.113.53\n');
      dark(netns);
      const program = ['--disable-warning=ExperimentalWarning', 'agent/cli/sagctl.ts'];
      const words = ['check', '--json', '--config', await configured(directory)];
      const argv = ['netns', 'exec', netns.name, process.execPath, ...program, ...words];
      const startedAtMs = performance.now();
      const child = spawn('ip', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      let answeredAtMs = startedAtMs;
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        answeredAtMs = performance.now();
      });
      const code = await new Promise((resolve) => child.once('close', resolve));
      const leftAfterMs = performance.now() - answeredAtMs;

      expect(JSON.parse(said)).toMatchObject({ firstBroken: { id: 'box', outcome: 'failed' } });
      expect(code).toBe(10);
      expect(leftAfterMs).toBeLessThan(answeredAtMs - startedAtMs);
    } finally {
      netns.remove();
      await rm(etc, { recursive: true, force: true });
      await rm(directory, { recursive: true, force: true });
    }
  },
  HANG_MS,
);
