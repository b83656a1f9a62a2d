import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { drainingAlarm } from '../../../agent/adapters/fast-path/draining-alarm.ts';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';

/** Far more than Node reads from one socket in one turn of the loop. */
const DATAGRAMS = 200;

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** As a long piece of synchronous work would. */
function stall(forMs: number): void {
  const untilMs = liveClock.nowMs() + forMs;
  while (liveClock.nowMs() < untilMs) continue;
}

test('what arrived during a stall is heard before the alarm that fell due in it', async () => {
  const [receiver, sender] = [await bound(), await bound()];
  let received = 0;
  receiver.on('message', () => {
    received += 1;
  });
  const heardWhenDue = new Promise<number>((resolve) => {
    drainingAlarm(
      () => resolve(received),
      () => received,
    ).armAt(liveClock.nowMs() + 5);
  });
  for (let sent = 0; sent < DATAGRAMS; sent += 1)
    sender.send('x', receiver.address().port, '127.0.0.1');
  // The sends are handed to the kernel in the next turn; the stall comes right behind them.
  setImmediate(() => stall(50));
  expect(await heardWhenDue).toBe(DATAGRAMS);
});

test('who is armed for later by what was heard is not due any more', async () => {
  let due = 0;
  let received = 0;
  const alarm = drainingAlarm(
    () => {
      due += 1;
    },
    () => received,
  );
  const startMs = liveClock.nowMs();
  alarm.armAt(startMs + 5);
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      stall(20);
      setImmediate(() => {
        received += 1;
        alarm.armAt(liveClock.nowMs() + 10_000);
        resolve();
      });
    });
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(due).toBe(0);
  alarm.disarm();
});
