/** What asking for the full size costs, and that a budget holds it down. */
import { expect, test } from 'vitest';
import { mtuRecheckMs } from '../../../../agent/tunnel/quality/mtu-cadence.ts';
import { uplink } from '../../../kit/fast-path-lab.ts';

const MTU = 1_420;
const DAY_MS = 86_400_000;
const perDay = (recheckMs: number): number => (2 * MTU * DAY_MS) / recheckMs;

test('a wire is asked every ten seconds, a card every minute, the far end has little to ask', () => {
  const asked = { tunnels: 2, mtu: MTU };
  const wired = mtuRecheckMs({ ...asked, uplink: uplink(1) });
  const lte = mtuRecheckMs({ ...asked, uplink: uplink(1, { kind: 'lte' }) });
  const hub = mtuRecheckMs({ ...asked, uplink: undefined });
  expect([wired, lte, hub]).toEqual([10_000, 60_000, 600_000]);
  expect([wired, lte, hub].map((ms) => Math.round(perDay(ms) / 100_000) / 10)).toEqual([
    24.5, 4.1, 0.4,
  ]);
});

test.each([
  [1_000_000_000, 4],
  [100_000_000, 2],
  [10_000_000, 4],
])(
  'of a budget of %i bytes a month %i tunnels together take a tenth at most',
  (budget, tunnels) => {
    const metered = uplink(1, { kind: 'lte', probeBudgetBytesPerMonth: budget });
    const recheckMs = mtuRecheckMs({ uplink: metered, tunnels, mtu: MTU });
    expect(recheckMs).toBeGreaterThanOrEqual(600_000);
    expect(31 * perDay(recheckMs) * tunnels).toBeLessThanOrEqual(budget / 10);
  },
);

test('even of next to nothing a day has one question', () => {
  const metered = uplink(1, { probeBudgetBytesPerMonth: 1 });
  expect(mtuRecheckMs({ uplink: metered, tunnels: 2, mtu: MTU })).toBe(DAY_MS);
});
