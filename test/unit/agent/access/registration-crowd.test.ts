/** What many registrations do to one gateway, in virtual time: a whole fleet returns (F-12), two clones fight (F-15). */
import { describe, expect, it } from 'vitest';
import { RegistrationCrowd } from '../../../kit/registration-crowd.ts';

const DEVICES = 1_000;
const SPREAD_MS = 50_000;
const BUCKET_MS = 1_000;

describe.each([
  ['at once', 100],
  ['after five seconds', 5_000],
  ['after half a minute', 30_000],
])('a fleet whose gateway restarts and is back %s', (_when, downMs) => {
  it.each([1, 2])('returns without a peak, with %d gateways in its list', (gateways) => {
    const crowd = new RegistrationCrowd({ devices: DEVICES, spreadMs: SPREAD_MS, gateways });
    for (let device = 0; device < DEVICES; device += 1) crowd.start(device);
    crowd.pass(120_000);
    expect(crowd.registered).toHaveLength(DEVICES);

    crowd.accepted.length = 0;
    crowd.registered.length = 0;
    crowd.closeGateway();
    crowd.pass(downMs);
    crowd.openGateway();
    const backAtMs = crowd.nowMs;
    crowd.pass(180_000);

    const waitsMs = crowd.registered.map(({ atMs }) => atMs - backAtMs).toSorted((a, b) => a - b);
    expect(waitsMs).toHaveLength(DEVICES);
    expect(waitsMs[Math.ceil(DEVICES * 0.95) - 1]).toBeLessThanOrEqual(60_000);
    expect(waitsMs.at(-1)).toBeLessThanOrEqual(120_000);
    const buckets = new Map<string, number>();
    for (const { gateway, atMs } of crowd.accepted) {
      const bucket = `${gateway} ${Math.floor((atMs - backAtMs) / BUCKET_MS)}`;
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    }
    const mean = DEVICES / (SPREAD_MS / BUCKET_MS);
    expect(Math.max(...buckets.values())).toBeLessThanOrEqual(2 * mean);
  });
});

describe('two devices with one identity', () => {
  it('take over from each other at most four times in five minutes, and both raise the alarm', () => {
    const crowd = new RegistrationCrowd({
      devices: 2,
      spreadMs: 1_000,
      gateways: 1,
      isOneIdentity: true,
    });
    crowd.start(0);
    crowd.pass(90_000);
    crowd.start(1);
    crowd.pass(86_400_000);
    const atMs = crowd.takeovers.map((takeover) => takeover.atMs);
    expect(atMs.length).toBeGreaterThan(4);
    for (const [index, fromMs] of atMs.entries()) {
      const fifthMs = atMs[index + 4] ?? Number.POSITIVE_INFINITY;
      expect(fifthMs - fromMs).toBeGreaterThan(300_000);
    }
    expect(new Set(crowd.alarms.map(({ device }) => device))).toEqual(new Set([0, 1]));
  });
});
