import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import type { BfdTimers } from '../../../agent/model/tunnel.ts';
import { BFD_PORT } from '../../../agent/wiring/fast-path-contract.ts';
import { runCommand } from '../../../sim/lab/command.ts';
import { FieldEnd } from '../../../sim/lab/field-end.ts';
import { FrrBfdd, type FrrPeer, frrMissing } from '../../../sim/lab/frr-bfdd.ts';
import { FIELD_DEVICE, SessionField } from '../../../sim/lab/session-field.ts';
import { waitUntil } from '../../../sim/lab/wait-until.ts';
import { type Capture, captureMissing, capturePort } from '../../kit/capture.ts';
import { netnsMissing } from '../../kit/scratch-netns.ts';

const SESSIONS = 50;
const INTERVALS_MS = [50, 100, 300];
/** Two of 300 ms: a busy machine makes nobody late by that much. */
const SLOW = [2, 5] as const;
/** Against a machine that does five other things: only what never happens takes so long. */
const HANG_MS = 20_000;

const missing = frrMissing() ?? captureMissing() ?? netnsMissing();
const directory = mkdtempSync(join(tmpdir(), 'sag-bfd-'));
let field: SessionField;
let end: FieldEnd;
let frr: FrrBfdd;
let capture: Capture;

function timersAt(intervalMs: number): BfdTimers {
  return { desiredMinTxMs: intervalMs, requiredMinRxMs: intervalMs, detectMult: 3 };
}

function timersOf(index: number): BfdTimers {
  return timersAt(INTERVALS_MS[index % INTERVALS_MS.length] ?? 0);
}

function peerOf(index: number): FrrPeer {
  return {
    remoteAddress: field.address('near', index),
    localAddress: field.address('far', index),
    deviceName: FIELD_DEVICE,
    timers: timersOf(index),
  };
}

async function frrSees(index: number) {
  return (await frr.sessions()).get(field.address('near', index));
}

async function seenHere(index: number) {
  return (await end.snapshot()).tunnels[index]?.session;
}

beforeAll(async () => {
  if (missing !== undefined) return;
  // Both families, each with every interval.
  field = await SessionField.open(SESSIONS, (index) => (index < SESSIONS / 2 ? 'ipv4' : 'ipv6'));
  const wire = { deviceName: FIELD_DEVICE, port: BFD_PORT };
  capture = await capturePort(field.netnsPath('far'), wire, join(directory, 'bfd.pcap'));
  const peers = Array.from({ length: SESSIONS }, (_, index) => peerOf(index));
  frr = await FrrBfdd.start(field.netnsPath('far'), peers);
  end = new FieldEnd(field.netnsPath('near'));
  end.plan(field.tunnels('near', timersOf));
  await end.untilUp(SESSIONS);
});

afterAll(async () => {
  await end?.close();
  await frr?.close();
  await capture?.stop();
  await field?.close();
  rmSync(directory, { recursive: true, force: true });
});

function needParts(ctx: TestContext): void {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
}

test('fifty sessions of both families come Up with FRR, and both ends mean the same intervals', async (ctx) => {
  needParts(ctx);
  await waitUntil('FRR has all sessions up', HANG_MS, async () =>
    (await frr.upCount()) === SESSIONS ? true : undefined,
  );
  const there = await frr.sessions();
  const { tunnels } = await end.snapshot();
  tunnels.forEach(({ session }, index) => {
    const { desiredMinTxMs, requiredMinRxMs, detectMult } = timersOf(index);
    expect(session).toMatchObject({ state: 'Up', remoteState: 'Up' });
    expect(session.detectMs).toBe(detectMult * requiredMinRxMs);
    expect(there.get(field.address('near', index))).toMatchObject({
      status: 'up',
      'remote-transmit-interval': desiredMinTxMs,
      'remote-receive-interval': requiredMinRxMs,
      'remote-detect-multiplier': detectMult,
    });
  });
});

test('timers changed at either end are polled for and taken over, and neither session falls', async (ctx) => {
  needParts(ctx);
  const since = end.moves.length;
  const [ours, theirs] = SLOW;
  end.plan(field.tunnels('near', (index) => (index === ours ? timersAt(400) : timersOf(index))));
  await waitUntil('FRR has taken our 400 ms over', HANG_MS, async () =>
    (await frrSees(ours))?.['remote-transmit-interval'] === 400 ? true : undefined,
  );
  // The slower of our 400 ms and its 300 ms, three times.
  await waitUntil('our detection time follows the Final', HANG_MS, async () =>
    (await seenHere(ours))?.detectMs === 1_200 ? true : undefined,
  );
  const lines = ['transmit-interval 500', 'receive-interval 500', 'detect-multiplier 4'];
  await frr.configure(peerOf(theirs), ...lines);
  await waitUntil('FRR’s 500 ms x 4 are ours', HANG_MS, async () =>
    (await seenHere(theirs))?.detectMs === 2_000 ? true : undefined,
  );
  const changed = new Set(SLOW.map((index) => `s${index}`));
  expect(end.downsSince(since).filter(({ tunnel }) => changed.has(tunnel))).toEqual([]);
  end.plan(field.tunnels('near', timersOf));
});

