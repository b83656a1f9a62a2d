/**
 * The CCN controller: turns bindings and births into desired documents and hub tunnels.
 *
 * A device's document is computed again whenever it is born or a binding changes, and published, with the
 * next revision, only if it differs. Hubs come first: a branch whose first handshake finds nobody waits five
 * seconds before the next. Death changes nothing: what carries traffic keeps carrying it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Birth, Reported, RoutesMessage } from '../../agent/access/payloads.ts';
import type { DesiredDocument } from '../../agent/model/desired.ts';
import type { CloudNetwork } from '../ccn/cloud-network.ts';
import type { NetworkDoor } from '../ccn/network-door.ts';
import type { Outcome } from '../ccn/outcome.ts';
import {
  type CloudDevice,
  type CloudHub,
  type CloudView,
  type DeviceOrders,
  desiredFor,
  engineOf,
  type HubTunnel,
  hubTunnelsFor,
  SLOTS_MAX,
  type TunnelSettings,
} from './cloud-desired.ts';
import { type DeviceKeys, keysAfter } from './device-keys.ts';

export interface CcnControllerOptions {
  readonly door: NetworkDoor;
  readonly hubs: readonly CloudHub[];
  readonly settings: TunnelSettings;
  /** Publishes the document, retained, through every gateway. */
  readonly publish: (serialNumber: string, document: DesiredDocument) => void;
  /** All tunnels that shall end on this gateway, whenever that set changes; a promise holds back the documents. */
  readonly onHubTunnels?: OnHubTunnels;
}

export type OnHubTunnels = (gateway: string, tunnels: readonly HubTunnel[]) => Promise<void> | void;

interface Known extends CloudDevice {
  keys: DeviceKeys;
  published: readonly string[] | undefined;
  orders: DeviceOrders | undefined;
  document: DesiredDocument | undefined;
  hubTunnels: readonly HubTunnel[];
}

export class CcnController {
  readonly #options: CcnControllerOptions;
  readonly #devices = new Map<string, Known>();
  #settings: TunnelSettings;
  readonly #orders = new Map<string, DeviceOrders>();
  readonly #slots = new Map<string, number>();

