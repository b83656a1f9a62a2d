/**
 * The door to the kernel's network stack.
 *
 * Throws an `Error` with an errno name as `code`: ENOENT when there is no such namespace, EPERM when we may
 * not enter it, ENATIVE_MISSING when the addon was never built.
 */
import { KernelNetlink, type KernelNetlinkOptions } from './adapters/kernel-netlink.ts';

export function openKernel(options: KernelNetlinkOptions = {}): KernelNetlink {
  return new KernelNetlink(options);
}
