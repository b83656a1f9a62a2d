import { expect, test } from 'vitest';
import {
  decodeStampReply,
  decodeStampRequest,
  encodeStampRequest,
} from '../../../../agent/tunnel/quality/stamp-packet.ts';
import { StampReflector } from '../../../../agent/tunnel/quality/stamp-reflector.ts';
import { StampSender, stampIntervalMs } from '../../../../agent/tunnel/quality/stamp-sender.ts';
import {
  errorEstimate,
  errorOfEstimateMs,
  stampDifferenceMs,
  stampTime,
} from '../../../../agent/tunnel/quality/stamp-time.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('a test packet is 44 bytes and each field stands where RFC 8762 section 4.2.1 puts it', () => {
  const bytes = encodeStampRequest({
    sequence: 0x01020304,
    sent: { seconds: 0x0a0b0c0d, fraction: 0x80000000 },
    errorEstimate: 0x0f84,
    session: 1,
    length: 44,
  });
  expect(hex(bytes)).toBe(
    ['01020304', '0a0b0c0d80000000', '0f84', '0001', '00'.repeat(28)].join(''),
  );
});

test('the answer carries both counts, both moments and the TTL (RFC 8762 section 4.3.1)', () => {
  const reflector = new StampReflector();
  const request = encodeStampRequest({
    sequence: 7,
    sent: stampTime(1_500),
    errorEstimate: 0x0f84,
    session: 1,
    length: 44,
  });
  reflector.hear('t1', request, 2_000);
  const [effect] = reflector.hear('t1', request, 2_250);
  expect(hex(effect?.bytes ?? new Uint8Array())).toBe(
    [
      '00000001',
      '0000000240000000',
      '0f84',
      '0001',
      '0000000240000000',
      '00000007',
      '0000000180000000',
      '0f84',
      '0000',
      'ff',
      '000000',
    ].join(''),
  );
});

test('a padded packet is answered in its own size, its padding marked as understood', () => {
  const reflector = new StampReflector();
  const bytes = encodeStampRequest({
    sequence: 1,
    sent: stampTime(0),
    errorEstimate: 1,
    session: 2,
    length: 1_392,
  });
  expect(hex(bytes.subarray(44, 48))).toBe(`8001${(1_392 - 48).toString(16).padStart(4, '0')}`);
  const [effect] = reflector.hear('t1', bytes, 5);
  const reply = decodeStampReply(effect?.bytes ?? new Uint8Array(), 2);
  expect(reply.ok && reply.packet.length).toBe(1_392);
  expect(hex(effect?.bytes.subarray(44, 48) ?? bytes)).toBe(
    `0001${(1_392 - 48).toString(16).padStart(4, '0')}`,
  );
});

test('what is too short or of another session is discarded with its rule', () => {
  expect(decodeStampRequest(new Uint8Array(43))).toEqual({ ok: false, discard: 'length' });
  expect(decodeStampReply(new Uint8Array(44), 1)).toEqual({ ok: false, discard: 'session' });
});

test('an error estimate is never below the error, never more than 1 per cent above it, never zero', () => {
  for (const errorMs of [0.001, 0.5, 1, 3.7, 20, 1_000, 60_000]) {
    const saidMs = errorOfEstimateMs(errorEstimate(errorMs));
    expect(saidMs).toBeGreaterThanOrEqual(errorMs);
    expect(saidMs).toBeLessThanOrEqual(errorMs * 1.01 + 1e-6);
  }
  expect(errorEstimate(0) & 0xff).toBe(1);
  // Neither synchronised (S) nor PTP (Z).
  expect(errorEstimate(1) & 0xc000).toBe(0);
});

test('stamps keep a quarter of a microsecond over the wrap of their seconds', () => {
  const wrapMs = 0x1_0000_0000 * 1_000;
  for (const [a, b] of [
    [1_000.25, 0],
    [wrapMs + 10.5, wrapMs - 20.25],
  ] as const) {
    expect(stampDifferenceMs(stampTime(a), stampTime(b))).toBeCloseTo(a - b, 3);
  }
});

/** A sender and a reflector with their own clocks, in virtual time. */
class Path {
  readonly sender: StampSender;
  readonly #reflector = new StampReflector();
  readonly #random: SeededRandom;
  readonly #due: { atMs: number; run: () => void }[] = [];
  readonly clockOffsetMs = 123_456.7;
  upMs = () => 5;
  downMs = () => 5;
  lossUp = 0;
  lossDown = 0;
  sent = 0;
  nowMs = 0;

  constructor(seed = 1) {
    this.#random = new SeededRandom(seed);
    this.sender = new StampSender(new SeededRandom(seed + 1));
    this.sender.handle({ type: 'enabled', intervalMs: 100 }, 0);
  }

  random(): number {
    return this.#random.next();
  }

  run(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    for (;;) {
      this.#due.sort((a, b) => a.atMs - b.atMs);
      const dueMs = Math.min(
        this.sender.deadline()?.atMs ?? Infinity,
        this.#due[0]?.atMs ?? Infinity,
      );
      if (dueMs > untilMs) break;
      this.nowMs = dueMs;
      if ((this.#due[0]?.atMs ?? Infinity) <= dueMs) this.#due.shift()?.run();
      else for (const { bytes } of this.sender.tick(dueMs)) this.#up(bytes);
    }
    this.nowMs = untilMs;
  }

  figures(windowMs = 60_000) {
    const figures = this.sender.figures(windowMs, this.nowMs);
    if (figures === undefined) throw new Error('nothing is measured');
    return figures;
  }

  #up(bytes: Uint8Array): void {
    this.sent += 1;
    if (this.random() < this.lossUp) return;
    this.#after(this.upMs(), () => {
      const [reply] = this.#reflector.hear('t1', bytes, this.nowMs + this.clockOffsetMs);
      if (reply === undefined || this.random() < this.lossDown) return;
      this.#after(this.downMs(), () => {
        this.sender.handle({ type: 'packetArrived', bytes: reply.bytes }, this.nowMs);
      });
    });
  }

  #after(ms: number, run: () => void): void {
    this.#due.push({ atMs: this.nowMs + ms, run });
  }
}

