import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isAlive } from '../../../agent/adapters/ipsec/charon-process.ts';
import { BEHIND, DETECT_MS } from '../fast-path/live-end.ts';
import { specOf } from './ipsec-parts.ts';
import { IpsecRoom, needParts, say, until } from './ipsec-room.ts';

/** Against a machine that does five other things: only a failover that did not happen takes this long. */
const GENEROUS = 8;

let room: IpsecRoom;

beforeAll(async () => {
  const opened = await IpsecRoom.open();
  if (opened !== undefined) room = opened;
});

/** A busy machine may have lost a session for a moment: a fault is judged from calm on. */
beforeEach(async () => room?.branch.untilCalm());

afterAll(async () => room?.close());

test('both sessions are Up inside IPsec and the prefixes go through the first tunnel', async (ctx) => {
  needParts(ctx);
  const snapshot = await room.branch.snapshot();
  expect(snapshot.tunnels.map((tunnel) => [tunnel.id, tunnel.session.state])).toEqual([
    ['t1', 'Up'],
    ['t2', 'Up'],
  ]);
  expect(room.branch.netns.ip('route', 'get', BEHIND.hub)).toContain(room.branch.deviceName(1));
  expect((await room.securityOf(room.branch, 't1')).childCipher).toBe('AES_GCM_16-256');
  const rules = room.branch.netns.ip('rule').split('\n');
  expect(rules.findIndex((rule) => rule.startsWith('32766:'))).toBeLessThan(
    rules.findIndex((rule) => rule.startsWith('40000:')),
  );
  say(`engine: ${JSON.stringify(room.branch.engine.capabilities())}`);
});

test('a silent black hole moves the traffic within a few detection times', async (ctx) => {
  needParts(ctx);
  const since = room.branch.facts.length;
  const gapMs = await room.gapOf('black hole', async () => {
    await room.ends.blackHole(1);
    await room.branch.untilActive('t2', since);
  });
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  await room.ends.failback(async () => room.ends.fillHole());
});

test('a lost carrier moves the traffic without waiting for silence', async (ctx) => {
  needParts(ctx);
  const since = room.branch.facts.length;
  const gapMs = await room.gapOf('carrier', async () => {
    await room.ends.setCable(1, false);
    await room.branch.untilActive('t2', since);
  });
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  expect(room.branch.departure('t1', since)).toMatchObject({ cause: 'carrier' });
  await room.ends.failback(async () => room.ends.setCable(1, true));
});

test('new session keys for CHILD_SA and IKE_SA cost a flow next to nothing', async (ctx) => {
  needParts(ctx);
  const before = await room.securityOf(room.branch, 't1');
  const flow = await room.flowThrough(async () => room.branch.engine.rekeyNow('t1'));
  const after = await room.securityOf(room.branch, 't1');
  say(`rekey: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(after.childSpi).not.toBe(before.childSpi);
  expect(after.ikeId).not.toBe(before.ikeId);
  expect(flow.lost).toBeLessThan(flow.sent / 100);
});

test('an engine that is opened anew adopts the tunnels without a new IKE_SA', async (ctx) => {
  needParts(ctx);
  const before = [
    await room.securityOf(room.branch, 't1'),
    await room.securityOf(room.branch, 't2'),
  ];
  const charon = room.charonOf(room.branch, 't1');
  const flow = await room.flowThrough(async () => {
    await room.branch.engine.close('keep');
    await room.branch.openEngine();
    room.listen();
    expect((await room.branch.engine.list()).map((each) => each.id)).toEqual(['t1', 't2']);
    for (const index of [1, 2])
      await room.branch.engine.ensure(specOf(room.branch, room.hub, index));
  });
  const after = [
    await room.securityOf(room.branch, 't1'),
    await room.securityOf(room.branch, 't2'),
  ];
  say(`adoption: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(after.map((each) => each.ikeId)).toEqual(before.map((each) => each.ikeId));
  expect(after.map((each) => each.childSpi)).toEqual(before.map((each) => each.childSpi));
  expect(room.charonOf(room.branch, 't1').pid).toBe(charon.pid);
  expect(room.notes.filter((note) => note.code === 'engineAdopted')).toHaveLength(2);
});

test('a charon that dies is told, its traffic moved, and it is started again', async (ctx) => {
  needParts(ctx);
  const since = room.branch.facts.length;
  const lost = room.lostEvent(room.branch, 't1');
  const gapMs = await room.gapOf('charon dies', async () => {
    process.kill(room.charonOf(room.branch, 't1').pid, 'SIGKILL');
    await room.branch.untilActive('t2', since);
  });
  expect(await lost).toContain('charon');
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  await room.branch.untilOn('t1');
});

test('a charon that hangs is found out, killed and replaced', async (ctx) => {
  needParts(ctx);
  const since = room.branch.facts.length;
  const hung = room.charonOf(room.branch, 't1');
  const lost = room.lostEvent(room.branch, 't1');
  const stoppedAtMs = performance.now();
  const gapMs = await room.gapOf('charon hangs', async () => {
    process.kill(hung.pid, 'SIGSTOP');
    await room.branch.untilActive('t2', since);
  });
  expect(gapMs).toBeLessThan(DETECT_MS * GENEROUS);
  expect(await lost).toContain('did not answer');
  say(`hang found after ${(performance.now() - stoppedAtMs).toFixed(0)} ms`);
  await room.branch.untilOn('t1');
  expect(await isAlive(hung)).toBe(false);
});

test('the far end that crashed is called again', async (ctx) => {
  needParts(ctx);
  const since = room.branch.facts.length;
  await room.gapOf('hub charon dies', async () => {
    process.kill(room.charonOf(room.hub, 't1').pid, 'SIGKILL');
    await room.branch.untilActive('t2', since);
  });
  const startedAtMs = performance.now();
  await until(async () => (await room.hub.engine.status('t1')) !== undefined);
  // Whoever watches the session calls until it is Up; the first call may still find the far end fresh.
  let isBack = false;
  const back = room.branch.untilOn('t1').then(() => {
    isBack = true;
  });
  while (!isBack) {
    await room.branch.engine.initiate('t1', 20_000);
    await Promise.race([back, new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  say(`called again: back on t1 after ${(performance.now() - startedAtMs).toFixed(0)} ms`);
});

test('nothing of the tunnels is left behind', async (ctx) => {
  needParts(ctx);
  const marks = [room.branch, room.hub].flatMap((end) =>
    ['t1', 't2'].map((id) => room.charonOf(end, id)),
  );
  await room.branch.thread.stop();
  await room.hub.thread.stop();
  for (const end of [room.branch, room.hub]) {
    for (const id of ['t1', 't2']) await end.engine.remove(id);
    expect(end.netns.ip('-o', 'link', 'show')).not.toMatch(/ipsec\d|fp\d+/);
    expect(end.netns.ip('rule')).not.toContain('40000');
    expect(end.netns.ip('route', 'show', 'table', 'all')).not.toContain('throw');
    expect(readdirSync(end.directory).toSorted()).toEqual(['credentials', 'ipsec-tunnels.json']);
  }
  for (const mark of marks) expect(await isAlive(mark)).toBe(false);
});
