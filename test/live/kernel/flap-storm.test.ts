import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import type { KernelLink } from '../../../firmware-shim/kernel/types.ts';
import { branchNetnsPerTest } from './branch-netns.ts';
import { becomesExact, DEFAULT_RCVBUF_BYTES, mirrored } from './mirrored-netns.ts';

const branch = branchNetnsPerTest();

/** `FLAP_SECONDS=60` is the whole storm; four seconds of it are in every run. */
const FLAP_SECONDS = Number(process.env['FLAP_SECONDS'] ?? 4);
const FLAPS_PER_SECOND = 100;
const FLAPS = FLAP_SECONDS * FLAPS_PER_SECOND;

async function storm(
  netnsPath: string,
  index: number,
  flaps: number,
  gapMs: number,
): Promise<void> {
  const url = new URL('flap-worker.ts', import.meta.url);
  const worker = new Worker(url, { workerData: { netnsPath, index, flaps, gapMs } });
  await once(worker, 'exit');
}

describe('a flap storm', () => {
  test(
    `of ${FLAPS} changes, ${FLAPS_PER_SECOND} a second, is seen change by change`,
    async () => {
      const { netns, makeWan } = branch();
      const wan1 = await makeWan('wan1', '10.1.0.1');
      netns.ipBatch([
        'nexthop add id 1 via 10.1.0.2 dev wan1 proto 196',
        'route add 10.50.0.0/16 nhid 1 proto 196',
      ]);
      const { kernel, mirror, news, until } = await mirrored(netns);
      const far = mirror.devices.bind('wan1far');
      const near = mirror.devices.bindIndex(wan1);
      if (far === undefined || near === undefined) throw new Error('no veth pair');
      const before = mirror.devices.link(near)?.carrierChanges ?? 0;
      await storm(netns.path, far.index, FLAPS, 1_000 / FLAPS_PER_SECOND);
      await becomesExact(netns, mirror, until);
      const seen = changesOf(news.flatMap(({ changes }) => linksIn(changes, far.index)));
      process.stdout.write(
        `seen ${seen} of ${FLAPS}: ${JSON.stringify({ ...kernel.counters(), ...mirror.counters })}\n`,
      );
      expect(kernel.counters().overruns).toBe(0);
      expect(seen).toBe(FLAPS);
      // What the cable at the near end saw is the kernel's own count, told or not.
      expect((mirror.devices.link(near)?.carrierChanges ?? 0) - before).toBe(FLAPS);
      expect(mirror.devices.link(near)).toMatchObject({ adminUp: true, carrier: true });
      expect(mirror.size('nexthops')).toBe(0);
    },
    FLAP_SECONDS * 1_000 + 30_000,
  );

  test('that overruns the socket is still counted exactly', async () => {
    const { netns, makeWan } = branch();
    const wan1 = await makeWan('wan1', '10.1.0.1');
    const { kernel, mirror, news, until } = await mirrored(netns, DEFAULT_RCVBUF_BYTES / 8);
    const far = mirror.devices.bind('wan1far');
    const near = mirror.devices.bindIndex(wan1);
    if (far === undefined || near === undefined) throw new Error('no veth pair');
    const before = mirror.devices.link(near)?.carrierChanges ?? 0;
    const flaps = storm(netns.path, far.index, 200, 1);
    // A loop that is blocked while the storm goes on in its own thread.
    await new Promise((resolve) => setTimeout(resolve, 200));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    await flaps;
    await becomesExact(netns, mirror, until);
    const seen = changesOf(news.flatMap(({ changes }) => linksIn(changes, far.index)));
    expect(kernel.counters().overruns).toBeGreaterThan(0);
    expect(seen).toBeLessThan(200);
    expect((mirror.devices.link(near)?.carrierChanges ?? 0) - before).toBe(200);
    expect(mirror.devices.link(near)).toMatchObject({ adminUp: true, carrier: true });
  });
});

function linksIn(
  changes: readonly { readonly type: string }[],
  index: number,
): readonly KernelLink[] {
  return changes.flatMap((change) =>
    'link' in change && (change.link as KernelLink).index === index
      ? [change.link as KernelLink]
      : [],
  );
}

/** How often the administrator's wish changed from one message to the next. */
function changesOf(links: readonly KernelLink[]): number {
  return links.filter((link, at) => at > 0 && link.adminUp !== links[at - 1]?.adminUp).length;
}