test('administratively down is said and heard in both directions', async (ctx) => {
  needParts(ctx);
  const [first, second] = SLOW;
  const since = end.moves.length;
  const fall = () => end.downsSince(since).find(({ tunnel }) => tunnel === `s${first}`);
  await frr.configure(peerOf(first), 'shutdown');
  await end.until(() => fall() !== undefined);
  expect(fall()?.because).toBe('its far end is being restarted or switched off');
  await frr.configure(peerOf(first), 'no shutdown');
  await end.untilUp(SESSIONS);

  // A tunnel that leaves the plan says farewell.
  end.plan(field.tunnels('near', timersOf).filter(({ id }) => id !== `s${second}`));
  await waitUntil('FRR has heard the farewell', HANG_MS, async () =>
    (await frrSees(second))?.status === 'down' ? true : undefined,
  );
  expect(await frrSees(second)).toMatchObject({
    diagnostic: 'neighbor signaled session down',
    'remote-diagnostic': 'administratively down',
  });
  end.plan(field.tunnels('near', timersOf));
  await end.untilUp(SESSIONS);
});

test('FRR that hangs is found dead by every session, none before its own detection time', async (ctx) => {
  needParts(ctx);
  const since = end.moves.length;
  frr.freeze();
  await end.until(() => end.upCount === 0);
  const silent = new Map<number, number[]>(INTERVALS_MS.map((each) => [each, []]));
  for (const { because, tunnel } of end.downsSince(since)) {
    const [, silentMs] = /heard nothing for (\d+) ms/.exec(because) ?? [];
    if (silentMs === undefined) continue;
    silent.get(timersOf(Number(tunnel.slice(1))).desiredMinTxMs)?.push(Number(silentMs));
  }
  for (const [intervalMs, heard] of silent) {
    heard.sort((a, b) => a - b);
    process.stdout.write(
      `    ${intervalMs} ms x 3: ${heard.length} sessions, silent ${heard[0]} to ${heard.at(-1)} ms\n`,
    );
    expect(heard.length).toBeGreaterThan(10);
    // Never early; how late says more of the machine than of us.
    expect(heard[0]).toBeGreaterThanOrEqual(3 * intervalMs);
  }
  frr.thaw();
  await end.untilUp(SESSIONS);
});

test('FRR finds us dead when nothing of ours arrives, and we hear of it', async (ctx) => {
  needParts(ctx);
  const since = end.moves.length;
  await field.nft('far', [
    'add table inet hole',
    'add chain inet hole in { type filter hook input priority 0 ; }',
    'add rule inet hole in udp dport 3784 drop',
  ]);
  await end.until(() => end.upCount === 0);
  for (const each of end.downsSince(since)) expect(each.because).toContain('far end says Down');
  const there = [...(await frr.sessions()).values()];
  expect(there.map(({ status }) => status)).not.toContain('up');
  expect(new Set(there.map(({ diagnostic }) => diagnostic))).toEqual(
    new Set(['control detection time expired']),
  );
  await field.nft('far', ['delete table inet hole']);
  await end.untilUp(SESSIONS);
});

test('tshark reads every BFD packet of both ends, with nothing malformed', async (ctx) => {
  needParts(ctx);
  await capture.stop();
  const fields = ['_ws.malformed', '_ws.expert.severity', 'ip.src', 'ipv6.src', 'bfd.sta'];
  const wanted = fields.flatMap((field) => ['-e', field]);
  const printed = await runCommand(['tshark', '-r', capture.path, '-T', 'fields', ...wanted]);
  const packets = printed.split('\n').filter((line) => line !== '');
  const states = new Map<string, Set<string>>();
  for (const packet of packets) {
    const [malformed, severity, v4 = '', v6 = '', state = ''] = packet.split('\t');
    expect([malformed, severity]).toEqual(['', '']);
    const source = v4 === '' ? v6 : v4;
    states.set(source, (states.get(source) ?? new Set()).add(state));
  }
  process.stdout.write(`    tshark: ${packets.length} packets, 0 malformed\n`);
  for (const side of ['near', 'far'] as const) {
    for (let index = 0; index < SESSIONS; index += 1) {
      // Down, then Up; an end that hears Init first is never in it itself.
      const seen = states.get(field.address(side, index)) ?? new Set();
      expect([...seen]).toEqual(expect.arrayContaining(['0x01', '0x03']));
    }
  }
});
