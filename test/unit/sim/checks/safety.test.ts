import { expect, test } from 'vitest';
import { OUTBOX_SHELF } from '../../../../agent/access/outbox.ts';
import { notConverged } from '../../../../sim/checks/liveness.ts';
import { SafetyWatch } from '../../../../sim/checks/safety.ts';
import { SITE_PATHS } from '../../../../sim/models/branch/branch-site.ts';
import { BranchWorld } from '../../../../sim/models/branch/branch-world.ts';
import { calmOptions } from '../../../../sim/world/options.ts';
import { World } from '../../../../sim/world/world.ts';

/** A branch that has come up in peace. */
async function atRest() {
  const world = new World(1);
  const watch = new SafetyWatch(world);
  const cast = new BranchWorld(world, calmOptions(SITE_PATHS), watch);
  const run = async (untilMs: number): Promise<void> => {
    await world.run(untilMs, () => watch.afterStep(cast));
  };
  cast.branch.start();
  cast.echoes.start();
  await run(8_000);
  return { world, watch, cast, run };
}

test('a branch in peace breaks no promise and has converged', async () => {
  const { cast, watch } = await atRest();
  expect(notConverged(cast, watch.raised)).toEqual([]);
});

test('a note of level error fails the run', async () => {
  const { watch } = await atRest();
  const note = { code: 'kernelSilent', level: 'error', waitedMs: 5 } as const;
  expect(() => watch.onNote(note)).toThrow(/the agent says it is broken/);
});

test('an event that is forgotten but was never stored fails the run', async () => {
  const { watch, cast } = await atRest();
  watch.onForgotten(OUTBOX_SHELF, ['boot-1-99']);
  expect(() => watch.afterStep(cast)).toThrow(/I1: event boot-1-99/);
});

test('traffic that still goes into a tunnel known Down fails the run', async () => {
  const { watch, run, cast, world } = await atRest();
  const tunnel = cast.branch.egress() ?? '';
  const atMs = world.nowMs;
  watch.onFact({ type: 'tunnelStateChanged', tunnel, from: 'up', to: 'down', because: '', atMs });
  await expect(run(atMs + 500)).rejects.toThrow(/I5: traffic goes into/);
});

test('traffic that stands still although a tunnel works fails the run', async () => {
  const { run, cast, world } = await atRest();
  cast.echoes.stop();
  await expect(run(world.nowMs + 2_000)).rejects.toThrow(/stands still .* although .* works/);
});

test('a cable that is out keeps the run from converging, with sentences that say why', async () => {
  const { run, cast, watch, world } = await atRest();
  cast.setCarrier('wan2', false);
  await run(world.nowMs + 1_000);
  expect(notConverged(cast, watch.raised).join('; ')).toMatch(/wan2 is down; tunnel wan2-/);
});
