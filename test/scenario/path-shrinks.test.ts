/** A path that carries less than it did, while everything small still passes: nobody is told, and nothing goes Down. */
import { expect, it } from 'vitest';
import { Story } from '../../sim/world/story.ts';

/** Until the branch asks again, and until it knows the size. */
const NOTICED_MS = 10_000 + 3_000;
/** The probe as it stands in its packet: IPv4 and UDP headers come to it. */
const HEADERS = 28;
const SIZE = 1_380;

it('is noticed within thirteen seconds, to within four bytes, and traffic stays where it is', async () => {
  const story = new Story(8);
  const { cast, watch, world } = story;
  cast.branch.start();
  cast.echoes.start();
  await story.pass(30_000);
  const active = cast.branch.egress() ?? '';
  const gateway = active.replace('wan1-', '');
  const path = cast.network.paths.find(({ id }) => id === `wan1/${gateway}`);
  path?.change({ bytesMax: SIZE - HEADERS });
  const fromMs = world.nowMs;
  const mtu = () =>
    cast.branch.fastPathSnapshot()?.tunnels.find(({ id }) => id === active)?.quality?.mtu?.mtu;
  expect(mtu()).toBe(1_420);
  const found = await story.until('the branch knows', () =>
    (mtu() ?? 0) <= SIZE ? mtu() : undefined,
  );
  expect(found).toBeGreaterThanOrEqual(SIZE - 4);
  expect(world.nowMs - fromMs).toBeLessThanOrEqual(NOTICED_MS);
  await story.pass(3_000);
  expect(watch.notes.filter(({ code }) => code === 'pathMtuFound')).not.toEqual([]);
  expect(cast.branch.egress()).toBe(active);
  expect(cast.echoes.longestGapMs(fromMs, world.nowMs)).toBeLessThan(100);
});
