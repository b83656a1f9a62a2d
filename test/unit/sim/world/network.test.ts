import { expect, test } from 'vitest';
import { CLEAN_PATH, NetworkPath, type PathConditions } from '../../../../sim/world/network.ts';
import { World } from '../../../../sim/world/world.ts';

async function arrivals(
  conditions: Partial<PathConditions>,
  packets: number,
): Promise<{ out: number[]; back: number[] }> {
  const world = new World(3);
  const path = new NetworkPath(world, 'wan1/gw', { ...CLEAN_PATH, ...conditions });
  const out: number[] = [];
  const back: number[] = [];
  for (let sent = 0; sent < packets; sent += 1) {
    path.send('out', Uint8Array.of(sent), () => out.push(world.nowMs));
    path.send('in', Uint8Array.of(sent), () => back.push(world.nowMs));
  }
  await world.run(10_000);
  return { out, back };
}

test('every packet of a clean path arrives within delay and jitter', async () => {
  const { out } = await arrivals({ delayMs: 20, jitterMs: 4 }, 200);
  expect(out).toHaveLength(200);
  expect(Math.min(...out)).toBeGreaterThanOrEqual(20);
  expect(Math.max(...out)).toBeLessThan(24);
});

test('a path blocked one way drops that way only, and silently', async () => {
  const { out, back } = await arrivals({ blocked: ['out'] }, 10);
  expect([out.length, back.length]).toEqual([0, 10]);
});

test('loss takes its share', async () => {
  const { out } = await arrivals({ lossPercent: 20 }, 2_000);
  expect(out.length).toBeGreaterThan(1_500);
  expect(out.length).toBeLessThan(1_700);
});

test('the sender may reuse its buffer once a packet is on its way', async () => {
  const world = new World(3);
  const path = new NetworkPath(world, 'wan1/gw', CLEAN_PATH);
  const buffer = Uint8Array.of(1);
  const seen: number[] = [];
  path.send('out', buffer, (bytes) => seen.push(bytes[0] ?? -1));
  buffer[0] = 9;
  await world.run(100);
  expect(seen).toEqual([1]);
});
