/**
 * A mirror of a namespace, and the wait until it is exact.
 */
import { afterEach, expect } from 'vitest';
import type { KernelNetlink } from '../../../firmware-shim/adapters/kernel-netlink.ts';
import type { KernelMirror } from '../../../firmware-shim/kernel/mirror.ts';
import type { MirrorNews } from '../../../firmware-shim/kernel/mirror-news.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import type { ScratchNetns } from '../../kit/scratch-netns.ts';
import { ipPicture, mirrorPicture } from './ip-oracle.ts';

/** What an unchanged socket gets on this kernel; the setting is doubled by it. */
export const DEFAULT_RCVBUF_BYTES = 212_992 / 2;
/** Comparisons before a difference counts: the kernel goes on by itself for a while after a change. */
const COMPARISONS_MAX = 50;

const opened: KernelNetlink[] = [];

afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

export interface Mirrored {
  readonly kernel: KernelNetlink;
  readonly mirror: KernelMirror;
  readonly news: readonly MirrorNews[];
  /** Resolves as soon as `holds` is true, asked after each piece of news and each look. */
  readonly until: (holds: () => boolean) => Promise<void>;
}

export async function mirrored(netns: ScratchNetns, rcvbufBytes?: number): Promise<Mirrored> {
  const news: MirrorNews[] = [];
  let ask = (): void => undefined;
  const kernel = openKernel({
    netnsPath: netns.path,
    neighbours: true,
    ...(rcvbufBytes !== undefined && { rcvbufBytes }),
  });
  opened.push(kernel);
  const mirror = kernel.mirror((one) => {
    news.push(one);
    ask();
  });
  const until = async (holds: () => boolean): Promise<void> => {
    await new Promise<void>((resolve) => {
      // A look that finds nothing is no news: the timer asks again for that.
      const again = setInterval(() => ask(), 5);
      ask = () => {
        if (!holds()) return;
        clearInterval(again);
        ask = () => undefined;
        resolve();
      };
      ask();
    });
  };
  await until(() => mirror.isSure);
  return { kernel, mirror, news, until };
}

/** Resolves when the mirror shows what `ip` shows; fails with the difference. */
export async function becomesExact(
  netns: ScratchNetns,
  mirror: KernelMirror,
  until: Mirrored['until'],
): Promise<void> {
  for (let left = COMPARISONS_MAX; left > 0; left -= 1) {
    await until(() => mirror.isSure);
    if (JSON.stringify(mirrorPicture(mirror)) === JSON.stringify(ipPicture(netns))) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(mirrorPicture(mirror)).toEqual(ipPicture(netns));
}
