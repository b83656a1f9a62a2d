import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { buildDump } from '../../../firmware-shim/kernel/build-dump.ts';
import { readMessages } from '../../../firmware-shim/kernel/message-reader.ts';
import { NLMSG_HEADER_BYTES } from '../../../firmware-shim/kernel/netlink-numbers.ts';
import { parseAnswer } from '../../../firmware-shim/kernel/parse-answer.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import { branchNetnsPerTest } from './branch-netns.ts';

const branch = branchNetnsPerTest();

/** How the process of one story ended, and what it printed. */
function lifeOf(story: string): { status: number | null; signal: string | null; said: unknown } {
  const script = new URL('handle-life.ts', import.meta.url).pathname;
  const words = ['--expose-gc', '--disable-warning=ExperimentalWarning', script, story];
  const ended = spawnSync(process.execPath, [...words, branch().netns.path], { encoding: 'utf8' });
  const line = ended.stdout.trim();
  return {
    status: ended.status,
    signal: ended.signal,
    said: line === '' ? ended.stderr : (JSON.parse(line) as unknown),
  };
}

const clean = { status: 0, signal: null };

test('closing again is harmless, and sending after it is refused', () => {
  expect(lifeOf('closing')).toEqual({ ...clean, said: { sent: 'EBADF', leaked: 0 } });
});

test('kernels that were opened and forgotten close with the garbage', () => {
  expect(lifeOf('garbage')).toEqual({ ...clean, said: { open: 400, leaked: 0 } });
});

test('a kernel with a listener is not garbage, although nobody holds it', () => {
  expect(lifeOf('listening')).toEqual({ ...clean, said: { batches: true } });
});

test('a kernel that owes an answer is not garbage before it has answered', () => {
  expect(lifeOf('answering')).toEqual({ ...clean, said: { answers: 100 } });
});

test('an exception in a callback reaches uncaughtException, and the next event still comes', () => {
  expect(lifeOf('throwing')).toEqual({ ...clean, said: { caught: ['thrown 1', 'thrown 2'] } });
});

test('an exception nobody catches ends the process with its message, not with an abort', () => {
  const { status, signal, said } = lifeOf('uncaught');
  expect({ status, signal }).toEqual({ status: 1, signal: null });
  expect(said).toContain('nobody catches this');
});

test('a socket closed inside its own callback is called no more', () => {
  expect(lifeOf('closingInside')).toEqual({ ...clean, said: { calls: 1 } });
});

test('a process may exit inside a callback, with sockets open', () => {
  expect(lifeOf('exiting')).toMatchObject({ status: 7, signal: null });
});

test('what is asked of a closed kernel is refused, once and later', async () => {
  const { netns } = branch();
  const kernel = openKernel({ netnsPath: netns.path });
  kernel.close();
  let isOnStack = true;
  const codes = await new Promise((resolve) => {
    kernel.dump({ dump: 'links' }, (result) => {
      resolve([isOnStack, result.ok ? 'ok' : result.refusal.code]);
    });
    isOnStack = false;
  });
  expect(codes).toEqual([false, 'ESHUTDOWN']);
});

test('the kernel checks requests strictly and says in words what it refuses', async () => {
  const { netns, kernel, makeWan } = branch();
  const deviceIndex = await makeWan('wan1', '10.1.0.1');
  const route = {
    family: 'ipv4',
    table: 254,
    protocol: 196,
    type: 'unicast',
    deviceIndex,
  } as const;
  const wanted = { ...route, destination: '10.50.0.1/16' };
  expect(await kernel.perform({ op: 'routeAdd', route: wanted })).toBe(
    'EINVAL Invalid prefix for given prefix length',
  );
  const [request = new Uint8Array()] = buildDump({ dump: 'routes', family: 'ipv4' });
  // A source length means nothing in a dump request; only strict checking minds it.
  request[NLMSG_HEADER_BYTES + 2] = 24;
  const answer = await new Promise((resolve) => {
    const socket = loadNative().netlinkSocket(
      { netnsPath: netns.path, protocol: 0, groups: [], rcvbufBytes: 65_536 },
      {
        onBatch: (bytes) => {
          readMessages(bytes, (message) => resolve(parseAnswer(message)));
          socket.close();
        },
        onOverrun: () => resolve('overrun'),
        onForeign: () => undefined,
        onFailed: resolve,
      },
    );
    socket.send(request);
  });
  expect(answer).toMatchObject({
    ok: false,
    refusal: { code: 'EINVAL', text: 'Invalid values in header for FIB dump request' },
  });
});
