import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadStream } from 'node:tty';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import { branchNetnsPerTest } from './branch-netns.ts';

const native = loadNative();
const branch = branchNetnsPerTest();

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Some machines keep the TUN control file for root alone. */
function mayOpenTun(): boolean {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

test.each([
  { family: 'udp4', address: '127.0.0.1' },
  { family: 'udp6', address: '::1' },
] as const)(
  'a $family socket that requires TTL 255 never sees 254',
  async ({ family, address }) => {
    const fd = native.udpSocket({ address, port: 0, ttl: 255, tos: 0xc0, requireTtl: 255 });
    const guarded = dgram.createSocket(family);
    const heard: string[] = [];
    guarded.on('message', (bytes) => heard.push(bytes.toString()));
    await new Promise<void>((resolve) => guarded.bind({ fd }, resolve));
    const sender = dgram.createSocket(family);
    sender.bind(0, address);
    await once(sender, 'listening');
    const { port } = guarded.address();
    const send = async (text: string, ttl: number): Promise<void> => {
      sender.setTTL(ttl);
      await new Promise((resolve) => sender.send(text, port, address, resolve));
    };
    await send('one below', 254);
    await send('far below', 1);
    await send('full', 255);
    await once(guarded, 'message');
    expect(heard).toEqual(['full']);
    sender.close();
    guarded.close();
  },
);

test('a UDP socket in another namespace is bound to its device and reaches only what is there', async () => {
  const { netns, makeWan } = branch();
  await makeWan('wan1', '10.1.0.1');
  const options = { netnsPath: netns.path, address: '10.1.0.1', port: 3784, deviceName: 'wan1' };
  const fd = native.udpSocket(options);
  expect(() => native.udpSocket(options)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  expect(() => native.udpSocket({ ...options, deviceName: 'wan7' })).toThrow(
    expect.objectContaining({ code: 'ENODEV' }),
  );
  expect(() => native.udpSocket({ address: '10.1.0.1', port: 3784 })).toThrow(
    expect.objectContaining({ code: 'EADDRNOTAVAIL' }),
  );
  closeSync(fd);
});

test('a TCP server listens inside another namespace and is not to be seen from this one', async () => {
  const { netns } = branch();
  const fd = native.tcpListen({ netnsPath: netns.path, address: '127.0.0.1', port: 8883 });
  const server = net.createServer();
  server.listen({ fd });
  await once(server, 'listening');
  expect(() =>
    native.tcpListen({ netnsPath: netns.path, address: '127.0.0.1', port: 8883 }),
  ).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  closeSync(native.tcpListen({ address: '127.0.0.1', port: 0 }));
  server.close();
  await once(server, 'close');
});

test('a pty carries bytes unchanged between its slave and a tty stream on its master', async () => {
  const { masterFd, slavePath, slaveFd } = native.pty();
  expect(slavePath).toMatch(/^\/dev\/pts\/\d+$/);
  const master = new ReadStream(masterFd);
  const sent = Buffer.from([0, 3, 4, 10, 13, 17, 19, 255]);
  writeSync(slaveFd, sent);
  const [heard] = (await once(master, 'data')) as [Buffer];
  expect(heard).toEqual(sent);
  closeSync(slaveFd);
  master.destroy();
});

test('a TUN device appears in the namespace it was asked for and goes with its descriptor', async (ctx) => {
  if (!mayOpenTun() && process.env['CI'] === undefined) ctx.skip('/dev/net/tun may not be opened');
  const { netns, kernel } = branch();
  const fd = native.tun({ netnsPath: netns.path, name: 'sagtun0' });
  expect(netns.ip('-d', 'link')).toContain('sagtun0');
  kernel.listen();
  await kernel.heard((event) => event.type === 'linkChanged' && event.link.kind === 'tun');
  closeSync(fd);
  await kernel.heard((event) => event.type === 'linkRemoved' && event.name === 'sagtun0');
  expect(() => native.tun({ name: 'a-name-beyond-the-limit' })).toThrow(
    expect.objectContaining({ code: 'EINVAL' }),
  );
});

test('real-time priority is granted or refused by name, and given back', () => {
  expect(['', 'EPERM']).toContain(native.setRealtime(1));
  expect(native.setRealtime(0)).toBe('');
  expect(native.setRealtime(1000)).toBe('EINVAL');
  expect(native.setRealtime(0)).toBe('');
});

test('two thousand kernels opened and closed leave no descriptor behind', async () => {
  const { netns } = branch();
  const before = openDescriptors();
  for (let at = 0; at < 2000; at += 1) {
    openKernel({ netnsPath: netns.path }).close();
    // libuv lets go of closed handles between turns of its loop.
    if (at % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(openDescriptors()).toBe(before);
});

test('a failed opening leaves no descriptor behind', () => {
  const before = openDescriptors();
  for (let at = 0; at < 100; at += 1) {
    expect(() => openKernel({ netnsPath: '/run/netns/sagk-none' })).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    );
  }
  expect(openDescriptors()).toBe(before);
});

test.each(['idle', 'busy'])(
  'a worker ended with an open socket (%s) takes nothing down',
  async (how) => {
    const { netns, kernel } = branch();
    const before = openDescriptors();
    for (let round = 0; round < 5; round += 1) {
      const worker = new Worker(new URL('kernel-worker.ts', import.meta.url), {
        workerData: { netnsPath: netns.path, busy: how === 'busy' },
      });
      await once(worker, 'message');
      await worker.terminate();
    }
    expect(await kernel.dump({ dump: 'links' })).toHaveLength(1);
    expect(openDescriptors()).toBeLessThanOrEqual(before);
  },
);

test('an exception in a listener is an uncaught exception of its thread, not a silence', async () => {
  const { netns } = branch();
  const worker = new Worker(new URL('kernel-worker.ts', import.meta.url), {
    workerData: { netnsPath: netns.path, throwing: true },
  });
  const [error] = (await once(worker, 'error')) as [Error];
  expect(error.message).toBe('the listener failed');
});

test('where the addon was never built, the error says so and what to run', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sagk-'));
  const copy = join(directory, 'native.ts');
  copyFileSync(new URL('../../../firmware-shim/adapters/native.ts', import.meta.url), copy);
  const script = `import(${JSON.stringify(copy)}).then(({ loadNative }) => loadNative())
    .catch((error) => process.stdout.write(error.code + ' ' + error.message))`;
  const printed = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  expect(printed).toContain("ENATIVE_MISSING the native addon is not built: run 'make setup'");
});

test('a value of the wrong type is refused and not a crash', () => {
  const anything = native as unknown as Record<
    string,
    (options: unknown, more?: unknown) => unknown
  >;
  for (const name of ['udpSocket', 'udpAddress', 'udpSend', 'udpRack', 'tcpListen', 'tun']) {
    expect(() => anything[name]?.({ address: 7, port: 'x', name: 5, groups: [] })).toThrow(
      expect.objectContaining({ code: 'EINVAL' }),
    );
  }
});