  constructor(options: CcnControllerOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  /** A device was born on a gateway. False when no SAG of that serial number and area was bought. */
  onBirth(birth: Birth): boolean {
    const { serialNumber } = birth;
    const sag = this.#options.door.network.sag(serialNumber);
    const slot = this.#slots.get(serialNumber) ?? this.#slots.size;
    if (sag === undefined || sag.area !== birth.area || slot >= SLOTS_MAX) return false;
    this.#slots.set(serialNumber, slot);
    const known = this.#devices.get(serialNumber);
    const { document, hubTunnels = [], birth: former, published } = known ?? {};
    // A device without its tunnel engine has no key to show: what was made for it stays as it is.
    const tunnelPublicKey = birth.tunnelPublicKey || (former?.tunnelPublicKey ?? '');
    if (tunnelPublicKey === '' && this.#needsKey(birth)) return true;
    // Another key at birth is another device in the same case: what the former one told is void.
    const isSame = former === undefined || former.tunnelPublicKey === tunnelPublicKey;
    const keys: DeviceKeys = (isSame ? known?.keys : undefined) ?? new Map();
    const orders = this.#orders.get(serialNumber);
    const said = { published, orders, keys, birth: { ...birth, tunnelPublicKey } };
    const device = { ...said, slot, document, hubTunnels };
    this.#devices.set(serialNumber, device);
    this.#refresh([device]);
    return true;
  }

  /** What it says of its key pairs is accepted by its hubs before it is told so. */
  onReported(serialNumber: string, reported: Reported): void {
    const device = this.#devices.get(serialNumber);
    if (device === undefined) return;
    const keys = keysAfter(device.keys, reported);
    if (keys === device.keys) return;
    device.keys = keys;
    this.#refresh([device]);
  }

  /** What the device wants to be reached at; kept as long as it says nothing else. */
  onRoutes(serialNumber: string, { routes }: RoutesMessage): void {
    const device = this.#devices.get(serialNumber);
    if (device === undefined) return;
    const local = routes.filter(({ sourceType }) => sourceType === 'local');
    device.published = local.flatMap(({ published, cidr }) =>
      published === 'publish' ? cidr : [],
    );
    this.#refresh([device]);
  }

  /** What an operator has set for one device besides its bindings. */
  order(serialNumber: string, orders: DeviceOrders): void {
    this.#orders.set(serialNumber, { ...this.#orders.get(serialNumber), ...orders });
    const device = this.#devices.get(serialNumber);
    if (device === undefined) return;
    device.orders = this.#orders.get(serialNumber);
    this.#refresh([device]);
  }

  /** Changes bindings through `change` and lets every device and hub know what follows from it. */
  change<Result extends Outcome<unknown>>(operations: (network: CloudNetwork) => Result): Result {
    const result = this.#options.door.change(operations);
    this.bindingsChanged();
    return result;
  }

  /** Somebody else changed bindings behind the same door: every device and hub shall know what follows. */
  bindingsChanged(): void {
    this.#refresh([...this.#devices.values()]);
  }

  /** Changes what holds for every tunnel, in the same way. */
  settle(change: (settings: TunnelSettings) => TunnelSettings): void {
    this.#settings = change(this.#settings);
    this.#refresh([...this.#devices.values()]);
  }

  documentOf(serialNumber: string): DesiredDocument | undefined {
    return this.#devices.get(serialNumber)?.document;
  }

  /** The documents in force, for a gateway that starts with nothing retained. */
  documents(): ReadonlyMap<string, DesiredDocument> {
    const documents = new Map<string, DesiredDocument>();
    for (const [serialNumber, { document }] of this.#devices) {
      if (document !== undefined) documents.set(serialNumber, document);
    }
    return documents;
  }

  hubTunnelsOf(gateway: string): readonly HubTunnel[] {
    return [...this.#devices.values()].flatMap(({ hubTunnels }) =>
      hubTunnels.filter((tunnel) => tunnel.gateway === gateway),
    );
  }

  #needsKey({ uplinks }: Birth): boolean {
    return uplinks.some(({ id }) => engineOf(this.#settings, id) === 'wireguard');
  }

  #refresh(devices: readonly Known[]): void {
    const view = this.#view();
    const outdated = devices.filter((device) => refreshDocument(device, view));
    const moved = devices.filter((device) => refreshHubTunnels(device, view));
    const preparing = moved.length === 0 ? [] : this.#prepareHubs();
    const publish = (): void => {
      for (const { birth, document } of outdated)
        if (document !== undefined) this.#options.publish(birth.serialNumber, document);
    };
    // A hub that fails to prepare must not keep the branch from its other hub.
    if (preparing.length === 0) publish();
    else void Promise.allSettled(preparing).then(publish);
  }

  #prepareHubs(): readonly Promise<void>[] {
    const { hubs, onHubTunnels } = this.#options;
    return hubs.flatMap(({ gateway }) => {
      const preparing = onHubTunnels?.(gateway, this.hubTunnelsOf(gateway));
      return preparing === undefined ? [] : [preparing];
    });
  }

  #view(): CloudView {
    const { door, hubs } = this.#options;
    return { network: door.network, hubs, settings: this.#settings };
  }
}

/** True when the document differs from the one before. */
function refreshDocument(device: Known, view: CloudView): boolean {
  const revision = device.document?.revision ?? 0;
  const wanted = desiredFor(view, device, revision);
  if (isDeepStrictEqual(wanted, device.document)) return false;
  device.document = { ...wanted, revision: revision + 1 };
  return true;
}

function refreshHubTunnels(device: Known, view: CloudView): boolean {
  const tunnels = hubTunnelsFor(view, device);
  if (isDeepStrictEqual(tunnels, device.hubTunnels)) return false;
  device.hubTunnels = tunnels;
  return true;
}
