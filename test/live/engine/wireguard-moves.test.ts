import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { turnIdentity } from '../../../agent/adapters/engine/identity-turn.ts';
import type { IdentityStand } from '../../../agent/model/identity-result.ts';
import type { TunnelSpec } from '../../../agent/model/tunnel.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';
import { type LiveEnd, WIREGUARD } from '../fast-path/live-end.ts';
import { partsMissing, TwoEnds } from '../fast-path/two-ends.ts';
import { EchoFlow, type FlowCount } from './echo-flow.ts';
import { say, until } from './ipsec-room.ts';

const missing = partsMissing() ?? netnsMissing();
/** Silence on one key must have become a session that is down by then. */
const PROOF_MS = { max: 1_500, look: 100, holds: 400 };
let ends: TwoEnds;
let spec: TunnelSpec;

beforeAll(async () => {
  if (missing !== undefined) return;
  ends = new TwoEnds();
  await ends.open();
  await ends.start();
  spec = await WIREGUARD.specOf(ends.branch, ends.hub, 1);
});

afterAll(async () => ends?.close());

function needParts(ctx: TestContext): void {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
}

async function flowThrough(work: () => Promise<void>): Promise<FlowCount> {
  const flow = new EchoFlow(
    { netns: ends.branch.netns, address: '10.250.1.1' },
    { netns: ends.hub.netns, address: '10.250.1.2' },
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

/** As a document names it: the hub accepts what it was told before the branch hears of that. */
async function turned(accepted: string | undefined): Promise<IdentityStand> {
  const { branch } = ends;
  const ownKey = { generation: 1, ...(accepted !== undefined && { accepted }) };
  return turnIdentity(branch.engine, { ...spec, ownKey }, () => isUp(branch), PROOF_MS);
}

function isUp({ facts }: LiveEnd): boolean {
  const told = facts.findLast((fact) => fact.type === 'tunnelStateChanged' && fact.tunnel === 't1');
  return told?.type === 'tunnelStateChanged' && told.to === 'up';
}

test('a key pair is made and told, and not shown before it is accepted', async (ctx) => {
  needParts(ctx);
  const { branch } = ends;
  const before = await branch.engine.publicKey();
  const told = await turned(undefined);
  expect(told).toMatchObject({ stage: 'prepared' });
  expect(told.publicKey).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(told.publicKey).not.toBe(before);
  expect((await branch.engine.status('t1'))?.publicKey).toBe(before);
  // Asked again, as after a restart, it is the same.
  expect(await turned(undefined)).toEqual(told);
});

test('a key pair that the far end does not take is taken back, and the next try may show it', async (ctx) => {
  needParts(ctx);
  const { branch, hub } = ends;
  const { publicKey = '' } = await turned(undefined);
  await expect(turned(publicKey)).rejects.toMatchObject({ code: 'EENGINE_ROTATION' });
  expect((await branch.engine.status('t1'))?.publicKey).toBe(await branch.engine.publicKey());
  await until(async () => isUp(branch) && isUp(hub));

  const hubSpec = await WIREGUARD.specOf(hub, branch, 1);
  await hub.engine.ensure({ ...hubSpec, nextRemotePublicKey: publicKey });
  const flow = await flowThrough(async () => {
    expect(await turned(publicKey)).toEqual({ stage: 'inUse', publicKey });
  });
  say(`WireGuard key pair rotated: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(flow.lost).toBeLessThan(flow.sent / 10);
  expect((await branch.engine.status('t1'))?.publicKey).toBe(publicKey);

  // The far end forgets the old one, and an agent that starts again shows the new one.
  await hub.engine.ensure({ ...hubSpec, remotePublicKey: publicKey });
  await branch.engine.close('keep');
  await branch.openEngine();
  await branch.engine.ensure({ ...spec, ownKey: { generation: 1, accepted: publicKey } });
  // The other one is ensured as well, so that this engine has it to take away in the end.
  await branch.engine.ensure(await WIREGUARD.specOf(branch, hub, 2));
  expect((await branch.engine.status('t1'))?.publicKey).toBe(publicKey);
  await until(async () => isUp(branch) && isUp(hub));
});

test('a tunnel follows its gateway to another address', async (ctx) => {
  needParts(ctx);
  const { branch, hub } = ends;
  const flow = await flowThrough(async () => {
    hub.netns.ip('addr', 'del', '10.91.1.2/24', 'dev', 'wan1');
    hub.netns.ip('addr', 'add', '10.91.1.99/24', 'dev', 'wan1');
    await branch.engine.setEndpoint('t1', { remote: { address: '10.91.1.99', port: 51_821 } });
    await until(async () => (await branch.engine.status('t1'))?.endpoint === '10.91.1.99:51821');
  });
  say(`WireGuard gateway moved: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(flow.lost).toBeLessThan(flow.sent / 10);
});

test('session keys are renewed on demand while traffic flows', async (ctx) => {
  needParts(ctx);
  const { branch, hub } = ends;
  await until(async () => isUp(branch) && isUp(hub));
  const flow = await flowThrough(async () => {
    await branch.engine.rekeyNow('t1');
    await hub.engine.rekeyNow('t1');
  });
  say(
    `WireGuard session keys renewed at either end: ${flow.lost} of ${flow.sent} packets at 5 ms lost`,
  );
  expect(flow.lost).toBeLessThan(flow.sent / 10);
});

test('a tunnel that never shook hands, or is not known, has no session keys to renew', async (ctx) => {
  needParts(ctx);
  const { branch, hub } = ends;
  const idle = { ...(await WIREGUARD.specOf(branch, hub, 3)), id: 't3' };
  await branch.engine.ensure(idle);
  await expect(branch.engine.rekeyNow('t3')).rejects.toMatchObject({ code: 'EENGINE_REKEY' });
  await branch.engine.remove('t3');
  await expect(branch.engine.rekeyNow('t3')).rejects.toMatchObject({ code: 'EENGINE_UNKNOWN' });
});
