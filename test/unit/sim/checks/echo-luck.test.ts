import { expect, test } from 'vitest';
import { EchoLuck } from '../../../../sim/checks/echo-luck.ts';
import { SafetyWatch } from '../../../../sim/checks/safety.ts';
import { SITE_PATHS } from '../../../../sim/models/branch/branch-site.ts';
import { BranchWorld } from '../../../../sim/models/branch/branch-world.ts';
import { calmOptions } from '../../../../sim/world/options.ts';
import { World } from '../../../../sim/world/world.ts';

const BEST = ['wan1', 'agw-hangzhou-a'] as const;

/** A branch that has come up in peace, over its best path. */
async function atRest() {
  const world = new World(1);
  const cast = new BranchWorld(world, calmOptions(SITE_PATHS), new SafetyWatch(world));
  cast.branch.start();
  cast.echoes.start();
  await world.run(8_000, () => undefined);
  return { world, cast };
}

test('a clean path keeps no echo back', async () => {
  const { cast } = await atRest();
  expect(new EchoLuck().silenceMs(cast)).toBe(0);
});

test('a path that loses every second packet answers every fourth echo, and keeps 65 in a row back by chance', async () => {
  const { cast } = await atRest();
  cast.network.path(...BEST)?.change({ lossPercent: 50 });
  expect(new EchoLuck().silenceMs(cast) / cast.echoes.intervalMs).toBeCloseTo(64.03, 1);
});

test('what another path loses is no excuse', async () => {
  const { cast } = await atRest();
  cast.network.path('wan2', 'agw-hangzhou-a')?.change({ lossPercent: 50 });
  expect(new EchoLuck().silenceMs(cast)).toBe(0);
});

test('the loss that was counts until an echo comes back', async () => {
  const { world, cast } = await atRest();
  const luck = new EchoLuck();
  cast.network.path(...BEST)?.change({ lossPercent: 50 });
  const badMs = luck.silenceMs(cast);
  cast.network.path(...BEST)?.change({ lossPercent: 0 });
  expect(luck.silenceMs(cast)).toBe(badMs);
  await world.run(world.nowMs + 100, () => undefined);
  expect(luck.silenceMs(cast)).toBe(0);
});
