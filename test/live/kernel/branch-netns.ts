/**
 * A scratch namespace with a kernel opened in it, anew for each test of a file.
 */
import { afterEach, beforeEach, expect } from 'vitest';
import type { KernelNetlink } from '../../../firmware-shim/adapters/kernel-netlink.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import { type AwaitedKernel, awaitedKernel } from '../../kit/awaited-kernel.ts';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';

export interface BranchNetns {
  readonly netns: ScratchNetns;
  readonly opened: KernelNetlink;
  readonly kernel: AwaitedKernel;
  /** What `ip -N -j <words>` says: numbers, as their names differ from machine to machine. */
  readonly ipJson: (...words: readonly string[]) => Record<string, unknown>[];
  /** A veth device that is up, with the address; its far end is up in the same namespace. */
  readonly makeWan: (name: string, address: string) => Promise<number>;
}

/** Registers the making and removing with the file's hooks; call the result inside a test. */
export function branchNetnsPerTest(): () => BranchNetns {
  const missing = netnsMissing();
  let made: BranchNetns | undefined;
  beforeEach((ctx) => {
    if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
    made = make();
  });
  afterEach(() => {
    made?.opened.close();
    made?.netns.remove();
    made = undefined;
  });
  return () => {
    if (made === undefined) throw new Error('only within a test');
    return made;
  };
}

function make(): BranchNetns {
  const netns = scratchNetns();
  netns.ip('link', 'set', 'lo', 'up');
  const opened = openKernel({ netnsPath: netns.path });
  const kernel = awaitedKernel(opened);
  return {
    netns,
    opened,
    kernel,
    ipJson: (...words) =>
      JSON.parse(netns.ip('-N', '-j', ...words).trim() || '[]') as Record<string, unknown>[],
    makeWan: async (name, address) => makeWan(kernel, name, address),
  };
}

async function makeWan(kernel: AwaitedKernel, name: string, address: string): Promise<number> {
  const details = { kind: 'veth', peerName: `${name}far` } as const;
  expect(await kernel.perform({ op: 'linkAdd', name, mtu: 1400, details })).toBe('ok');
  const index = await kernel.indexOf(name);
  const far = await kernel.indexOf(`${name}far`);
  expect(await kernel.perform({ op: 'linkSet', index: far, adminUp: true })).toBe('ok');
  expect(await kernel.perform({ op: 'linkSet', index, adminUp: true })).toBe('ok');
  const wanted = { deviceIndex: index, family: 'ipv4', address, prefixLength: 24 } as const;
  expect(await kernel.perform({ op: 'addressReplace', address: wanted })).toBe('ok');
  return index;
}
