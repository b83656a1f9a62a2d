/** Which tunnels are called again, when, and what counts as traffic. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type CaredTunnel,
  type CareEffect,
  TunnelCare,
} from '../../../../agent/engine/tunnel-care.ts';
import type { TunnelState } from '../../../../agent/model/tunnel.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { advance } from '../../../kit/advance.ts';

const bfd = { desiredMinTxMs: 500, requiredMinRxMs: 500, detectMult: 5 };
const wired: CaredTunnel = { id: 't1', uplink: 'wan1', bfd };
const metered: CaredTunnel = { id: 't2', uplink: 'lte', bfd, bfdWhileBusy: bfd };

let care: TunnelCare;
let nowMs: number;

beforeEach(() => {
  care = new TunnelCare(new SeededRandom(1));
  nowMs = 0;
  care.handle({ type: 'planned', tunnels: [wired, metered] }, nowMs);
});

function turn(to: TunnelState, tunnel = 't1'): void {
  care.handle({ type: 'tunnelStateChanged', tunnel, to }, nowMs);
}

/** When a tunnel is called until `untilMs`, where every call is answered at once as `because` says. */
function calls(untilMs: number, because?: string): readonly number[] {
  const at: number[] = [];
  while (nowMs < untilMs) {
    const deadline = care.deadline();
    if (deadline === undefined || deadline.atMs > untilMs) break;
    const seen = advance(care, nowMs, deadline.atMs);
    nowMs = Math.max(nowMs, deadline.atMs);
    for (const { effect, atMs } of seen) {
      if (effect.type !== 'initiateTunnel') continue;
      at.push(atMs);
      const tunnel = effect.tunnel;
      const answer = because === undefined ? {} : { because };
      care.handle({ type: 'tunnelInitiated', tunnel, ...answer }, nowMs);
    }
  }
  nowMs = untilMs;
  return at;
}

function read(rxBytes: number, id = 't2'): readonly CareEffect[] {
  const status = { id, kind: 'ipsec', deviceName: 'd', rxBytes, txBytes: 0 } as const;
  return care.handle({ type: 'enginesRead', tunnels: [status] }, nowMs);
}

describe('a tunnel whose device stands', () => {
  it('is called only after its engine has had the time to set it up by itself', () => {
    turn('establishing');
    expect(calls(4_999)).toEqual([]);
    expect(calls(5_000)).toEqual([5_000]);
  });

  it('is called ever more slowly while its session stays Down, and never faster than every two seconds', () => {
    turn('establishing');
    turn('up');
    turn('down');
    const at = calls(600_000, 'nobody answers');
    const gaps = at.slice(1).map((each, index) => each - (at[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(60_000);
    expect(at.length).toBeGreaterThan(10);
    expect(at.length).toBeLessThan(60);
  });

  it('is left alone once its session is Up, or its device is gone', () => {
    for (const to of ['up', 'absent'] as const) {
      turn('establishing');
      turn(to);
      expect(calls(nowMs + 120_000)).toEqual([]);
    }
  });

  it('is not called over an uplink that is down, and at once when that is back', () => {
    turn('establishing');
    turn('up');
    turn('down');
    care.handle({ type: 'uplinkChanged', uplink: 'wan1', isUp: false }, nowMs);
    expect(calls(300_000)).toEqual([]);
    care.handle({ type: 'uplinkChanged', uplink: 'wan1', isUp: true }, nowMs);
    expect(calls(302_000)).toEqual([302_000]);
  });

  it('is forgotten with the plan that named it', () => {
    turn('down');
    care.handle({ type: 'planned', tunnels: [] }, nowMs);
    expect(care.deadline()).toBeUndefined();
    expect(care.handle({ type: 'tunnelInitiated', tunnel: 't1' }, nowMs)).toEqual([]);
  });

  it('says what a call came to', () => {
    turn('down');
    const told = care.handle({ type: 'tunnelInitiated', tunnel: 't1', because: 'no' }, nowMs);
    expect(told).toMatchObject([{ note: { code: 'engineCalled', tunnel: 't1', because: 'no' } }]);
  });
});

describe('the engines', () => {
  const reads = (untilMs: number) =>
    advance(care, nowMs, untilMs).filter(({ effect }) => effect.type === 'readEngines').length;

  it('are read every two seconds where probes may thin out, else every ten', () => {
    expect(reads(20_000)).toBe(11);
    care.handle({ type: 'planned', tunnels: [wired] }, 20_000);
    nowMs = 20_000;
    expect(reads(60_000)).toBe(5);
  });

  it('prove a metered tunnel alive by what came through it beyond its probes', () => {
    expect(read(1_000_000)).toEqual([]);
    nowMs = 2_000;
    // BFD and quality probes of two seconds, and two of full size.
    expect(read(1_000_000 + 4 * 2 * 200 + 3_000)).toEqual([]);
    nowMs = 4_000;
    expect(read(1_100_000)).toEqual([{ type: 'trafficSeen', tunnel: 't2' }]);
    nowMs = 6_000;
    // A new association counts from nothing.
    expect(read(100)).toEqual([]);
  });

  it('prove nothing of a tunnel whose probes never thin out', () => {
    read(0, 't1');
    nowMs = 2_000;
    expect(read(50_000_000, 't1')).toEqual([]);
  });
});
