/** What liveness costs on an uplink follows from the tunnels on it and from its budget. */
import { expect, it } from 'vitest';
import { uplinkProbes } from '../../../../agent/state/probe-timers.ts';
import { config, desired, tunnel } from '../../../kit/branch.ts';

const SECOND = { gateway: 'gwb', innerLocal: '10.250.3.2', innerRemote: '10.250.3.1' };
const document = desired({
  tunnels: [tunnel('wan1-gwa'), tunnel('wan2-gwa'), tunnel('wan2-gwb', SECOND)],
});
const uplinks = config.uplinks.map((uplink) =>
  uplink.id === 'wan2' ? { ...uplink, probeBudgetBytesPerMonth: 100_000_000 } : uplink,
);

it('tells of each uplink with tunnels what its probes cost, and what a budget buys', () => {
  const [wan1, wan2] = uplinkProbes(document, uplinks);
  expect(wan1).toMatchObject({ uplink: 'wan1', detectMs: 150, held: true });
  expect(wan1?.budgetBytesPerMonth).toBeUndefined();
  expect(wan2).toMatchObject({ uplink: 'wan2', budgetBytesPerMonth: 100_000_000, held: true });
  expect(wan2?.bytesPerMonth).toBeLessThanOrEqual(100_000_000);
  expect(wan2?.sentence).toMatch(/^100 MB a month buy a probe every [\d.]+ s/);
});

it('tells nothing without a document', () => {
  expect(uplinkProbes(undefined, uplinks)).toEqual([]);
});
