import fc from 'fast-check';
import { expect, test } from 'vitest';
import { budgetProbes, probePacketBytes } from '../../../../agent/model/probe-budget.ts';
import { PROBE_PROFILES, profileOf } from '../../../../agent/model/probe-profile.ts';

const LTE = { timers: PROBE_PROFILES.lte, tunnels: 1, packetBytes: 124 };

test('each kind of uplink has a profile', () => {
  expect(profileOf('wired')).toBe('wired');
  expect(profileOf('leased-line')).toBe('fast-100');
  expect(profileOf('lte')).toBe('lte');
  expect(PROBE_PROFILES.lte).toEqual({ desiredMinTxMs: 500, requiredMinRxMs: 500, detectMult: 5 });
});

test('a control packet in its envelope weighs what it weighs on the wire', () => {
  expect(probePacketBytes('wireguard', 'ipv4', 'ipv4')).toBe(20 + 8 + 32 + 64);
  expect(probePacketBytes('wireguard', 'ipv6', 'ipv6')).toBe(40 + 8 + 32 + 80);
  expect(probePacketBytes('ipsec', 'ipv4', 'ipv4')).toBe(20 + 8 + 32 + 56);
});

test('unmetered probes run as their profile says, and what they cost is told', () => {
  const budget = budgetProbes(LTE);
  expect(budget.timers).toBe(PROBE_PROFILES.lte);
  expect(budget.timersWhileBusy).toBeUndefined();
  expect(budget.sentence).toBe(
    'unmetered: a probe every 500 ms, silence is noticed within 2.5 s, 1520 MB a month',
  );
});

test('a hundred megabytes a month buy a cadence and a detection time', () => {
  const budget = budgetProbes({ ...LTE, budgetBytesPerMonth: 100_000_000 });
  expect(budget.timers).toEqual({ desiredMinTxMs: 7_600, requiredMinRxMs: 7_600, detectMult: 5 });
  expect(budget.timersWhileBusy?.desiredMinTxMs).toBe(15_200);
  expect(budget.sentence).toBe(
    '100 MB a month buy a probe every 7.6 s, silence is noticed within 38 s',
  );
});

test('tunnels of one uplink share its budget', () => {
  const one = budgetProbes({ ...LTE, budgetBytesPerMonth: 200_000_000 });
  const two = budgetProbes({ ...LTE, tunnels: 2, budgetBytesPerMonth: 400_000_000 });
  expect(two.timers).toEqual(one.timers);
});

test('a budget that no cadence can hold says so and keeps the slowest', () => {
  const budget = budgetProbes({ ...LTE, budgetBytesPerMonth: 1_000_000 });
  expect(budget.held).toBe(false);
  expect(budget.timers.desiredMinTxMs).toBe(60_000);
  expect(budget.sentence).toContain('1 MB a month do not reach');
});

test('no budget makes probes faster than their profile, and each that can be held is held', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000_000_000 }),
      fc.integer({ min: 1, max: 4 }),
      (budgetBytesPerMonth, tunnels) => {
        const budget = budgetProbes({ ...LTE, tunnels, budgetBytesPerMonth });
        expect(budget.timers.desiredMinTxMs).toBeGreaterThanOrEqual(500);
        expect(budget.held).toBe(budget.bytesPerMonth <= budgetBytesPerMonth);
        expect(budget.held || budget.timers.desiredMinTxMs === 60_000).toBe(true);
      },
    ),
  );
});