test('round trip and rate come out right whatever the far clock says', () => {
  const path = new Path();
  path.upMs = () => 12;
  path.downMs = () => 30;
  path.run(60_000);
  const figures = path.figures();
  expect(path.sent).toBeGreaterThan(570);
  expect(path.sent).toBeLessThan(630);
  expect(figures.rtt?.p50Ms).toBeCloseTo(42, 1);
  expect(figures.rtt?.p99Ms).toBeCloseTo(42, 1);
  expect(figures).toMatchObject({ lossPercent: 0, lostUp: 0, lostDown: 0 });
  expect(figures.rttSamples).toBe(figures.samples);
  expect(figures.jitterUpMs).toBeCloseTo(0, 2);
});

test.each([
  [0.1, 0],
  [0, 0.1],
  [0.2, 0.05],
] as const)('loss of %d up and %d down is told apart', (lossUp, lossDown) => {
  const path = new Path(7);
  path.lossUp = lossUp;
  path.lossDown = lossDown;
  path.run(60_000);
  const { lossUpPercent, lossDownPercent, lostUnknown, samples, rttSamples } = path.figures();
  expect(Math.abs(lossUpPercent - lossUp * 100)).toBeLessThan(4);
  expect(Math.abs(lossDownPercent - lossDown * 100)).toBeLessThan(4);
  expect(lostUnknown).toBeLessThan(4);
  expect(rttSamples).toBeLessThan(samples);
});

test('lost probes are in no round trip: a path that loses everything has none', () => {
  const path = new Path();
  path.lossUp = 1;
  path.run(20_000);
  const figures = path.figures();
  expect(figures.lossPercent).toBe(100);
  expect(figures.rttSamples).toBe(0);
  expect(figures.rtt).toBeUndefined();
  expect(figures.jitterUpMs).toBeUndefined();
  expect(figures.lostUnknown).toBe(figures.samples);
});

test('jitter shows in the direction that has it', () => {
  const path = new Path();
  path.upMs = () => 5 + 40 * path.random();
  path.run(60_000);
  const { jitterUpMs = 0, jitterDownMs = 0 } = path.figures();
  // The mean difference of two uniform draws is a third of their range.
  expect(jitterUpMs).toBeGreaterThan(7);
  expect(jitterUpMs).toBeLessThan(22);
  expect(jitterDownMs).toBeLessThan(0.1);
});

test('our own late wake-up is not the path’s round trip', () => {
  const path = new Path();
  path.run(5_000);
  path.sender.handle({ type: 'wokeLate', lateMs: 300 }, path.nowMs);
  path.downMs = () => 40;
  path.run(45);
  path.downMs = () => 5;
  path.run(1_500);
  expect(path.figures().rtt?.maxMs).toBeLessThan(11);
  expect(path.figures().lossPercent).toBe(0);
});

test('nor is what was heard before anybody knew that we slept', () => {
  const path = new Path();
  path.run(5_000);
  const { rttSamples } = path.figures();
  path.downMs = () => 200;
  path.run(100);
  path.downMs = () => 5;
  path.run(210);
  path.sender.handle({ type: 'wokeLate', lateMs: 310 }, path.nowMs);
  path.run(1_500);
  const figures = path.figures();
  expect(figures.rtt?.maxMs).toBeLessThan(11);
  expect(figures.lossPercent).toBe(0);
  expect(figures.rttSamples).toBeGreaterThan(rttSamples);
});

test('nor does it enter the jitter, whether it is heard before or after anybody knows that we slept', () => {
  const path = new Path();
  path.run(5_000);
  const { jitterDownMs } = path.figures();
  path.downMs = () => 200;
  path.run(100);
  path.downMs = () => 5;
  path.run(210);
  path.sender.handle({ type: 'wokeLate', lateMs: 310 }, path.nowMs);
  path.downMs = () => 40;
  path.run(45);
  path.downMs = () => 5;
  path.run(1_500);
  expect(jitterDownMs).toBeCloseTo(0, 5);
  expect(path.figures().jitterDownMs).toBeCloseTo(0, 5);
});

test('duplicates and answers after the timeout count nothing', () => {
  const path = new Path();
  path.downMs = () => 1_200;
  path.run(10_000);
  expect(path.figures().lossPercent).toBe(100);
});

test('a metered card pays a twentieth, and slow liveness probes slow these down too', () => {
  expect(stampIntervalMs('wired', 50)).toBe(100);
  expect(stampIntervalMs('wired', 300)).toBe(100);
  expect(stampIntervalMs('lte', 500)).toBe(2_000);
  expect(stampIntervalMs('wired', 9_000)).toBe(3_000);
});

test('a tunnel that is not Up is not probed', () => {
  const path = new Path();
  path.run(1_000);
  path.sender.handle({ type: 'disabled' }, path.nowMs);
  expect(path.sender.deadline()).toBeUndefined();
  expect(path.sender.figures(60_000, path.nowMs)).toBeUndefined();
});
