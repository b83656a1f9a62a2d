import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { encodeBfdPacket } from '../../../agent/tunnel/bfd/bfd-packet.ts';
import { BfdForger } from '../../../sim/lab/bfd-forger.ts';
import { FieldEnd } from '../../../sim/lab/field-end.ts';
import { SessionField } from '../../../sim/lab/session-field.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';

/** One session of each family, both ends ours. */
const SESSIONS = 2;
const TIMERS = { desiredMinTxMs: 300, requiredMinRxMs: 300, detectMult: 3 };
const FLOOD = { packetsPerSecond: 20_000, seconds: 1.5 };

const missing = netnsMissing();
const directory = mkdtempSync(join(tmpdir(), 'sag-forged-'));
let field: SessionField;
let near: FieldEnd;
let far: FieldEnd;
let forger: BfdForger;

beforeAll(async () => {
  if (missing !== undefined) return;
  forger = new BfdForger(directory);
  field = await SessionField.open(SESSIONS, (index) => (index === 0 ? 'ipv4' : 'ipv6'));
  near = new FieldEnd(field.netnsPath('near'));
  far = new FieldEnd(field.netnsPath('far'));
  near.plan(field.tunnels('near', () => TIMERS));
  far.plan(field.tunnels('far', () => TIMERS));
  await Promise.all([near.untilUp(SESSIONS), far.untilUp(SESSIONS)]);
});

afterAll(async () => {
  await near?.close();
  await far?.close();
  await field?.close();
  rmSync(directory, { recursive: true, force: true });
});

function needParts(ctx: TestContext): void {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
}

function forged(state: 'Down' | 'AdminDown' | 'Up', yourDiscriminator: number): Uint8Array {
  return encodeBfdPacket({
    diagnostic: 7,
    state,
    poll: true,
    final: false,
    demand: false,
    detectMult: 1,
    myDiscriminator: 0xbad,
    yourDiscriminator,
    desiredMinTxMicros: 1_000,
    requiredMinRxMicros: 1_000,
    requiredMinEchoRxMicros: 0,
  });
}

async function heardBy(end: FieldEnd, index: number) {
  const session = (await end.snapshot()).tunnels[index]?.session;
  if (session === undefined) throw new Error(`no session ${index}`);
  return session;
}

test.for([
  ['IPv4', 0],
  ['IPv6', 1],
] as const)(
  'over %s a packet with TTL 254 never arrives, whatever it says',
  async ([, index], ctx) => {
    needParts(ctx);
    const toAddress = field.address('near', index);
    // Would take the session down at once: from the far end, in its state's own right.
    const payloads = [forged('AdminDown', 0), forged('Down', 0), Buffer.from('short')];
    const flood = { toAddress, payloads, ...FLOOD, seconds: 0.3 };
    const since = near.moves.length;
    const sent = await forger.flood(field.netnsPath('far'), { ...flood, ttl: 254 });
    expect(sent).toBeGreaterThan(1_000);
    expect((await heardBy(near, index)).discarded).toEqual({});
    expect(near.moves.slice(since)).toEqual([]);
    // The same road is open to TTL 255: it is the filter that keeps the others out.
    const open = { ...flood, payloads: [Buffer.from('short')], ttl: 255 };
    expect(await forger.flood(field.netnsPath('far'), open)).toBeGreaterThan(1_000);
    expect((await heardBy(near, index)).discarded).toEqual({ 'too-short': expect.any(Number) });
  },
);

test('a flood of wrong discriminators and states is counted by rule, and no session falls', async (ctx) => {
  needParts(ctx);
  const since = near.moves.length;
  const payloads = [forged('Down', 0xdead), forged('Up', 0), forged('Up', 0xdead)];
  for (const index of [0, 1]) {
    const toAddress = field.address('near', index);
    const flood = { toAddress, payloads, ...FLOOD, ttl: 255 };
    const sent = await forger.flood(field.netnsPath('far'), flood);
    const { discarded } = await heardBy(near, index);
    const { 'your-discriminator-unknown': unknown = 0, 'your-discriminator-zero': zero = 0 } =
      discarded;
    process.stdout.write(`    ${sent} forged packets: ${unknown} unknown, ${zero} zero\n`);
    expect(unknown).toBeGreaterThan(sent / 10);
    expect(zero).toBeGreaterThan(sent / 20);
  }
  expect(near.moves.slice(since)).toEqual([]);
  expect(far.upCount).toBe(SESSIONS);
});
