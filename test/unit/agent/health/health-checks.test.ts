/** Health checks follow CreateHealthCheck: rounds that never overlap, and a status from rounds in a row. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  HealthChecks,
  type HealthChecksEffect,
  type HealthChecksEvent,
} from '../../../../agent/health/health-checks.ts';
import type { EchoAnswer, HealthCheck } from '../../../../agent/model/health-check.ts';
import { advance } from '../../../kit/advance.ts';
import { down, up } from '../../../kit/branch.ts';

type Sent = Extract<HealthChecksEffect, { readonly type: 'sendEcho' }>;

const LAN = ['192.168.10.0/24'];
const LOST: EchoAnswer = { ok: false, because: 'no answer in time' };

function check(change: Partial<HealthCheck> = {}): HealthCheck {
  return { id: 'hc', type: 'ICMP_ECHO', destination: '172.16.0.10', ...change };
}

class Bench {
  readonly core = new HealthChecks(LAN);
  readonly sent: (Sent & { readonly atMs: number })[] = [];
  readonly told: string[] = [];
  nowMs = 0;

  hear(event: HealthChecksEvent): void {
    this.#see(this.core.handle(event, this.nowMs), this.nowMs);
  }

  desire(...checks: readonly HealthCheck[]): void {
    this.hear({ type: 'checksDesired', checks });
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (const { effect, atMs } of advance(this.core, this.nowMs, untilMs))
      this.#see([effect], atMs);
    this.nowMs = untilMs;
  }

  answer(answer: EchoAnswer | number, probeId = this.sent.at(-1)?.probeId ?? -1): void {
    const given = typeof answer === 'number' ? { ok: true as const, rttMs: answer } : answer;
    this.hear({ type: 'echoAnswered', probeId, answer: given });
  }

  /** So many rounds, each answered at once with the same. */
  rounds(count: number, answer: EchoAnswer | number, intervalMs = 2_000): void {
    for (let round = 0; round < count; round += 1) {
      this.pass(intervalMs);
      this.answer(answer);
    }
  }

  #see(effects: readonly HealthChecksEffect[], atMs: number): void {
    for (const effect of effects) {
      if (effect.type === 'sendEcho') this.sent.push({ ...effect, atMs });
      if (effect.type === 'healthCheckChanged') this.told.push(JSON.stringify(effect.statuses));
    }
  }
}

