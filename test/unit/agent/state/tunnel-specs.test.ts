/** Names, ports and marks of tunnels follow from their ids alone. */
import { describe, expect, it } from 'vitest';
import { DEVICE_NAME_MAX, deriveTunnels } from '../../../../agent/state/tunnel-specs.ts';
import { config, desired, tunnel } from '../../../kit/branch.ts';

const derive = (tunnels = desired().tunnels) => deriveTunnels(desired({ tunnels }), config.uplinks);

describe('a derived tunnel', () => {
  it('is named after its uplink and gateway where that fits', () => {
    expect(derive().map(({ spec }) => spec.deviceName)).toEqual(['sag-wan1-gwa', 'sag-wan2-gwa']);
  });

  it('has a name of at most fifteen characters, unique and harmless, whatever the ids', () => {
    const tunnels = [
      tunnel('wan1-a', { gateway: 'access-gateway-hangzhou-1' }),
      tunnel('wan1-b', { gateway: 'access-gateway-hangzhou-2' }),
      tunnel('wan1-c', { gateway: 'gwa' }),
      tunnel('wan1-d', { gateway: 'gwa' }),
      tunnel('wan1-e', { gateway: 'G.W_A' }),
    ];
    const names = derive(tunnels).map(({ spec }) => spec.deviceName);
    expect(new Set(names).size).toBe(5);
    for (const name of names) {
      expect(name).toMatch(/^sag-[a-z0-9-]+$/);
      expect(name.length).toBeLessThanOrEqual(DEVICE_NAME_MAX);
    }
  });

  it('keeps name, port and mark when the document is reordered', () => {
    const forwards = derive();
    const backwards = derive(desired().tunnels.toReversed());
    for (const { spec } of forwards) {
      const same = backwards.find((other) => other.spec.id === spec.id);
      expect(same?.spec).toEqual(spec);
    }
  });

  it('has a port of its own, below the ephemeral range', () => {
    const tunnels = Array.from({ length: 32 }, (_, at) =>
      tunnel(`wan1-${at}`, { gateway: `g${at}` }),
    );
    const ports = derive(tunnels).map(({ spec }) => spec.listenPort);
    expect(new Set(ports).size).toBe(32);
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(21_960);
      expect(port).toBeLessThan(32_768);
    }
  });

  it('shares its mark with the tunnels of the same uplink only', () => {
    const [first, second] = derive().map(({ spec }) => spec.fwmark);
    expect(first).not.toBe(second);
  });
});
