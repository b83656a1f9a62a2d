/** F-36 with a real kernel: it refuses the fifth of ten steps, and `ip` shows afterwards what it showed before. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KernelNetlink } from '../../../firmware-shim/adapters/kernel-netlink.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';
import { refusedAtTheFifth, StateBench, wideUplinks } from '../../kit/state-bench.ts';

/** How often the cores are told the time; against a hang the test itself is bounded. */
const TICK_MS = 20;
const missing = netnsMissing();
let netns: ScratchNetns;
let kernel: KernelNetlink | undefined;

beforeEach((ctx) => {
  if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  netns = scratchNetns();
  netns.ipBatch(
    wideUplinks.flatMap(({ name, address }) => [
      `link add ${name} type veth peer name ${name}-far`,
      `link set ${name}-far up`,
      `address add ${address} dev ${name}`,
      `link set ${name} up`,
    ]),
  );
});

afterEach(() => {
  kernel?.close();
  netns?.remove();
});

function dump(): readonly string[] {
  const routes = netns.ip('-4', '-N', 'route', 'show', 'table', 'all').split('\n').toSorted();
  return [...routes, netns.ip('-4', '-N', 'rule')];
}

it('a document whose fifth step of ten the kernel refuses leaves the kernel as it was', async () => {
  const opened = openKernel({ netnsPath: netns.path });
  kernel = opened;
  const bench = new StateBench(opened.perform.bind(opened), () => performance.now());
  opened.mirror(({ changes: events }) => bench.hear({ type: 'kernelChanged', events }));
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      await pause(TICK_MS);
      bench.tick();
    }
  };
  bench.start();
  await until(() => bench.side.progress.revision === 1);
  const before = dump();
  expect(before.join('\n')).toContain('10.91.10.1');
  bench.receive(refusedAtTheFifth);
  await until(() => bench.undone !== undefined);
  await until(() => bench.side.snapshot().pendingSteps.length === 0);
  expect(dump()).toEqual(before);
  expect(bench.undone).toMatch(
    /EDESIRED_STEP, Route packets that belong to wan5 .*198\.51\.100\.1/,
  );
});
