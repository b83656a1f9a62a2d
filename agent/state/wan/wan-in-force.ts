/**
 * What the WAN settings in force come to: what clients were given, what devices have, and who must be told when that
 * becomes different. A part of the set-up, split off by concern: that decides which setting is in force.
 */
import { nothing } from '../../../firmware-shim/base/core.ts';
import type { KernelChange } from '../../../firmware-shim/kernel/types.ts';
import type { AgentConfig } from '../../model/config.ts';
import { DeviceView } from '../../model/device-view.ts';
import type { UplinkId } from '../../model/uplink.ts';
import type {
  WanAddress,
  WanFound,
  WanLease,
  WanPath,
  WanSetting,
  WanSnapshot,
} from '../../model/wan.ts';
import type { WanEffect } from './wan-events.ts';
import {
  nameServersOf,
  type WanState,
  type WanStates,
  wanClients,
  wanLines,
  wanShown,
  wantedAddress,
} from './wan-lines.ts';

/** What is wanted of an uplink. */
export type WanWish = (uplink: UplinkId) => {
  readonly setting: WanSetting | undefined;
  readonly found: WanFound | undefined;
};

export class WanInForce {
  readonly #uplinks: AgentConfig['uplinks'];
  readonly #wish: WanWish;
  readonly #devices = new DeviceView();
  readonly #leases = new Map<UplinkId, WanLease | 'lost'>();
  readonly #troubles = new Map<UplinkId, string>();
  #told = { lines: '[]', orders: '[[],[]]' };

  constructor({ uplinks }: Pick<AgentConfig, 'uplinks'>, wish: WanWish) {
    this.#uplinks = uplinks;
    this.#wish = wish;
  }

  kernelChanged(events: readonly KernelChange[]): void {
    this.#devices.apply(events);
  }

  /** True when that is new. */
  troubled(uplink: UplinkId, because: string): boolean {
    const isNew = this.#troubles.get(uplink) !== because;
    this.#troubles.set(uplink, because);
    return isNew;
  }

  troubleOf(uplink: UplinkId): string | undefined {
    return this.#troubles.get(uplink);
  }

  /** True when that is new. What was given before a client began stays until a server has spoken. */
  leased(uplink: UplinkId, lease: WanLease | undefined): boolean {
    const former = this.#leases.get(uplink);
    if (lease === undefined && former === undefined) return false;
    this.#leases.set(uplink, lease ?? 'lost');
    if (lease !== undefined) this.#troubles.delete(uplink);
    return JSON.stringify(lease ?? 'lost') !== JSON.stringify(former);
  }

  /** What another client was given or complained of says nothing any more; one that goes on has said it for good. */
  changed(uplink: UplinkId, from: WanSetting | undefined, to: WanSetting | undefined): void {
    if (from?.ipType === 'DHCP' && to?.ipType === 'DHCP') return;
    this.#leases.delete(uplink);
    this.#troubles.delete(uplink);
  }

  /** The uplink has the address that was set or given. */
  isAddressed(uplink: UplinkId): boolean {
    return this.pathsOver([uplink]).length > 0;
  }

  /** Over those of them that have the address that was set or given. */
  pathsOver(uplinks: readonly UplinkId[]): readonly WanPath[] {
    return uplinks.flatMap((uplink) => {
      const sourceAddress = this.#addressOf(uplink);
      return sourceAddress === undefined ? [] : [{ uplink, sourceAddress }];
    });
  }

  #addressOf(uplink: UplinkId): string | undefined {
    const wanted = wantedAddress(this.#stateOf(uplink));
    const line = wanLines(this.#uplinks, this.#states).find((each) => each.uplink === uplink);
    const link = this.#devices.linkByName(line?.deviceName ?? line?.cable ?? '');
    if (link?.carrier !== true) return undefined;
    return this.#devices.usableAddress(link.index) === wanted ? wanted : undefined;
  }

  addressesOf(uplink: UplinkId): readonly WanAddress[] {
    const device = this.#uplinks.find(({ id }) => id === uplink)?.deviceName ?? '';
    const link = this.#devices.linkByName(device);
    const addresses = link === undefined ? [] : this.#devices.ownAddresses(link.index);
    return addresses.map(({ address, prefixLength }) => ({ address, prefixLength }));
  }

  /** Lines and clients, where they have become others since they were told last. */
  tell(): readonly WanEffect[] {
    const lines = wanLines(this.#uplinks, this.#states);
    const clients = wanClients(this.#uplinks, this.#states);
    const nameServers = this.#uplinks.flatMap(({ id }) => nameServersOf(this.#stateOf(id)));
    const former = this.#told;
    this.#told = {
      lines: JSON.stringify(lines),
      orders: JSON.stringify([clients, nameServers]),
    };
    return [
      ...(this.#told.lines === former.lines ? nothing : [{ type: 'wanChanged', lines } as const]),
      ...(this.#told.orders === former.orders
        ? nothing
        : [{ type: 'orderWan', clients, nameServers } as const]),
    ];
  }

  shown(): WanSnapshot['uplinks'] {
    return this.#uplinks
      .filter(({ kind }) => kind !== 'lte')
      .map(({ id }) => wanShown(id, this.#stateOf(id)));
  }

  readonly #states: WanStates = (uplink) => this.#stateOf(uplink);

  #stateOf(uplink: UplinkId): WanState {
    const lease = this.#leases.get(uplink);
    return { ...this.#wish(uplink), lease, trouble: this.#troubles.get(uplink) };
  }
}
