/**
 * Devices by index and epoch: an index may be given to another device, an epoch never.
 *
 * Whoever holds on to a device holds a binding. A rename leaves it valid; deletion ends it for good, also
 * when a new device gets the same index or name.
 */
import type { KernelLink } from './types.ts';

export interface DeviceBinding {
  readonly index: number;
  readonly epoch: number;
}

interface Entry {
  readonly epoch: number;
  link: KernelLink;
}

export class DeviceBook {
  readonly #entries = new Map<number, Entry>();
  #epoch = 0;

  /** The kernel told of this device, unbroken since its last news. */
  seen(link: KernelLink): void {
    const entry = this.#entries.get(link.index);
    if (entry !== undefined) entry.link = link;
    else {
      this.#epoch += 1;
      this.#entries.set(link.index, { epoch: this.#epoch, link });
    }
  }

  gone(index: number): void {
    this.#entries.delete(index);
  }

  /**
   * The devices as they are after a gap nobody saw. One that kept index, kind, name and hardware address is
   * the same; any difference may be another device, and a binding lost for nothing is only made again.
   */
  seenAnew(links: readonly KernelLink[]): void {
    const present = new Map(links.map((link) => [link.index, link]));
    for (const [index, { link }] of this.#entries) {
      const now = present.get(index);
      if (now === undefined || !mayBeSame(link, now)) this.#entries.delete(index);
    }
    for (const link of links) this.seen(link);
  }

  /** Binds to the device of this name, if there is one now. */
  bind(name: string): DeviceBinding | undefined {
    for (const [index, { epoch, link }] of this.#entries) {
      if (link.name === name) return { index, epoch };
    }
    return undefined;
  }

  bindIndex(index: number): DeviceBinding | undefined {
    const entry = this.#entries.get(index);
    return entry && { index, epoch: entry.epoch };
  }

  /** The bound device as it is now; undefined once it is gone, whatever has its index. */
  link(binding: DeviceBinding): KernelLink | undefined {
    const entry = this.#entries.get(binding.index);
    return entry?.epoch === binding.epoch ? entry.link : undefined;
  }
}

function mayBeSame(a: KernelLink, b: KernelLink): boolean {
  return a.name === b.name && a.kind === b.kind && a.hardwareAddress === b.hardwareAddress;
}
