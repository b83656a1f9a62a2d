import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { isAlive, type ProcessMark } from '../../../agent/adapters/charon-process.ts';
import type { EngineNote } from '../../../agent/model/notes/engine-note.ts';
import type { EngineSecurity } from '../../../agent/ports.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';
import { EchoGap } from '../fast-path/echo-gap.ts';
import { BEHIND, DETECT_MS, type LiveEnd, planOf, TwoEnds } from '../fast-path/two-ends.ts';
import { EchoFlow, type FlowCount } from './echo-flow.ts';
import { IPSEC, ipsecMissing, ipsecOf, pinUplinks, specOf } from './ipsec-parts.ts';

/** Against a machine that does five other things: only a failover that did not happen takes this long. */
const GENEROUS = 8;

const missing = ipsecMissing() ?? netnsMissing();
const notes: EngineNote[] = [];
let ends: TwoEnds;
let branch: LiveEnd;
let hub: LiveEnd;
let echo: EchoGap;

beforeAll(async () => {
  if (missing !== undefined) return;
  ends = new TwoEnds(IPSEC);
  ({ branch, hub } = ends);
  await ends.open();
  pinUplinks(branch);
  branch.engine.onNote((note) => notes.push(note));
  await ends.start();
  // Faults come thick here; a hold that doubles with each would only make the test long.
  for (const end of [branch, hub]) {
    const policy = { ...planOf(end).policy, failbackHoldMaxMs: 1_000 };
    end.order({ type: 'planReceived', plan: planOf(end, { revision: 2, policy }) });
  }
  echo = new EchoGap(branch, hub);
  await echo.next();
});

afterAll(async () => {
  echo?.close();
  await ends?.close();
});

function needParts(ctx: TestContext): void {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
}

function say(text: string): void {
  process.stdout.write(`    ${text}\n`);
}

async function securityOf(end: LiveEnd, tunnel: string): Promise<EngineSecurity> {
  const security = (await end.engine.status(tunnel))?.security;
  if (security === undefined) throw new Error(`${tunnel} has no association`);
  return security;
}

/** The charon of a tunnel, as the engine's own register knows it. */
function charonOf(end: LiveEnd, tunnel: string): ProcessMark {
  const text = readFileSync(join(end.directory, 'ipsec-tunnels.json'), 'utf8');
  const entries = Object.values(
    JSON.parse(text) as Record<string, ProcessMark & { tunnel: string }>,
  );
  const found = entries.find((entry) => entry.tunnel === tunnel);
  if (found === undefined) throw new Error(`no charon carries ${tunnel}`);
  return found;
}

/** Runs a fault while the echo flows and tells the hole it tore. */
async function gapOf(what: string, fault: () => Promise<void>): Promise<number> {
  await onFirstTunnel();
  echo.reset();
  await fault();
  await echo.next();
  const change = branch.changes().at(-1);
  say(
    `${what}: traffic gap ${echo.longestMs.toFixed(1)} ms (silent ${change?.silentForMs.toFixed(1)}, ` +
      `decide ${change?.decideMs.toFixed(2)}, install ${change?.installMs.toFixed(2)}): ${change?.because}`,
  );
  return echo.longestMs;
}

