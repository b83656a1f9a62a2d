/**
 * Who talks slowly to the page, or all at once: he is cut off, others are served, and the agent's own work does not wait.
 */
import { connect, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PageVisitor } from './page-visitor.ts';

const SLOW = 40;
const HEADERS_WAIT_MS = 400;
const DRIP_EVERY_MS = 40;
/** Attackers and page share this one event loop, so that its delay is that of both. */
const DELAY_RATIO_MAX = 5;

let visitor: PageVisitor;
beforeEach(async () => {
  visitor = await new PageVisitor().open({ headersWaitMs: HEADERS_WAIT_MS });
});
afterEach(async () => visitor.clear());

/** A request whose headers never end; resolves when the server hangs up. */
async function drip(port: number): Promise<string> {
  const socket: Socket = connect({ host: '127.0.0.1', port });
  let heard = '';
  socket.on('data', (bytes) => (heard += bytes.toString()));
  socket.on('error', () => undefined);
  socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Slow: `);
  const timer = setInterval(() => socket.write('y'), DRIP_EVERY_MS);
  return new Promise((resolve) => {
    socket.once('close', () => {
      clearInterval(timer);
      resolve(heard);
    });
  });
}

/** With an answer or, while it still talks, with a reset. */
async function turnedAway(visit: Parameters<PageVisitor['visit']>[0]): Promise<void> {
  const status = await visitor.visit(visit).then(
    (answer) => answer.status,
    () => 400,
  );
  expect(status).toBeGreaterThanOrEqual(400);
}

async function typicalDelay(during: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await during();
  delay.disable();
  return delay.percentile(50);
}

it('slow headers are cut off while everybody else is served', async () => {
  const slow = Array.from({ length: SLOW }, async () => drip(visitor.port));
  const served = await visitor.visit({ path: '/' });
  expect(served.status).toBe(200);
  const ends = await Promise.all(slow);
  expect(ends.filter((heard) => heard.startsWith('HTTP/1.1 408'))).toHaveLength(SLOW);
  expect((await visitor.visit({ path: '/page.css' })).status).toBe(200);
});

it('a storm of slow and wrong requests does not hold up the event loop', async () => {
  const calm = await typicalDelay(async () => pause(HEADERS_WAIT_MS));
  const stormy = await typicalDelay(async () => {
    const slow = Array.from({ length: SLOW }, async () => drip(visitor.port));
    for (let at = 0; at < 150; at += 1) {
      await turnedAway({ path: '/', headers: { host: 'evil.example' } });
      await turnedAway({ path: '/session', method: 'POST', body: 'x'.repeat(5_000) });
    }
    await Promise.all(slow);
  });
  expect(stormy).toBeLessThan(DELAY_RATIO_MAX * calm);
});
