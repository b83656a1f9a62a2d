import { afterEach, expect, test } from 'vitest';
import { drainingAlarm } from '../../../agent/adapters/fast-path/draining-alarm.ts';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { UdpRack } from '../../../firmware-shim/adapters/udp-rack.ts';

/** More than one round of reading takes. */
const DATAGRAMS = 200;
const PORT = 38_784;
const HERE = '127.0.0.1';

const native = loadNative();
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** As a long piece of synchronous work would. */
function stall(forMs: number): void {
  const untilMs = liveClock.nowMs() + forMs;
  while (liveClock.nowMs() < untilMs) continue;
}

test('what arrived during a stall is heard before the alarm that fell due in it', async () => {
  let received = 0;
  const rack = new UdpRack(() => rack.read());
  const stopListening = rack.add(native.udpSocket({ address: HERE, port: PORT }), {
    onDatagram: () => {
      received += 1;
    },
    onFailed: () => undefined,
  });
  const sender = native.udpSocket({ address: HERE, port: 0 });
  closers.push(
    stopListening,
    () => native.udpClose(sender),
    () => rack.close(),
  );
  const heardWhenDue = new Promise<number>((resolve) => {
    drainingAlarm(
      () => resolve(received),
      () => rack.read(),
    ).armAt(liveClock.nowMs() + 5);
  });
  const destination = native.udpAddress(HERE, PORT);
  for (let sent = 0; sent < DATAGRAMS; sent += 1) native.udpSend(sender, Buffer.of(1), destination);
  stall(50);
  expect(received).toBe(0);
  expect(await heardWhenDue).toBe(DATAGRAMS);
});

test('who is armed for later by what was heard is not due any more', async () => {
  let due = 0;
  let waiting = 1;
  const alarm = drainingAlarm(
    () => {
      due += 1;
    },
    () => {
      if (waiting > 0) alarm.armAt(liveClock.nowMs() + 10_000);
      waiting -= 1;
      return waiting + 1;
    },
  );
  closers.push(() => alarm.disarm());
  alarm.armAt(liveClock.nowMs() + 5);
  stall(20);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setImmediate(resolve));
  expect(waiting).toBe(0);
  expect(due).toBe(0);
});

test('a late alarm lets others speak before it calls', async () => {
  const said: string[] = [];
  const called = new Promise<void>((resolve) => {
    const alarm = drainingAlarm(
      () => {
        said.push('due');
        resolve();
      },
      () => 0,
    );
    alarm.armAt(liveClock.nowMs() + 1);
  });
  stall(20);
  setImmediate(() => said.push('somebody else'));
  await called;
  expect(said).toEqual(['somebody else', 'due']);
});
