/**
 * The kernel's devices and their addresses, as far as events have told: a mirror each core keeps for itself.
 *
 * After an overrun the old picture stays in force until the fresh one has arrived, so that a lost event
 * never looks like a lost cable.
 */
import { parsePrefix, prefixContains } from '../../firmware-shim/kernel/prefix.ts';
import type { KernelAddress, KernelEvent, KernelLink } from '../../firmware-shim/kernel/types.ts';

export class DeviceView {
  readonly #links = new Map<number, KernelLink>();
  readonly #addresses = new Map<string, KernelAddress>();
  #observed = false;

  /** False until the kernel has said anything: nothing is known then, not even that a device is missing. */
  get observed(): boolean {
    return this.#observed;
  }

  apply(events: readonly KernelEvent[]): void {
    const freshFrom = events.findLastIndex((event) => event.type === 'overrun') + 1;
    if (freshFrom > 0 && freshFrom < events.length) {
      this.#links.clear();
      this.#addresses.clear();
    }
    for (const event of events.slice(freshFrom)) this.#applyOne(event);
    this.#observed ||= freshFrom < events.length;
  }

  linkByName(name: string): KernelLink | undefined {
    for (const link of this.#links.values()) if (link.name === name) return link;
    return undefined;
  }

  linkByIndex(index: number): KernelLink | undefined {
    return this.#links.get(index);
  }

  /** The first address that can reach beyond the link, IPv4 first. */
  usableAddress(deviceIndex: number): string | undefined {
    const usable = this.addressesOf(deviceIndex).filter((each) => !isLinkLocal(each.address));
    return (usable.find((each) => each.family === 'ipv4') ?? usable[0])?.address;
  }

  addressesOf(deviceIndex: number): readonly KernelAddress[] {
    return [...this.#addresses.values()].filter((each) => each.deviceIndex === deviceIndex);
  }

  /** The device that is up and whose network holds the address. */
  linkTowards(address: string): KernelLink | undefined {
    const wanted = parsePrefix(address);
    if (wanted === undefined) return undefined;
    const on = [...this.#addresses.values()].find((each) => {
      const own = parsePrefix(`${each.address}/${each.prefixLength}`);
      return own !== undefined && prefixContains(own, wanted) && this.#isUp(each.deviceIndex);
    });
    return on && this.#links.get(on.deviceIndex);
  }

  /** Its IPv4 addresses, in the order they came, without those that prove no attachment. */
  ownAddresses(deviceIndex: number): readonly KernelAddress[] {
    return [...this.#addresses.values()].filter(
      (each) =>
        each.deviceIndex === deviceIndex && each.family === 'ipv4' && !isLinkLocal(each.address),
    );
  }

  hasAddress(deviceIndex: number, address: string): boolean {
    return this.addressesOf(deviceIndex).some((each) => each.address === address);
  }

  #isUp(deviceIndex: number): boolean {
    return this.#links.get(deviceIndex)?.adminUp === true;
  }

  #applyOne(event: KernelEvent): void {
    if (event.type === 'linkChanged') this.#links.set(event.link.index, event.link);
    else if (event.type === 'linkRemoved') this.#forget(event.index);
    else if (event.type === 'addressAdded') {
      this.#addresses.set(addressKey(event.address), event.address);
    } else if (event.type === 'addressRemoved') this.#addresses.delete(addressKey(event.address));
  }

  #forget(index: number): void {
    this.#links.delete(index);
    for (const [key, address] of this.#addresses) {
      if (address.deviceIndex === index) this.#addresses.delete(key);
    }
  }
}

function addressKey(address: KernelAddress): string {
  return `${address.deviceIndex} ${address.address}/${address.prefixLength}`;
}

/** 169.254.0.0/16 (RFC 3927) and fe80::/10: such an address proves no attachment to a network. */
function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab]/i.test(address);
}