/** The busy machine may have made a session miss its time: a test begins on the first tunnel. */
async function onFirstTunnel(): Promise<void> {
  while ((await branch.snapshot()).active !== 't1') {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until traffic has returned to the first tunnel on both ends. */
async function failback(heal: () => Promise<void>): Promise<void> {
  const since = [branch.facts.length, hub.facts.length] as const;
  await heal();
  await branch.untilActive('t1', since[0]);
  await hub.untilActive('t1', since[1]);
}

/** Numbered packets through the first tunnel alone, past the fast path's choice. */
async function flowThrough(work: () => Promise<void>): Promise<FlowCount> {
  const flow = new EchoFlow(
    { netns: branch.netns, address: '10.250.1.1' },
    { netns: hub.netns, address: '10.250.1.2' },
    5,
  );
  try {
    await flow.more(100);
    await work();
    await flow.more(200);
  } finally {
    await flow.close();
  }
  return flow.count();
}

function lostEvent(end: LiveEnd, tunnel: string): Promise<string> {
  return new Promise((resolve) => {
    end.engine.onEvent((event) => {
      if (event.tunnel === tunnel) resolve(event.why);
    });
  });
}

test('both sessions are Up inside IPsec and the prefixes go through the first tunnel', async (ctx) => {
  needParts(ctx);
  const snapshot = await branch.snapshot();
  expect(snapshot.tunnels.map((tunnel) => [tunnel.id, tunnel.session.state])).toEqual([
    ['t1', 'Up'],
    ['t2', 'Up'],
  ]);
  expect(branch.netns.ip('route', 'get', BEHIND.hub)).toContain(branch.deviceName(1));
  expect((await securityOf(branch, 't1')).childCipher).toBe('AES_GCM_16-256');
  const rules = branch.netns.ip('rule').split('\n');
  expect(rules.findIndex((rule) => rule.startsWith('32766:'))).toBeLessThan(
    rules.findIndex((rule) => rule.startsWith('40000:')),
  );
  say(`engine: ${JSON.stringify(branch.engine.capabilities())}`);
});

test('a silent black hole moves the traffic within a few detection times', async (ctx) => {
  needParts(ctx);
  const since = branch.facts.length;
  const gapMs = await gapOf('black hole', async () => {
    await ends.blackHole(1);
    await branch.untilActive('t2', since);
  });
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  await failback(async () => ends.fillHole());
});

test('a lost carrier moves the traffic without waiting for silence', async (ctx) => {
  needParts(ctx);
  const since = branch.facts.length;
  const gapMs = await gapOf('carrier', async () => {
    await ends.setCable(1, false);
    await branch.untilActive('t2', since);
  });
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  expect(branch.changes().at(-1)).toMatchObject({ cause: 'carrier' });
  await failback(async () => ends.setCable(1, true));
});

test('new session keys for CHILD_SA and IKE_SA cost a flow next to nothing', async (ctx) => {
  needParts(ctx);
  const before = await securityOf(branch, 't1');
  const flow = await flowThrough(async () => branch.engine.rekeyNow('t1'));
  const after = await securityOf(branch, 't1');
  say(`rekey: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(after.childSpi).not.toBe(before.childSpi);
  expect(after.ikeId).not.toBe(before.ikeId);
  expect(flow.lost).toBeLessThan(flow.sent / 100);
});

test('an engine that is opened anew adopts the tunnels without a new IKE_SA', async (ctx) => {
  needParts(ctx);
  const before = [await securityOf(branch, 't1'), await securityOf(branch, 't2')];
  const charon = charonOf(branch, 't1');
  const flow = await flowThrough(async () => {
    await branch.engine.close('keep');
    await branch.openEngine();
    branch.engine.onNote((note) => notes.push(note));
    expect((await branch.engine.list()).map((each) => each.id)).toEqual(['t1', 't2']);
    for (const index of [1, 2]) await branch.engine.ensure(specOf(branch, hub, index));
  });
  const after = [await securityOf(branch, 't1'), await securityOf(branch, 't2')];
  say(`adoption: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(after.map((each) => each.ikeId)).toEqual(before.map((each) => each.ikeId));
  expect(after.map((each) => each.childSpi)).toEqual(before.map((each) => each.childSpi));
  expect(charonOf(branch, 't1').pid).toBe(charon.pid);
  expect(notes.filter((note) => note.code === 'engineAdopted')).toHaveLength(2);
});

test('a charon that dies is told, its traffic moved, and it is started again', async (ctx) => {
  needParts(ctx);
  const since = branch.facts.length;
  const lost = lostEvent(branch, 't1');
  const gapMs = await gapOf('charon dies', async () => {
    process.kill(charonOf(branch, 't1').pid, 'SIGKILL');
    await branch.untilActive('t2', since);
  });
  expect(await lost).toContain('charon');
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  await branch.untilActive('t1', branch.facts.length);
});

test('a charon that hangs is found out, killed and replaced', async (ctx) => {
  needParts(ctx);
  const since = branch.facts.length;
  const hung = charonOf(branch, 't1');
  const lost = lostEvent(branch, 't1');
  const stoppedAtMs = performance.now();
  const gapMs = await gapOf('charon hangs', async () => {
    process.kill(hung.pid, 'SIGSTOP');
    await branch.untilActive('t2', since);
  });
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  const moved = branch.facts.length;
  expect(await lost).toContain('did not answer');
  say(`hang found after ${(performance.now() - stoppedAtMs).toFixed(0)} ms`);
  await branch.untilActive('t1', moved);
  expect(await isAlive(hung)).toBe(false);
});

test('the far end that crashed is called again', async (ctx) => {
  needParts(ctx);
  const since = branch.facts.length;
  await gapOf('hub charon dies', async () => {
    process.kill(charonOf(hub, 't1').pid, 'SIGKILL');
    await branch.untilActive('t2', since);
  });
  const moved = branch.facts.length;
  const startedAtMs = performance.now();
  while ((await hub.engine.status('t1')) === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // Whoever watches the session calls until it is Up; the first call may still find the far end fresh.
  let isBack = false;
  const back = branch.untilActive('t1', moved).then(() => {
    isBack = true;
  });
  while (!isBack) {
    await branch.engine.initiate('t1', 20_000);
    await Promise.race([back, new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  say(`called again: back on t1 after ${(performance.now() - startedAtMs).toFixed(0)} ms`);
});

test('a tunnel follows when the uplink gets another address', async (ctx) => {
  needParts(ctx);
  const before = await securityOf(branch, 't1');
  const flow = await flowThrough(async () => {
    const moved = new Promise<void>((resolve) => {
      branch.engine.onNote((note) => {
        if (note.code === 'engineEndpointMoved') resolve();
      });
    });
    // With its last address the kernel takes the routes of a device away.
    branch.netns.ipBatch([
      'addr del 10.91.1.1/24 dev wan1',
      'addr add 10.91.1.77/24 dev wan1',
      'route add 10.91.1.0/24 dev wan1 table 101',
    ]);
    await moved;
  });
  say(`address change (MOBIKE): ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect((await hub.engine.status('t1'))?.endpoint).toBe('10.91.1.77:4501');
  expect((await securityOf(branch, 't1')).ikeId).toBe(before.ikeId);
});

test('a tunnel follows its gateway to another address', async (ctx) => {
  needParts(ctx);
  hub.netns.ip('addr', 'add', '10.91.1.99/24', 'dev', 'wan1');
  const flow = await flowThrough(async () => {
    await branch.engine.setEndpoint('t1', { remote: { address: '10.91.1.99', port: 4_501 } });
    while ((await branch.engine.status('t1'))?.endpoint !== '10.91.1.99:4501') {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  say(`gateway moved: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(flow.lost).toBeLessThan(flow.sent / 10);
});

test('a shared secret is rotated in stages on both ends while traffic flows', async (ctx) => {
  needParts(ctx);
  const next = { kind: 'psk', name: 'lab-2', secret: 'another secret of this test' } as const;
  const before = await securityOf(branch, 't1');
  const flow = await flowThrough(async () => {
    await hub.engine.rotateIdentity('t1', { stage: 'prepare', next });
    await branch.engine.rotateIdentity('t1', { stage: 'prepare', next });
    const up = notes.length;
    await branch.engine.rotateIdentity('t1', { stage: 'switch' });
    while (!notes.slice(up).some((note) => note.code === 'engineTunnelUp')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await hub.engine.rotateIdentity('t1', { stage: 'switch' });
    await branch.engine.rotateIdentity('t1', { stage: 'retire' });
    await hub.engine.rotateIdentity('t1', { stage: 'retire' });
  });
  say(`secret rotated: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect((await securityOf(branch, 't1')).ikeId).not.toBe(before.ikeId);
  expect(flow.lost).toBeLessThan(flow.sent / 10);
  // The first secret is still that of the other tunnel.
  expect(existsSync(join(branch.directory, 'credentials', 'lab-1.psk'))).toBe(true);
});

test('a rotation that fails goes back, and the old secret still works', async (ctx) => {
  needParts(ctx);
  const next = { kind: 'psk', name: 'lab-3', secret: 'a secret nobody else has' } as const;
  await branch.engine.rotateIdentity('t2', { stage: 'prepare', next });
  await branch.engine.rotateIdentity('t2', { stage: 'switch' });
  await branch.engine.rotateIdentity('t2', { stage: 'back' });
  await branch.engine.initiate('t2', 20_000);
  expect(existsSync(join(branch.directory, 'credentials', 'lab-3.psk'))).toBe(false);
});

test('nothing of the tunnels is left behind', async (ctx) => {
  needParts(ctx);
  const marks = [branch, hub].flatMap((end) => ['t1', 't2'].map((id) => charonOf(end, id)));
  await branch.thread.stop();
  await hub.thread.stop();
  for (const end of [branch, hub]) {
    for (const id of ['t1', 't2']) await end.engine.remove(id);
    expect(end.netns.ip('-o', 'link', 'show')).not.toMatch(/ipsec\d|fp\d+/);
    expect(end.netns.ip('rule')).not.toContain('40000');
    expect(end.netns.ip('route', 'show', 'table', 'all')).not.toContain('throw');
    expect(readdirSync(end.directory).toSorted()).toEqual(['credentials', 'ipsec-tunnels.json']);
    expect(ipsecOf(end).capabilities().kind).toBe('ipsec');
  }
  for (const mark of marks) expect(await isAlive(mark)).toBe(false);
});
