import { readdirSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { UdpRack } from '../../../firmware-shim/adapters/udp-rack.ts';

const native = loadNative();
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Heard {
  readonly by: string;
  readonly text: string;
  readonly fromPort: number;
}

/** A rack and what its sockets heard, and a socket to speak to them. */
function scene(address = '127.0.0.1') {
  const heard: Heard[] = [];
  const rack = new UdpRack(() => undefined);
  closers.push(() => rack.close());
  const listen = (by: string, port: number): (() => void) => {
    const onDatagram = (bytes: Uint8Array, fromPort: number): void => {
      heard.push({ by, text: Buffer.from(bytes).toString(), fromPort });
    };
    const fd = native.udpSocket({ address, port });
    const close = rack.add(fd, { onDatagram, onFailed: (code) => heard.push(failure(by, code)) });
    closers.unshift(close);
    return close;
  };
  const speaker = native.udpSocket({ address, port: 38_001 });
  closers.push(() => native.udpClose(speaker));
  const say = (text: string, port: number): boolean =>
    native.udpSend(speaker, Buffer.from(text), native.udpAddress(address, port));
  return { rack, heard, listen, say };
}

function failure(by: string, code: string): Heard {
  return { by, text: code, fromPort: 0 };
}

test.each(['127.0.0.1', '::1'])(
  'what waits in many sockets at %s is read at once, each datagram whole and with its port',
  (address) => {
    const { rack, heard, listen, say } = scene(address);
    listen('a', 38_010);
    listen('b', 38_011);
    for (const text of ['one', '', 'x'.repeat(9_000)]) say(text, 38_010);
    say('two', 38_011);
    expect(rack.read()).toBe(4);
    const by = (name: string) => heard.filter((each) => each.by === name).map(({ text }) => text);
    expect(by('a')).toEqual(['one', '', 'x'.repeat(9_000)]);
    expect(by('b')).toEqual(['two']);
    expect(heard.every(({ fromPort }) => fromPort === 38_001)).toBe(true);
    expect(rack.read()).toBe(0);
  },
);

test('a flood at one socket is read in rounds that leave nobody out', () => {
  const { rack, heard, listen, say } = scene();
  listen('flooded', 38_010);
  listen('quiet', 38_011);
  for (let sent = 0; sent < 150; sent += 1) say('flood', 38_010);
  say('here', 38_011);
  expect(rack.read()).toBeLessThan(150);
  expect(heard.some(({ by }) => by === 'quiet')).toBe(true);
  while (rack.read() > 0) continue;
  expect(heard).toHaveLength(151);
});

test('who waits is told, also of what one round left behind', async () => {
  let received = 0;
  const all = new Promise<void>((resolve) => {
    const rack = new UdpRack(() => {
      rack.read();
      if (received === 200) resolve();
    });
    const onDatagram = (): void => {
      received += 1;
    };
    const fd = native.udpSocket({ address: '127.0.0.1', port: 38_010 });
    closers.push(rack.add(fd, { onDatagram, onFailed: () => undefined }), () => rack.close());
  });
  const speaker = native.udpSocket({ address: '127.0.0.1', port: 0 });
  closers.push(() => native.udpClose(speaker));
  expect(native.udpConnect(speaker, native.udpAddress('127.0.0.1', 38_010))).toBe(true);
  for (let sent = 0; sent < 200; sent += 1) native.udpSend(speaker, Buffer.of(1));
  await all;
  expect(received).toBe(200);
});

test('a socket that is closed within a burst hears nothing of the rest of it, nor does who comes after it', () => {
  const { rack, heard, listen, say } = scene();
  let closeOther = (): void => undefined;
  const onDatagram = (): void => {
    closeOther();
    listen('successor', 38_012);
  };
  const fd = native.udpSocket({ address: '127.0.0.1', port: 38_010 });
  closers.unshift(rack.add(fd, { onDatagram, onFailed: () => undefined }));
  closeOther = listen('other', 38_011);
  say('go', 38_010);
  for (const text of ['late', 'later']) say(text, 38_011);
  while (rack.read() > 0) continue;
  expect(heard).toEqual([]);
  say('hello', 38_012);
  rack.read();
  expect(heard).toMatchObject([{ by: 'successor', text: 'hello' }]);
});

test('a connected socket sends again behind a refusal', () => {
  const speaker = native.udpSocket({ address: '127.0.0.1', port: 0 });
  closers.push(() => native.udpClose(speaker));
  // Nobody listens there: the first send is answered by ICMP, of which the second one is told.
  native.udpConnect(speaker, native.udpAddress('127.0.0.1', 38_020));
  native.udpSend(speaker, Buffer.of(1));
  const { rack, heard, listen } = scene();
  listen('late riser', 38_020);
  expect(native.udpSend(speaker, Buffer.from('again'))).toBe(true);
  rack.read();
  expect(heard).toMatchObject([{ text: 'again' }]);
});

test('what is closed is closed once, and leaves no descriptor behind', () => {
  const before = readdirSync('/proc/self/fd').length;
  const { rack, listen } = scene();
  const close = listen('a', 38_010);
  close();
  close();
  for (const each of closers.splice(0)) each();
  expect(readdirSync('/proc/self/fd').length).toBe(before);
  expect(() => rack.read()).toThrow(expect.objectContaining({ code: 'EBADF' }));
});
