import { expect, test } from 'vitest';
import type { BfdTimers } from '../../../../agent/model/tunnel.ts';
import {
  type LivenessEvent,
  LivenessSession,
} from '../../../../agent/tunnel/liveness/liveness-session.ts';
import { LivenessSessions } from '../../../../agent/tunnel/liveness/liveness-sessions.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';

const WIRED: BfdTimers = { desiredMinTxMs: 300, requiredMinRxMs: 300, detectMult: 3 };
const SLOWER: BfdTimers = { desiredMinTxMs: 600, requiredMinRxMs: 600, detectMult: 3 };

/** Two ends on one path, driven by the set that production uses. */
class Pair {
  readonly sessions = new LivenessSessions();
  readonly downs: number[] = [];
  nowMs = 0;
  loss = 0;
  sent = 0;
  readonly #busy: { readonly bfdWhileBusy?: BfdTimers };
  readonly #random = new SeededRandom(3);
  readonly #travelling: { atMs: number; to: string; bytes: Uint8Array }[] = [];

  constructor(whileBusy?: BfdTimers) {
    const busy = whileBusy === undefined ? {} : { bfdWhileBusy: whileBusy };
    this.#busy = busy;
    for (const id of ['a', 'b']) this.restart(id);
  }

  restart(id: string): void {
    const plan = { id, uplink: `wan-${id}`, bfd: WIRED, ...this.#busy };
    const session = new LivenessSession(plan, this.#random.fork(id));
    this.sessions.add(plan, session, this.nowMs);
    this.post(id, { type: 'enabled' });
  }

  post(end: string, event: LivenessEvent): void {
    this.#perform(end, this.sessions.handle(end, event, this.nowMs));
  }

  run(untilMs: number): void {
    for (;;) {
      const dueMs = this.sessions.deadline()?.atMs ?? Infinity;
      const nextMs = Math.min(dueMs, this.#travelling[0]?.atMs ?? Infinity);
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const next = this.#travelling[0];
      if (next !== undefined && next.atMs <= this.nowMs) {
        this.#travelling.shift();
        this.post(next.to, { type: 'packetArrived', bytes: next.bytes });
      } else {
        for (const { tunnel, effects } of this.sessions.tick(this.nowMs)) {
          this.#perform(tunnel, effects);
        }
      }
    }
    this.nowMs = untilMs;
  }

  snapshot(end: string) {
    return this.sessions.get(end)?.snapshot(this.nowMs);
  }

  #perform(end: string, effects: ReturnType<LivenessSession['handle']>): void {
    for (const effect of effects) {
      if (effect.type === 'sessionMoved' && effect.from === 'Up') this.downs.push(this.nowMs);
      if (effect.type !== 'sendPacket') continue;
      this.sent += 1;
      if (this.#random.next() < this.loss) continue;
      const to = end === 'a' ? 'b' : 'a';
      this.#travelling.push({ atMs: this.nowMs + 1, to, bytes: effect.bytes });
    }
  }
}

test('each end raises its multiplier when packets get lost and lowers it when the path is clean for long', () => {
  const pair = new Pair();
  pair.run(60_000);
  expect(pair.snapshot('a')?.detectMult).toBe(3);
  pair.loss = 0.03;
  pair.run(400_000);
  const raised = pair.snapshot('a')?.detectMult ?? 0;
  expect(raised).toBeGreaterThanOrEqual(5);
  // The far end judges by it.
  expect(pair.snapshot('b')?.detectMs).toBe(300 * raised);
  pair.loss = 0;
  pair.run(400_000 + 6 * 3_600_000);
  expect(pair.snapshot('a')?.detectMult).toBe(3);
});

test('an outage that took the session Down is no loss of packets, whichever end is heard first after it', () => {
  const pair = new Pair();
  pair.run(60_000);
  for (let round = 0; round < 20; round += 1) {
    const sinceMs = 60_000 + round * 30_000;
    pair.loss = 1;
    pair.run(sinceMs + 3_000 + round * 137);
    pair.loss = 0;
    pair.run(sinceMs + 30_000);
  }
  expect(pair.downs).toHaveLength(40);
  for (const end of ['a', 'b']) {
    expect(pair.snapshot(end)).toMatchObject({ detectMult: 3, lossRatio: 0, state: 'Up' });
  }
});

test.each(['before', 'after'] as const)(
  'what misses while the uplink of one end cannot be used is no loss to either, also when its session began %s that',
  (began) => {
    const pair = new Pair();
    if (began === 'before') pair.run(20_000);
    for (let round = 0; round < 300; round += 1) {
      pair.sessions.uplinkJudged('wan-a', false, pair.nowMs);
      if (began === 'after' && round === 0) pair.restart('a');
      pair.loss = 1;
      pair.run(pair.nowMs + 700);
      pair.loss = 0;
      pair.run(pair.nowMs + 450);
      pair.sessions.uplinkJudged('wan-a', true, pair.nowMs);
      pair.run(pair.nowMs + 2_000);
    }
    for (const end of ['a', 'b']) {
      expect(pair.snapshot(end)).toMatchObject({ detectMult: 3, lossRatio: 0, state: 'Up' });
    }
  },
);

test('the odds are told in words, with the loss they rest on', () => {
  const pair = new Pair();
  pair.loss = 0.02;
  pair.run(3_000_000);
  const shown = pair.snapshot('a');
  expect(shown?.lossRatio).toBeGreaterThan(0.01);
  expect(shown?.falseDown?.sentence).toMatch(/^300 ms x \d+ at [\d.]+ % loss: one false Down in /);
});

test('a tunnel whose traffic proves it alive is probed half as often, by a Poll Sequence, and as before once it is quiet', () => {
  const pair = new Pair(SLOWER);
  pair.run(20_000);
  for (let atMs = 20_000; atMs < 80_000; atMs += 1_000) {
    pair.run(atMs);
    pair.post('a', { type: 'trafficSeen' });
    pair.post('b', { type: 'trafficSeen' });
  }
  expect(pair.snapshot('a')?.detectMs).toBe(1_800);
  const before = pair.sent;
  pair.run(81_000);
  pair.post('a', { type: 'trafficSeen' });
  expect(pair.sent - before).toBeLessThanOrEqual(8);
  pair.run(100_000);
  expect(pair.snapshot('a')?.detectMs).toBe(900);
  expect(pair.downs).toEqual([]);
});

test('a pause in the traffic starts the proof anew, and without a plan for it nothing thins out', () => {
  const paused = new Pair(SLOWER);
  const plain = new Pair();
  for (const pair of [paused, plain]) {
    for (let atMs = 20_000; atMs < 60_000; atMs += pair === paused ? 4_000 : 1_000) {
      pair.run(atMs);
      pair.post('a', { type: 'trafficSeen' });
    }
    expect(pair.snapshot('b')?.detectMs).toBe(900);
  }
});

test('a session that is removed is asked nothing more', () => {
  const pair = new Pair();
  pair.run(5_000);
  pair.sessions.remove('a');
  pair.sessions.remove('b');
  expect(pair.sessions.deadline()).toBeUndefined();
  expect(pair.sessions.handle('a', { type: 'disabled' }, 5_001)).toEqual([]);
  expect(pair.sessions.tunnels).toEqual([]);
});
