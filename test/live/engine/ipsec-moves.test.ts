import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rotateStaged } from '../../../agent/adapters/engine/engine-rotation.ts';
import { proofMsFor, turnIdentity } from '../../../agent/adapters/engine/identity-turn.ts';
import { IpsecCredentials } from '../../../agent/adapters/ipsec/ipsec-credentials.ts';
import { IpsecRoom, needParts, say, until } from './ipsec-room.ts';

let room: IpsecRoom;

beforeAll(async () => {
  const opened = await IpsecRoom.open();
  if (opened !== undefined) room = opened;
});

afterAll(async () => room?.close());

test('a tunnel follows when the uplink gets another address', async (ctx) => {
  needParts(ctx);
  const before = await room.securityOf(room.branch, 't1');
  const flow = await room.flowThrough(async () => {
    const moved = new Promise<void>((resolve) => {
      room.branch.engine.onNote((note) => {
        if (note.code === 'engineEndpointMoved') resolve();
      });
    });
    // With its last address the kernel takes the routes of a device away.
    room.branch.netns.ipBatch([
      'addr del 10.91.1.1/24 dev wan1',
      'addr add 10.91.1.77/24 dev wan1',
      'route add 10.91.1.0/24 dev wan1 table 101',
    ]);
    await moved;
  });
  say(`address change (MOBIKE): ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect((await room.hub.engine.status('t1'))?.endpoint).toBe('10.91.1.77:4501');
  expect((await room.securityOf(room.branch, 't1')).ikeId).toBe(before.ikeId);
});

test('a tunnel follows its gateway to another address', async (ctx) => {
  needParts(ctx);
  room.hub.netns.ip('addr', 'add', '10.91.1.99/24', 'dev', 'wan1');
  const flow = await room.flowThrough(async () => {
    await room.branch.engine.setEndpoint('t1', { remote: { address: '10.91.1.99', port: 4_501 } });
    await until(
      async () => (await room.branch.engine.status('t1'))?.endpoint === '10.91.1.99:4501',
    );
  });
  say(`gateway moved: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(flow.lost).toBeLessThan(flow.sent / 10);
});

test('a shared secret is rotated in stages on both ends while traffic flows', async (ctx) => {
  needParts(ctx);
  const next = { kind: 'psk', name: 'lab-2', secret: 'another secret of this test' } as const;
  const before = await room.securityOf(room.branch, 't1');
  const flow = await room.flowThrough(async () => {
    await room.hub.engine.rotateIdentity('t1', { stage: 'prepare', next });
    await room.branch.engine.rotateIdentity('t1', { stage: 'prepare', next });
    const up = room.notes.length;
    await room.branch.engine.rotateIdentity('t1', { stage: 'switch' });
    while (!room.notes.slice(up).some((note) => note.code === 'engineTunnelUp')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await room.hub.engine.rotateIdentity('t1', { stage: 'switch' });
    await room.branch.engine.rotateIdentity('t1', { stage: 'retire' });
    await room.hub.engine.rotateIdentity('t1', { stage: 'retire' });
  });
  say(`secret rotated: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect((await room.securityOf(room.branch, 't1')).ikeId).not.toBe(before.ikeId);
  expect(flow.lost).toBeLessThan(flow.sent / 10);
  // The first secret is still that of the other tunnel.
  expect(existsSync(join(room.branch.directory, 'credentials', 'lab-1.psk'))).toBe(true);
});

test('after the rotation the new secret alone sets the tunnel up again', async (ctx) => {
  needParts(ctx);
  const since = room.notes.length;
  process.kill(room.charonOf(room.branch, 't1').pid, 'SIGKILL');
  await room.untilNote('engineDaemonBack', since);
  expect((await room.branch.engine.status('t1'))?.security).toBeDefined();
});

test('a rotation whose session does not come Up goes back, and traffic never notices', async (ctx) => {
  needParts(ctx);
  const next = { kind: 'psk', name: 'lab-3', secret: 'a secret nobody else has' } as const;
  const before = await room.securityOf(room.branch, 't2');
  const flow = await room.flowThrough(async () => {
    const outcome = await rotateStaged(room.branch.engine, 't2', next, {
      announce: async () => undefined,
      // As a session would find: no new association stands.
      isUpInTime: async () => (await room.securityOf(room.branch, 't2')).ikeId !== before.ikeId,
    });
    expect(outcome).toBe('rolledBack');
  }, 2);
  say(`rotation rolled back: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(flow.lost).toBeLessThan(flow.sent / 10);
  expect(existsSync(join(room.branch.directory, 'credentials', 'lab-3.psk'))).toBe(false);
});

test('a provisioned secret is turned to as a document orders it, and waits where the far end does not take it', async (ctx) => {
  needParts(ctx);
  const { branch, hub } = room;
  const next = { kind: 'psk', name: 'lab-4', secret: 'provisioned by hand' } as const;
  const file = join(branch.directory, 'credentials', 'lab-4.psk');
  await new IpsecCredentials(join(branch.directory, 'credentials')).keep(next);
  const spec = await room.specOf(branch, hub, 2);
  const { ipsec } = spec;
  if (ipsec === undefined) throw new Error('no IPsec tunnel');
  const wanted = {
    ...spec,
    ipsec: { ...ipsec, credential: { kind: 'psk', name: 'lab-4' } },
  } as const;
  const before = await room.securityOf(branch, 't2');
  const flow = await room.flowThrough(async () => {
    const inVain = turnIdentity(branch.engine, wanted, () => true, {
      max: 1_000,
      look: 100,
      holds: 100,
    });
    await expect(inVain).rejects.toMatchObject({ code: 'EENGINE_ROTATION' });
    expect(existsSync(file)).toBe(true);
    await hub.engine.rotateIdentity('t2', { stage: 'prepare', next });
    await turnIdentity(branch.engine, wanted, () => true, proofMsFor(0));
    await hub.engine.rotateIdentity('t2', { stage: 'switch' });
    await hub.engine.rotateIdentity('t2', { stage: 'retire' });
  }, 2);
  say(`turned to a provisioned secret: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect((await room.securityOf(branch, 't2')).ikeId).not.toBe(before.ikeId);
  expect(flow.lost).toBeLessThan(flow.sent / 10);
});
