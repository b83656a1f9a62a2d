import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { rotateStaged } from '../../../agent/adapters/engine/engine-rotation.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';
import { partsMissing, TwoEnds } from '../fast-path/two-ends.ts';
import { EchoFlow, type FlowCount } from './echo-flow.ts';
import { say, until } from './ipsec-room.ts';

const missing = partsMissing() ?? netnsMissing();
let ends: TwoEnds;

beforeAll(async () => {
  if (missing !== undefined) return;
  ends = new TwoEnds();
  await ends.open();
  await ends.start();
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

test('a key pair is rotated in stages while traffic flows, and the peer follows', async (ctx) => {
  needParts(ctx);
  const { branch, hub } = ends;
  let shown = '';
  const flow = await flowThrough(async () => {
    const outcome = await rotateStaged(
      branch.engine,
      't1',
      { kind: 'own-key' },
      {
        announce: async (key) => {
          shown = key ?? '';
          const next = { kind: 'remote-key', publicKey: shown } as const;
          await hub.engine.rotateIdentity('t1', { stage: 'prepare', next });
        },
        isUpInTime: async () => {
          await hub.engine.rotateIdentity('t1', { stage: 'switch' });
          await branch.engine.initiate('t1', 10_000);
          await hub.engine.rotateIdentity('t1', { stage: 'retire' });
          return true;
        },
      },
    );
    expect(outcome).toBe('rotated');
  });
  say(`WireGuard key pair rotated: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(shown).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(shown).not.toBe(await branch.engine.publicKey());
  expect(flow.lost).toBeLessThan(flow.sent / 10);
});

test('a key of the far end that is never used is taken back', async (ctx) => {
  needParts(ctx);
  const { branch } = ends;
  const next = { kind: 'remote-key', publicKey: `${'B'.repeat(42)}A=` } as const;
  const flow = await flowThrough(async () => {
    await branch.engine.rotateIdentity('t1', { stage: 'prepare', next });
    await branch.engine.rotateIdentity('t1', { stage: 'back' });
  });
  say(`WireGuard rotation taken back: ${flow.lost} of ${flow.sent} packets at 5 ms lost`);
  expect(flow.lost).toBeLessThan(flow.sent / 10);
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

test('session keys cannot be renewed on demand, and it says so', async (ctx) => {
  needParts(ctx);
  expect(ends.branch.engine.capabilities().rekeysOnDemand).toBe(false);
  await expect(ends.branch.engine.rekeyNow('t1')).rejects.toMatchObject({
    code: 'EENGINE_UNSUPPORTED',
  });
});
