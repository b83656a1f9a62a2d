/**
 * One life of an addon handle, in a process of its own: `node --expose-gc handle-life.ts <story> <netns path>`.
 *
 * Prints one line of JSON; how the process ended is the other half of the answer.
 */
import { readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { loadNative, type NetlinkSocket } from '../../../firmware-shim/adapters/native.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';

const [story = '', netnsPath = ''] = process.argv.slice(2);
const LOOPBACK = 1;
/** Finalizers run some turns of the loop after the collection that found the garbage. */
const TURNS = 20;

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

async function collectGarbage(): Promise<void> {
  for (let at = 0; at < TURNS; at += 1) {
    globalThis.gc?.();
    await turn();
  }
}

function print(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

/** A socket that hears links, and what to do when it does. */
function rawSocket(onBatch: () => void): NetlinkSocket {
  return loadNative().netlinkSocket(
    { netnsPath, protocol: 0, groups: [1], rcvbufBytes: 65_536 },
    { onBatch, onOverrun: () => undefined, onForeign: () => undefined, onFailed: () => undefined },
  );
}

/** Makes the kernel tell of the loopback device. */
async function stir(mtu: number): Promise<void> {
  const kernel = openKernel({ netnsPath });
  await new Promise<void>((resolve) => {
    kernel.perform({ op: 'linkSet', index: LOOPBACK, mtu }, () => resolve());
  });
  kernel.close();
  await collectGarbage();
}

/** Opened in a frame of its own, so that nothing on the stack still holds them. */
function openAndForget(count: number): void {
  for (let at = 0; at < count; at += 1) openKernel({ netnsPath });
}

const heard: number[] = [];

function listenAndForget(): void {
  openKernel({ netnsPath }).listen((events) => heard.push(events.length));
}

function codeOf(run: () => void): string {
  try {
    run();
    return 'ok';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

const STORIES: Readonly<Record<string, () => Promise<void>>> = {
  async closing() {
    const before = descriptors();
    const socket = rawSocket(() => undefined);
    socket.close();
    socket.close();
    const sent = codeOf(() => socket.send(new Uint8Array(16)));
    await turn();
    socket.close();
    print({ sent, leaked: descriptors() - before });
  },
  async garbage() {
    openAndForget(1);
    await collectGarbage();
    const before = descriptors();
    openAndForget(200);
    const open = descriptors() - before;
    await collectGarbage();
    print({ open, leaked: descriptors() - before });
  },
  async listening() {
    listenAndForget();
    await collectGarbage();
    await stir(60_000);
    await collectGarbage();
    await stir(65_536);
    print({ batches: heard.length >= 3 });
    process.exit(0);
  },
  async answering() {
    const answers: boolean[] = [];
    const ask = (): void =>
      openKernel({ netnsPath }).dump({ dump: 'links' }, ({ ok }) => answers.push(ok));
    for (let at = 0; at < 100; at += 1) ask();
    await collectGarbage();
    print({ answers: answers.filter(Boolean).length });
  },
  async throwing() {
    const caught: string[] = [];
    let calls = 0;
    process.on('uncaughtException', (error) => caught.push(error.message));
    const socket = rawSocket(() => {
      calls += 1;
      throw new Error(`thrown ${calls}`);
    });
    await stir(60_000);
    await stir(65_536);
    socket.close();
    print({ caught });
  },
  async uncaught() {
    rawSocket(() => {
      throw new Error('nobody catches this');
    });
    await stir(60_000);
  },
  async closingInside() {
    let calls = 0;
    const socket = rawSocket(() => {
      calls += 1;
      socket.close();
    });
    await stir(60_000);
    await stir(65_536);
    print({ calls });
  },
  async exiting() {
    rawSocket(() => process.exit(7));
    openKernel({ netnsPath }).listen(() => undefined);
    await stir(60_000);
  },
};

await STORIES[story]?.();