describe('a health check', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  const status = () => bench.core.snapshot()[0]?.status;

  it('starts as unknown and with the published defaults: every 2 s one probe with 1 s to answer', () => {
    bench.desire(check());
    expect(bench.told).toEqual(['{"hc":"unknown"}']);
    bench.rounds(3, 5);
    expect(bench.sent.map(({ atMs }) => atMs)).toEqual([0, 2_000, 4_000]);
    expect(bench.sent[0]?.target).toMatchObject({ address: '172.16.0.10', timeoutMs: 1_000 });
  });

  it('succeeds after one good round and fails after three lost in a row, not after three lost in all', () => {
    bench.desire(check());
    bench.rounds(1, 5);
    expect(status()).toBe('success');
    bench.rounds(2, LOST);
    bench.rounds(1, 5);
    bench.rounds(2, LOST);
    expect(status()).toBe('success');
    bench.rounds(1, LOST);
    expect(status()).toBe('failed');
    bench.rounds(1, 5);
    expect(bench.told).toEqual(
      ['unknown', 'success', 'failed', 'success'].map((each) => JSON.stringify({ hc: each })),
    );
  });

  it('fails after late rounds in a row where a limit is set, and recovers by one in time', () => {
    bench.desire(check({ rttThresholdMs: 50, rttFailThreshold: 2 }));
    bench.rounds(1, 50);
    bench.rounds(1, 51);
    expect(status()).toBe('success');
    bench.rounds(1, 51);
    expect(status()).toBe('failed');
    bench.rounds(3, 51);
    expect(status()).toBe('failed');
    bench.rounds(1, 49);
    expect(status()).toBe('success');
  });

  it('sends the probes of a round one after the other, and loses it only when none is answered', () => {
    bench.desire(check({ probeCount: 3, failCountThreshold: 1 }));
    bench.pass(10);
    bench.answer(LOST);
    bench.answer(20);
    bench.answer(40);
    expect(bench.sent).toHaveLength(3);
    expect(bench.core.snapshot()[0]).toMatchObject({ status: 'success', round: { rttMs: 30 } });
    bench.pass(2_000);
    for (let probe = 0; probe < 3; probe += 1) bench.answer(LOST);
    expect(status()).toBe('failed');
  });

  it('never begins a round while a probe is out, and makes up for no missed one', () => {
    bench.desire(check({ probeTimeoutMs: 30_000 }));
    bench.pass(29_999);
    expect(bench.sent).toHaveLength(1);
    bench.answer(LOST);
    bench.pass(4_000);
    expect(bench.sent.map(({ atMs }) => atMs)).toEqual([0, 29_999]);
  });

  it('knows nothing when it is this device that cannot send, whatever was known before', () => {
    bench.desire(check());
    bench.rounds(1, 5);
    bench.rounds(1, { ok: false, because: 'forbidden', mute: true });
    expect(status()).toBe('unknown');
    bench.rounds(2, LOST);
    expect(status()).toBe('unknown');
  });

  it('tells what all its probes found since it was last asked', () => {
    bench.desire(check());
    bench.rounds(3, 10);
    bench.rounds(1, LOST);
    expect(bench.core.takeFigures()).toEqual({ hc: { lossPercent: 25, rttMs: 10 } });
    expect(bench.core.takeFigures()).toEqual({});
    bench.rounds(1, LOST);
    expect(bench.core.takeFigures()).toEqual({ hc: { lossPercent: 100 } });
  });

  it('leaves by the tunnel or the uplink that is named, as soon as it is there', () => {
    bench.desire(check({ via: 'wan1-gwa' }), check({ id: 'hc-2', via: 'wan1' }));
    bench.pass(10_000);
    expect(bench.sent).toEqual([]);
    bench.hear({ type: 'planned', devices: new Map([['wan1-gwa', 'sagt0']]), lanPrefixes: LAN });
    bench.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: up('10.91.1.2') });
    expect(bench.sent.map(({ target }) => target)).toMatchObject([
      { deviceName: 'sagt0' },
      { sourceAddress: '10.91.1.2' },
    ]);
  });

  it('leaves from the LAN as it is now, unless a source or a way is named', () => {
    bench.desire(check(), check({ id: 'hc-2', source: '192.168.10.1' }));
    bench.pass(100);
    bench.hear({ type: 'planned', devices: new Map(), lanPrefixes: ['192.168.30.0/24'] });
    bench.answer(1, bench.sent[0]?.probeId);
    bench.pass(2_000);
    expect(bench.sent.map(({ target }) => target.sourceAddress ?? target.sourceWithin)).toEqual([
      LAN,
      '192.168.10.1',
      ['192.168.30.0/24'],
    ]);
  });

  it('loses its rounds while the uplink it is to leave by is down', () => {
    bench.desire(check({ via: 'wan1' }));
    bench.hear({ type: 'uplinkChanged', uplink: 'wan1', verdict: down() });
    bench.pass(6_000);
    expect(bench.sent).toEqual([]);
    expect(bench.core.snapshot()[0]).toMatchObject({
      status: 'failed',
      round: { lossPercent: 100, because: 'uplink wan1 is down' },
    });
  });

  it('runs on when the next document repeats it, and begins anew when anything of it is another', () => {
    bench.desire(check());
    bench.rounds(1, 5);
    bench.desire(check());
    expect(bench.told).toHaveLength(2);
    bench.desire(check({ failCountThreshold: 2 }));
    expect(status()).toBe('unknown');
    bench.desire();
    expect(bench.told.at(-1)).toBe('{}');
    bench.pass(60_000);
    bench.answer(5, 1);
    expect(bench.core.snapshot()).toEqual([]);
  });

  it('is never probed twice at once and never more often than its interval, whatever is answered when', () => {
    const step = fc.record({ waitMs: fc.integer({ min: 0, max: 5_000 }), isLost: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step), (probeCount, steps) => {
        const lone = new Bench();
        lone.desire(check({ probeCount }));
        let answered = 0;
        for (const { waitMs, isLost } of steps) {
          lone.pass(waitMs);
          expect(lone.sent.length - answered).toBeLessThanOrEqual(1);
          if (lone.sent.length === answered) continue;
          lone.answer(isLost ? LOST : 5);
          answered += 1;
        }
        const starts = lone.sent.filter((_, at) => at % probeCount === 0).map(({ atMs }) => atMs);
        const gapsMs = starts.slice(1).map((atMs, at) => atMs - (starts[at] ?? 0));
        expect(gapsMs.filter((ms) => ms < 2_000)).toEqual([]);
      }),
    );
  });
});
