import { afterAll, beforeAll, beforeEach, expect, type TestContext, test } from 'vitest';
import { ROUTE_PROTOCOL } from '../../../firmware-shim/kernel/types.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';
import { EchoGap } from './echo-gap.ts';
import { DETECT_MS } from './live-end.ts';
import { partsMissing, planOf, TwoEnds } from './two-ends.ts';

/** Against a machine that does five other things: only a failover that did not happen takes this long. */
const GENEROUS = 8;

const missing = partsMissing() ?? netnsMissing();
let ends: TwoEnds;
let echo: EchoGap;

beforeAll(async () => {
  if (missing !== undefined) return;
  ends = new TwoEnds();
  await ends.open();
  await ends.start();
  echo = new EchoGap(ends.branch, ends.hub);
  await echo.next();
});

/** A busy machine may have lost a session for a moment: a fault is judged from calm on. */
beforeEach(async () => ends?.branch.untilCalm());

afterAll(async () => {
  echo?.close();
  await ends?.close();
});

function needParts(ctx: TestContext): void {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
}

/** Runs a fault while the echo flows and tells the hole it tore. */
async function gapOf(what: string, fault: () => Promise<void>): Promise<number> {
  echo.reset();
  await fault();
  await echo.next();
  const change = ends.branch.changes().at(-1);
  process.stdout.write(
    `    ${what}: traffic gap ${echo.longestMs.toFixed(1)} ms (silent ${change?.silentForMs.toFixed(1)}, ` +
      `decide ${change?.decideMs.toFixed(2)}, install ${change?.installMs.toFixed(2)}): ${change?.because}\n`,
  );
  return echo.longestMs;
}

test('both sessions are Up and the prefixes go through the first tunnel', async (ctx) => {
  needParts(ctx);
  const snapshot = await ends.branch.snapshot();
  expect(snapshot.tunnels.map((tunnel) => [tunnel.id, tunnel.session.state])).toEqual([
    ['t1', 'Up'],
    ['t2', 'Up'],
  ]);
  expect(snapshot.routes).toMatchObject({ installed: true, via: ends.branch.deviceName(1) });
  expect(snapshot.netlink).toMatchObject({ overruns: 0, malformed: 0, malformedMessages: 0 });
  expect(snapshot.netlink?.acknowledged).toBeGreaterThan(0);
  expect(ends.branch.netns.ip('route', 'get', '10.99.0.1')).toContain(ends.branch.deviceName(1));
  const ready = ends.branch.facts.find((fact) => fact.type === 'fastPathReady');
  process.stdout.write(`    scheduling: ${JSON.stringify(ready)}\n`);
  expect(ready).toBeDefined();
});

test('a silent black hole moves the traffic within a few detection times', async (ctx) => {
  needParts(ctx);
  const since = ends.branch.facts.length;
  const gapMs = await gapOf('black hole', async () => {
    await ends.blackHole(1);
    await ends.branch.untilActive('t2', since);
  });
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  expect(ends.branch.departure('t1', since)?.cause).toMatch(/silence|session-down/);
  await ends.failback(async () => ends.fillHole());
});

test('a lost carrier moves the traffic without waiting for silence', async (ctx) => {
  needParts(ctx);
  const since = ends.branch.facts.length;
  const gapMs = await gapOf('carrier', async () => {
    await ends.setCable(1, false);
    await ends.branch.untilActive('t2', since);
  });
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  const departure = ends.branch.departure('t1', since);
  expect(departure).toMatchObject({ cause: 'carrier', silentForMs: 0 });
  await ends.failback(async () => ends.setCable(1, true));
});

test('a route of ours that is deleted is put back', async (ctx) => {
  needParts(ctx);
  const since = ends.branch.facts.length;
  ends.branch.netns.ip('route', 'del', '10.99.0.1/32', 'proto', String(ROUTE_PROTOCOL));
  await ends.branch.until(
    (fact) => fact.type === 'noted' && fact.note.code === 'routesInstalled',
    since,
  );
  expect(ends.branch.netns.ip('route', 'get', '10.99.0.1')).toContain(ends.branch.deviceName(1));
});

test('an engine that dies is noticed, its traffic moved, and it is started again', async (ctx) => {
  needParts(ctx);
  const since = ends.branch.facts.length;
  const lost = new Promise<void>((resolve) => {
    ends.branch.engine.onEvent((event) => {
      if (event.tunnel === 't1') resolve();
    });
  });
  const gapMs = await gapOf('engine dies', async () => {
    ends.branch.netns.ip('link', 'del', ends.branch.deviceName(1));
    await ends.branch.untilActive('t2', since);
  });
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  if (!ends.branch.engine.capabilities().inKernel) {
    await lost;
    await ends.branch.untilOn('t1');
  }
});

test('an operator moves traffic, and a restarted fast path keeps it where it was', async (ctx) => {
  needParts(ctx);
  const since = ends.branch.facts.length;
  ends.branch.order({ type: 'switchRequested', requestId: 'r1', tunnel: 't2' });
  await ends.branch.until((fact) => fact.type === 'switchAnswered' && fact.ok, since);
  await ends.hub.untilActive('t2', 0);
  const gapMs = await gapOf('restart of the fast path', async () => {
    await ends.branch.thread.stop();
    const restarted = ends.branch.facts.length;
    ends.branch.startThread();
    ends.branch.order({ type: 'planReceived', plan: planOf(ends.branch) });
    await ends.branch.until(
      (fact) => fact.type === 'noted' && fact.note.code === 'activeTunnelAdopted',
      restarted,
    );
    await ends.branch.until(
      (fact) => fact.type === 'tunnelStateChanged' && fact.to === 'up',
      restarted,
    );
  });
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
});
