import { statSync, unlinkSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { WireGuardEngine } from '../../../agent/adapters/wireguard/wireguard-engine.ts';
import { isListening } from '../../../agent/adapters/wireguard/wireguard-socket.ts';
import { WireGuardTool } from '../../../agent/adapters/wireguard/wireguard-tool.ts';
import type { TunnelSpec } from '../../../agent/model/tunnel.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import { pidOf } from '../../kit/process-table.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';
import { LiveEnd } from './live-end.ts';
import { partsMissing } from './two-ends.ts';

const missing = partsMissing() ?? netnsMissing();
const FAR_KEY = `${'B'.repeat(42)}A=`;
let end: LiveEnd | undefined;

afterEach(async () => {
  await end?.close();
  end = undefined;
});

async function opened(): Promise<LiveEnd> {
  end = new LiveEnd('branch');
  await end.open();
  return end;
}

function specOf(at: LiveEnd): TunnelSpec {
  return {
    id: 't1',
    engine: 'wireguard',
    uplink: 'wan1',
    gateway: 'hub',
    deviceName: at.deviceName(7),
    listenPort: 51_827,
    fwmark: 0x101,
    remote: { address: '192.0.2.1', port: 51_820 },
    remotePublicKey: FAR_KEY,
    innerLocal: '10.250.7.1',
    innerRemote: '10.250.7.2',
    innerPrefixLength: 30,
    mtu: 1_380,
  };
}

test('a tunnel is made with address, size and mark, and its key is for nobody else', async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  const at = await opened();
  const spec = specOf(at);
  await at.engine.ensure(spec);
  const link = at.netns.ip('addr', 'show', 'dev', spec.deviceName);
  expect(link).toContain('mtu 1380');
  expect(link).toContain('10.250.7.1/30');
  expect(link).toMatch(/<.*\bUP\b.*>/);
  expect(statSync(`${at.directory}/tunnel.key`).mode & 0o777).toBe(0o600);
  expect(await at.engine.status('t1')).toMatchObject({ id: 't1', deviceName: spec.deviceName });
});

test('a restarted engine adopts what it finds, with the same key and the same device', async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  const at = await opened();
  const spec = specOf(at);
  await at.engine.ensure(spec);
  const [index] = at.netns.ip('-o', 'link', 'show', 'dev', spec.deviceName).split(':');
  const key = await at.engine.publicKey();
  await at.engine.close('keep');
  at.kernel.close();
  at.kernel = openKernel({ netnsPath: at.netns.path });
  const { directory: stateDirectory, kernel } = at;
  at.engine = await WireGuardEngine.open({ stateDirectory, kernel, netnsPath: at.netns.path });
  expect((await at.engine.list()).map((each) => each.id)).toEqual(['t1']);
  expect(await at.engine.publicKey()).toBe(key);
  await at.engine.ensure(spec);
  expect(at.netns.ip('-o', 'link', 'show', 'dev', spec.deviceName).split(':')[0]).toBe(index);
  await at.engine.remove('t1');
  expect(at.netns.ip('-o', 'link', 'show')).not.toContain(spec.deviceName);
});

test('an engine that dies is told and started again', async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  const at = await opened();
  if (at.engine.capabilities().inKernel) return;
  const spec = specOf(at);
  const lost = new Promise<string>((resolve) => {
    at.engine.onEvent((event) => resolve(event.why));
  });
  await at.engine.ensure(spec);
  process.kill(pidOf('wireguard-go', '-f', spec.deviceName), 'SIGKILL');
  expect(await lost).toContain('SIGKILL');
  await at.engine.ensure(spec);
  expect(at.netns.ip('addr', 'show', 'dev', spec.deviceName)).toContain('10.250.7.1/30');
});

test('a socket nobody listens on yet is left to the daemon that has bound it', async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  const at = await opened();
  if (at.engine.capabilities().inKernel) return;
  const spec = specOf(at);
  const tool = new WireGuardTool(at.netns.path, false);
  await at.engine.ensure(spec);
  expect(await tool.read(spec.deviceName)).toMatchObject({ listenPort: spec.listenPort });
  // A bound socket without a listener looks to others as one whose daemon was killed.
  await at.engine.close('keep');
  const path = `/var/run/wireguard/${spec.deviceName}.sock`;
  process.kill(pidOf('wireguard-go', '-f', spec.deviceName), 'SIGKILL');
  await expect.poll(async () => isListening(spec.deviceName)).toBe(false);
  expect(await tool.read(spec.deviceName)).toBeUndefined();
  expect(statSync(path).isSocket()).toBe(true);
  unlinkSync(path);
});

test('a machine without the programs is told what to install', async (ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  const at = await opened();
  const { directory: stateDirectory, kernel } = at;
  const before = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    await expect(WireGuardEngine.open({ stateDirectory, kernel })).rejects.toMatchObject({
      code: 'EENGINE_MISSING',
      message: 'wg is not installed: apt-get install wireguard-tools',
    });
  } finally {
    process.env['PATH'] = before;
  }
});
