/** A small fleet of the shipped wiring, over mutual TLS on loopback, through a crash of its gateway. */
import { expect, test } from 'vitest';
import { runFleet } from '../../../sim/fleet/run-fleet.ts';

test('a fleet registers, survives a crash of its gateway without losing an event, and says goodbye', async () => {
  const progress: string[] = [];
  const result = await runFleet({ devices: 10, onProgress: (line) => progress.push(line) });
  expect(result).toMatchObject({
    devices: 10,
    registered: 10,
    reported: 10,
    returned: 10,
    leftWithGoodbye: 10,
    eventsLost: 0,
    ok: true,
  });
  expect(result.eventsStored).toBe(result.eventsRaised);
  // Each device came online, lost wan1 and got it back; those whose traffic went over wan1, because its session was the
  // first to be Up, moved it as well. The gateway's crash is no absence.
  expect(result.eventsRaised).toBeGreaterThan(30);
  expect(progress).toContain('10 of 10 left');
});

test('a fleet of no devices, or of too many, is refused by name', async () => {
  await expect(runFleet({ devices: 0 })).rejects.toThrow('EFLEET_DEVICES');
  await expect(runFleet({ devices: 1e9 })).rejects.toThrow('EFLEET_DEVICES');
});
