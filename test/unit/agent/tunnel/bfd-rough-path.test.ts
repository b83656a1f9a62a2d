import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BfdAuthentication, BfdTimers } from '../../../../agent/model/tunnel.ts';
import { RoughPair, type RoughPath } from '../../../kit/rough-pair.ts';

const timers = fc.record<BfdTimers>({
  desiredMinTxMs: fc.integer({ min: 20, max: 2_000 }),
  requiredMinRxMs: fc.integer({ min: 20, max: 2_000 }),
  detectMult: fc.integer({ min: 3, max: 8 }),
});
const bothTimers = fc.record({ a: timers, b: timers });
const seeds = fc.integer();
/** Two slow seconds to come Up, a few more for what is lost meanwhile. */
const CALM_UP_MS = 5_000;
const AUTHENTICATION: BfdAuthentication = {
  type: 'meticulous-keyed-sha1',
  keys: [{ id: 3, secret: new TextEncoder().encode('known to both ends') }],
  sendKeyId: 3,
};

/** Later packets overtake, but never by more than the shortest gap between two of one end. */
const calm: RoughPath = { lossRatio: 0, doubledRatio: 0.3, travelMsMin: 1, travelMsMax: 14 };
const rough = fc.record<RoughPath>({
  lossRatio: fc.double({ min: 0, max: 0.6, noNaN: true }),
  doubledRatio: fc.double({ min: 0, max: 0.5, noNaN: true }),
  travelMsMin: fc.constant(1),
  travelMsMax: fc.integer({ min: 1, max: 1_500 }),
});

test('on a path that delays, reorders and doubles but loses nothing, two sessions come Up and stay Up', () => {
  fc.assert(
    fc.property(bothTimers, seeds, (both, seed) => {
      const pair = new RoughPair(both, calm, seed);
      pair.run(60_000);
      expect(pair.ends.a.state).toBe('Up');
      expect(pair.ends.b.state).toBe('Up');
      expect(pair.downsSince(CALM_UP_MS)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('intervals planned anew at any moment at either end never cost a session its Up', () => {
  const change = fc.record({
    end: fc.constantFrom('a' as const, 'b' as const),
    afterMs: fc.integer({ min: 0, max: 1_500 }),
    timers,
  });
  fc.assert(
    fc.property(bothTimers, fc.array(change, { maxLength: 12 }), seeds, (both, changes, seed) => {
      const pair = new RoughPair(both, calm, seed);
      pair.run(CALM_UP_MS);
      for (const { end, afterMs, timers: planned } of changes) {
        pair.run(pair.nowMs + afterMs);
        pair.post(end, { type: 'timersPlanned', timers: planned });
      }
      pair.run(pair.nowMs + 60_000);
      expect(pair.downsSince(CALM_UP_MS)).toEqual([]);
      const last = { ...both };
      for (const { end, timers: planned } of changes) last[end] = planned;
      const seen = pair.ends.a.snapshot(pair.nowMs).detectMs;
      const intervalMs = Math.max(last.a.requiredMinRxMs, last.b.desiredMinTxMs);
      expect(seen).toBe(last.b.detectMult * intervalMs);
    }),
    { numRuns: 60 },
  );
});

test('whatever the path did, once it is calm both ends are Up within seconds and stay so', () => {
  fc.assert(
    fc.property(bothTimers, rough, seeds, fc.boolean(), (both, path, seed, authenticated) => {
      const pair = new RoughPair(both, path, seed, authenticated ? AUTHENTICATION : undefined);
      pair.run(30_000);
      pair.path = calm;
      // What the rough time left on its way arrives, and a Detection Time or two pass.
      const settledMs = 30_000 + 1_500 + 3 * 8 * 2_000 + CALM_UP_MS;
      pair.run(settledMs + 30_000);
      expect([pair.ends.a.state, pair.ends.b.state]).toEqual(['Up', 'Up']);
      expect(pair.downsSince(settledMs)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('answers do not breed answers, however often the path doubles what it carries', () => {
  const fast: BfdTimers = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };
  const storm: RoughPath = { lossRatio: 0, doubledRatio: 1, travelMsMin: 1, travelMsMax: 1_500 };
  const pair = new RoughPair({ a: fast, b: fast }, storm, 1);
  pair.run(30_000);
  // At most 40 a second out of turn, 27 a second in turn.
  expect(pair.ends.a.snapshot(pair.nowMs).txPackets).toBeLessThan(30 * (40 + 27));
});

test('an Up end goes Down within its own detection time once nothing arrives any more', () => {
  fc.assert(
    fc.property(bothTimers, seeds, (both, seed) => {
      const pair = new RoughPair(both, calm, seed);
      pair.run(60_000);
      const detectMs = pair.ends.b.snapshot(pair.nowMs).detectMs;
      pair.path = { ...calm, lossRatio: 1 };
      pair.run(60_000 + detectMs + 20);
      expect(pair.ends.b.state).toBe('Down');
    }),
    { numRuns: 40 },
  );
});

test('old packets said again later move nothing where every packet is authenticated with its number', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const fast: BfdTimers = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };
      const pair = new RoughPair({ a: fast, b: fast }, calm, seed, AUTHENTICATION);
      const kept: Uint8Array[] = [];
      const { b } = pair.ends;
      const hear = b.handle.bind(b);
      b.handle = (event, nowMs) => {
        if (event.type === 'packetArrived') kept.push(event.bytes);
        return hear(event, nowMs);
      };
      pair.run(CALM_UP_MS);
      const old = kept.slice(0, 20);
      for (const bytes of old) {
        pair.run(pair.nowMs + 25);
        pair.post('b', { type: 'packetArrived', bytes });
      }
      expect(pair.downsSince(2_500)).toEqual([]);
      const { discarded } = b.snapshot(pair.nowMs);
      expect(discarded['authentication-sequence']).toBeGreaterThanOrEqual(old.length);
    }),
    { numRuns: 20 },
  );
});
