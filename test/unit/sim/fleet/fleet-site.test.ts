/** The branches of a fleet fit the rules and each other. */
import { expect, test } from 'vitest';
import { FLEET_DEVICES_MAX, fleetNetwork, memberOf } from '../../../../sim/fleet/fleet-site.ts';

test('no two devices share a serial number or a LAN', () => {
  const members = Array.from({ length: FLEET_DEVICES_MAX }, (_, index) => memberOf(index));
  expect(new Set(members.map(({ serialNumber }) => serialNumber)).size).toBe(FLEET_DEVICES_MAX);
  expect(new Set(members.map(({ lanPrefix }) => lanPrefix)).size).toBe(FLEET_DEVICES_MAX);
});

test('every device of a fleet reaches the VPC of its CEN', () => {
  const members = Array.from({ length: 20 }, (_, index) => memberOf(index));
  const network = fleetNetwork(members);
  for (const { serialNumber } of members) {
    expect(network.publishedPrefixes(serialNumber)).toEqual(['172.16.0.0/16']);
  }
});
