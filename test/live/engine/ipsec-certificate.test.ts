import { afterAll, beforeAll, expect, test } from 'vitest';
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
