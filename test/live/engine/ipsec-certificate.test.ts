import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAlive } from '../../../agent/adapters/ipsec/charon-process.ts';
import { IpsecRoom, needParts, say } from './ipsec-room.ts';

let room: IpsecRoom;

beforeAll(async () => {
  const opened = await IpsecRoom.open('certificate');
  if (opened !== undefined) room = opened;
});

afterAll(async () => room?.close());

test('two ends that show certificates carry traffic and renew their keys', async (ctx) => {
  needParts(ctx);
  const before = await room.securityOf(room.branch, 't1');
  const flow = await room.flowThrough(async () => room.branch.engine.rekeyNow('t1'));
  say(`certificates, rekey: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect((await room.securityOf(room.branch, 't1')).ikeId).not.toBe(before.ikeId);
});

test('a charon of which nothing was written down is found and replaced', async (ctx) => {
  needParts(ctx);
  const { branch, hub } = room;
  const orphans = ['t1', 't2'].map((id) => room.charonOf(branch, id));
  await branch.engine.close('keep');
  rmSync(join(branch.directory, 'ipsec-tunnels.json'));
  await branch.openEngine();
  room.listen();
  for (const index of [1, 2]) {
    const since = room.notes.length;
    await branch.engine.ensure(await room.specOf(branch, hub, index));
    await room.untilNote('engineTunnelUp', since);
  }
  for (const orphan of orphans) expect(await isAlive(orphan)).toBe(false);
});
