import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { netnsMissing } from '../../kit/scratch-netns.ts';
import type { LiveEnd } from '../fast-path/live-end.ts';
import { partsMissing, TwoEnds } from '../fast-path/two-ends.ts';

const run = promisify(execFile);
const missing = partsMissing() ?? netnsMissing();

/** A WireGuard packet of 1,380 bytes inside is 1,440 outside: 20 + 8 + 32 and padding to 16 (whitepaper 5.4.6). */
const OUTER_HOLE = 1_440;
const INNER_HOLE = { from: 1_364, to: 1_380 } as const;

let ends: TwoEnds;

beforeAll(async () => {
  if (missing !== undefined) return;
  ends = new TwoEnds();
  await ends.open();
  for (const end of [ends.branch, ends.hub]) {
    await nft(end, 'add table inet faults');
    await nft(end, 'add chain inet faults in { type filter hook input priority 0 ; }');
  }
  await atBoth(`add rule inet faults in iifname wan1 meta length > ${OUTER_HOLE} drop`);
  await ends.start();
});

afterAll(async () => {
  await ends?.close();
});

function needParts(ctx: TestContext): void {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
}

async function nft(end: LiveEnd, command: string): Promise<void> {
  await run('ip', ['netns', 'exec', end.netns.name, 'nft', ...command.split(' ')]);
}

async function atBoth(command: string): Promise<void> {
  await Promise.all([nft(ends.branch, command), nft(ends.hub, command)]);
}

async function untilMtuKnown(end: LiveEnd, tunnel: string): Promise<number> {
  const fact = await end.until((each) => each.type === 'pathMtuChanged' && each.tunnel === tunnel);
  return fact.type === 'pathMtuChanged' ? fact.mtu : 0;
}

test('a hole for large packets in one tunnel lowers its device at both ends, and full packets pass', async (ctx) => {
  needParts(ctx);
  for (const end of [ends.branch, ends.hub]) {
    const mtu = await untilMtuKnown(end, 't1');
    expect(mtu).toBeGreaterThanOrEqual(INNER_HOLE.from);
    expect(mtu).toBeLessThanOrEqual(INNER_HOLE.to);
    expect(await untilMtuKnown(end, 't2')).toBe(1_420);
    expect(end.netns.ip('link', 'show', 'dev', end.deviceName(1))).toContain(`mtu ${mtu} `);
  }
  const mtu = await untilMtuKnown(ends.branch, 't1');
  process.stdout.write(`    hole above ${OUTER_HOLE} bytes outside: ${mtu} bytes inside\n`);
  const size = String(mtu - 28);
  const ping = ['ping', '-c', '3', '-i', '0.2', '-W', '2', '-M', 'do', '-s', size, '10.250.1.2'];
  const { stdout } = await run('ip', ['netns', 'exec', ends.branch.netns.name, ...ping]);
  expect(stdout).toContain(' 0% packet loss');
});

test('both tunnels are measured: round trips, no loss, jitter', async (ctx) => {
  needParts(ctx);
  let measured = (await ends.branch.snapshot()).tunnels;
  while (measured.some((each) => (each.quality?.samples ?? 0) < 30)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    measured = (await ends.branch.snapshot()).tunnels;
  }
  for (const { id, quality } of measured) {
    const { rtt, jitterUpMs = -1, jitterDownMs = -1, samples, rttSamples } = quality ?? {};
    process.stdout.write(
      `    ${id}: rtt p50 ${rtt?.p50Ms.toFixed(2)} p95 ${rtt?.p95Ms.toFixed(2)} p99 ${rtt?.p99Ms.toFixed(2)} ms, ` +
        `jitter up ${jitterUpMs.toFixed(2)} down ${jitterDownMs.toFixed(2)} ms, loss ${quality?.lossPercent?.toFixed(1)} %, ${rttSamples} of ${samples} probes\n`,
    );
    expect(rtt?.p50Ms).toBeGreaterThan(0);
    expect(jitterUpMs).toBeGreaterThanOrEqual(0);
    expect(jitterDownMs).toBeGreaterThanOrEqual(0);
    expect(quality?.lossPercent).toBeLessThan(10);
  }
});

test('a brown-out on the way up is seen on the way up and moves the traffic', async (ctx) => {
  needParts(ctx);
  const since = ends.branch.facts.length;
  await nft(ends.hub, 'add rule inet faults in iifname wan1 numgen random mod 100 < 20 drop');
  await ends.branch.untilActive('t2', since);
  const change = ends.branch.changes().at(-1);
  process.stdout.write(`    ${change?.cause}: ${change?.because}\n`);
  expect(change?.cause).toMatch(/quality|silence|session-down/);
  const { decisions = [], tunnels } = await ends.branch.snapshot();
  expect(decisions.at(-1)?.to).toBe('t2');
  const { lossUpPercent = 0, lossDownPercent = 0 } = tunnels[0]?.quality ?? {};
  process.stdout.write(
    `    t1 lost ${lossUpPercent.toFixed(1)} % up, ${lossDownPercent.toFixed(1)} % down\n`,
  );
  expect(lossDownPercent).toBeLessThan(5);
});
