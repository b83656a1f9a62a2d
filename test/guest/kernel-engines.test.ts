import { resolve } from 'node:path';
import { beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { clockCeiling } from '../../agent/adapters/identity/own-identity.ts';
import { createAuthority } from '../../sim/live/certificates.ts';
import { type GuestFault, type GuestLine, type GuestPki, SERVER_NAME } from './guest-line.ts';
import { buildImage } from './image.ts';
import { type GuestRun, runGuest } from './machine.ts';
import { Packages, PartsMissing } from './packages.ts';

/** The host may be busy with other things; a guest that hangs stands still for good. */
const GUEST_MS_MAX = 600_000;
const PREPARE_MS_MAX = 540_000;
/** By the guest's own clock; a black hole costs the detection time and what the kernel needs to move the routes. */
const DETECTIONS_MAX = 2;
const FOLDER = resolve('out/guest');
const SYSTEMD = '/usr/lib/systemd/systemd';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Nobody who only runs the tests is made to wait for a kernel to arrive. */
const MAY_FETCH = process.env['CI'] !== undefined || process.env['GUEST_FETCH'] !== undefined;

let missing: string | undefined;
let run: GuestRun | undefined;
let underSystemd: GuestRun | undefined;

beforeAll(async () => {
  if (process.arch !== 'x64') {
    return leaveOut(`the guest runs x86-64 programs of this machine, which is ${process.arch}`);
  }
  try {
    const packages = await Packages.fetch(MAY_FETCH);
    const image = await buildImage(packages, FOLDER, await certificates());
    run = await runGuest(packages, image, FOLDER, GUEST_MS_MAX);
    process.stdout.write(`    the guest ran for ${(run.wallMs / 1_000).toFixed(0)} s\n`);
    underSystemd = await runGuest(packages, image, FOLDER, GUEST_MS_MAX, SYSTEMD);
    process.stdout.write(
      `    and under systemd for ${(underSystemd.wallMs / 1_000).toFixed(0)} s\n`,
    );
  } catch (error) {
    if (!(error instanceof PartsMissing) || process.env['CI'] !== undefined) throw error;
    leaveOut(error.message);
  }
}, PREPARE_MS_MAX + GUEST_MS_MAX);

/** A gateway's, and the host's own time in place of a release and a battery clock. */
async function certificates(): Promise<GuestPki> {
  const authority = await createAuthority();
  const gateway = await authority.issueGateway({ name: SERVER_NAME });
  const ca = authority.certificatePem;
  const nowMs = Date.now();
  return {
    ca,
    certificate: gateway.certificatePem,
    key: gateway.keyPem,
    builtMs: nowMs - HOUR_MS,
    boardMs: nowMs,
    ceilingMs: clockCeiling(ca),
  };
}

function leaveOut(reason: string): void {
  missing = reason;
  process.stdout.write(`\n    KERNEL ENGINES ARE NOT TESTED: ${reason}\n\n`);
}

function guest(ctx: TestContext, which: GuestRun | undefined = run): GuestRun {
  if (which === undefined) return ctx.skip(missing ?? 'the guest did not run');
  if (which.overdue) throw new Error(`the guest did not come to its end:\n${which.console}`);
  return which;
}

type Step = GuestLine['step'];
type LineOf<S extends Step> = Extract<GuestLine, { readonly step: S }>;

/** All lines of one step; without one the console tells why. */
function linesOf<S extends Step>(of: GuestRun, step: S): readonly LineOf<S>[] {
  const lines = of.lines.filter((line): line is LineOf<S> => line.step === step);
  if (lines.length === 0) throw new Error(`the guest never told "${step}":\n${of.console}`);
  return lines;
}

function lineOf<
  S extends Exclude<Step, 'booted' | 'clockSet' | 'rebootAsked' | 'failed' | 'ended'>,
>(of: GuestRun, step: S, engine: string, fault?: GuestFault): LineOf<S> {
  const found = linesOf(of, step).find(
    (line) =>
      'engine' in line &&
      line.engine === engine &&
      (fault === undefined || ('fault' in line && line.fault === fault)),
  );
  if (found === undefined) throw new Error(`${engine} never told "${step}":\n${of.console}`);
  return found;
}

test("the guest runs Debian's stock cloud kernel to the end of its stories", (ctx) => {
  const of = guest(ctx);
  expect(linesOf(of, 'booted')[0]?.kernel).toMatch(/-cloud-amd64$/);
  expect(of.lines.filter(({ step }) => step === 'failed')).toEqual([]);
  expect(linesOf(of, 'ended')[0]?.status).toBe(0);
});

test('only the IPsec engine can tell a Down: nothing in the kernel tells of a dead WireGuard tunnel', (ctx) => {
  expect(lineOf(guest(ctx), 'started', 'wireguard').capabilities.reportsDown).toBe(false);
  expect(lineOf(guest(ctx), 'started', 'ipsec').capabilities.reportsDown).toBe(true);
});

test('the associations of IPsec in the kernel take packets that are 2048 behind', (ctx) => {
  const { replayWindows } = lineOf(guest(ctx), 'started', 'ipsec');
  expect(replayWindows.filter((packets) => packets === 2_048)).toHaveLength(2);
});

describe.each([
  { engine: 'wireguard', deviceKind: 'wireguard' },
  { engine: 'ipsec', deviceKind: 'xfrm' },
])('two tunnels by $engine in the kernel', ({ engine, deviceKind }) => {
  test('are found by the engine to be in the kernel, and listed with what it knows of each', (ctx) => {
    const { capabilities, listed } = lineOf(guest(ctx), 'started', engine);
    expect(capabilities).toMatchObject({ kind: engine, inKernel: true });
    expect(listed.map(({ id }) => id)).toEqual(['t1', 't2']);
    for (const { id, lastHandshakeWallMs, rxBytes } of listed) {
      expect({ id, isKnown: lastHandshakeWallMs !== undefined && rxBytes > 0 }).toEqual({
        id,
        isKnown: true,
      });
    }
  });

  test('are devices of its kind, both with a session that is Up', (ctx) => {
    const { sessions, deviceKinds } = lineOf(guest(ctx), 'started', engine);
    expect(deviceKinds).toEqual([deviceKind, deviceKind]);
    expect(sessions).toEqual([
      { tunnel: 't1', state: 'Up' },
      { tunnel: 't2', state: 'Up' },
    ]);
  });

  test('lose one to a silent black hole: traffic moves when its session has heard nothing', (ctx) => {
    const { detectMs } = lineOf(guest(ctx), 'started', engine);
    const { change, gapMs, routeVia } = lineOf(guest(ctx), 'failedOver', engine, 'blackhole');
    expect(change).toMatchObject({ from: 't1', to: 't2' });
    expect(change.cause).toMatch(/^(?:silence|session-down)$/);
    expect(gapMs / detectMs).toBeLessThan(DETECTIONS_MAX);
    expect(routeVia).toContain('src 10.250.2.1');
  });

  test('lose one to a pulled cable: traffic moves long before silence would tell', (ctx) => {
    const silent = lineOf(guest(ctx), 'failedOver', engine, 'blackhole');
    const { change, gapMs } = lineOf(guest(ctx), 'failedOver', engine, 'carrier');
    expect(change).toMatchObject({ from: 't1', to: 't2', cause: 'carrier', silentForMs: 0 });
    expect(gapMs).toBeLessThan(silent.gapMs / 2);
  });

  test('get their traffic back on the better one after each failover', (ctx) => {
    const backs = linesOf(guest(ctx), 'failedBack').filter((line) => line.engine === engine);
    expect(backs.map(({ change }) => [change.to, change.cause])).toEqual([
      ['t1', 'better'],
      ['t1', 'better'],
    ]);
  });

  test('change their session keys while traffic flows, and nobody notices', (ctx) => {
    const { detectMs } = lineOf(guest(ctx), 'started', engine);
    const rekeyed = lineOf(guest(ctx), 'rekeyed', engine);
    expect(rekeyed.tunnels.map(({ tunnel }) => tunnel)).toEqual(['t1', 't2']);
    for (const { before, after } of rekeyed.tunnels) expect(after).not.toBe(before);
    expect(rekeyed.echoes.heard).toBe(rekeyed.echoes.sent);
    expect(rekeyed.echoes.sent).toBeGreaterThan(0);
    expect(rekeyed.gapMs).toBeLessThan(detectMs);
    expect(rekeyed.changes).toBe(0);
  });

  test('show nothing of the traffic on the uplinks, and leave no device behind', (ctx) => {
    const { readable, sealed } = lineOf(guest(ctx), 'carried', engine);
    const { sent } = lineOf(guest(ctx), 'rekeyed', engine).echoes;
    expect(readable).toBe(0);
    expect(sealed).toBeGreaterThan(sent);
    expect(lineOf(guest(ctx), 'stopped', engine).left).toEqual([]);
  });
});

test('a box that boots in 1970 sets its clock by its board, and only then does TLS take the gateway', (ctx) => {
  const [told] = linesOf(guest(ctx), 'clockSet');
  expect(told?.bootMs).toBeLessThan(DAY_MS);
  expect(told?.before).toBe('CERT_NOT_YET_VALID');
  expect(told).toMatchObject({ source: 'board', after: 'connected' });
  expect(Math.abs(told?.offMs ?? Infinity)).toBeLessThan(HOUR_MS);
});

test('a user without any privilege asks for a reboot, and systemd really reboots the machine', (ctx) => {
  const of = guest(ctx, underSystemd);
  expect(linesOf(of, 'rebootAsked')).toEqual([{ step: 'rebootAsked', uid: 990, refused: '' }]);
  expect(of.console).toContain('reboot: Restarting system');
});
