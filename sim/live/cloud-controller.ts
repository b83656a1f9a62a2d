/**
 * The CCN controller: turns bindings and births into desired documents and hub tunnels.
 *
 * A device's document is computed again whenever it is born or a binding changes, and published, with the
 * next revision, only if it differs. Death changes nothing: what carries traffic keeps carrying it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Birth } from '../../agent/access/payloads.ts';
import type { DesiredDocument } from '../../agent/model/desired.ts';
import type { CloudNetwork } from '../ccn/cloud-network.ts';
import {
  type CloudDevice,
  type CloudHub,
  type CloudView,
  desiredFor,
  type HubTunnel,
  hubTunnelsFor,
  SLOTS_MAX,
  type TunnelSettings,
} from './cloud-desired.ts';

export interface CcnControllerOptions {
  readonly network: CloudNetwork;
  readonly hubs: readonly CloudHub[];
  readonly settings: TunnelSettings;
  /** Publishes the document, retained, through every gateway. */
  readonly publish: (serialNumber: string, document: DesiredDocument) => void;
  /** All tunnels that shall end on this gateway, whenever that set changes. */
  readonly onHubTunnels?: (gateway: string, tunnels: readonly HubTunnel[]) => void;
}

interface Known extends CloudDevice {
  document: DesiredDocument | undefined;
}

export class CcnController {
  readonly #options: CcnControllerOptions;
  readonly #devices = new Map<string, Known>();
  readonly #slots = new Map<string, number>();
  readonly #hubTunnels = new Map<string, readonly HubTunnel[]>();

  constructor(options: CcnControllerOptions) {
    this.#options = options;
  }

  /** A device was born on a gateway. False when no SAG of that serial number and area was bought. */
  onBirth(birth: Birth): boolean {
    const { serialNumber } = birth;
    const sag = this.#options.network.sag(serialNumber);
    const slot = this.#slots.get(serialNumber) ?? this.#slots.size;
    if (sag === undefined || sag.area !== birth.area || slot >= SLOTS_MAX) return false;
    this.#slots.set(serialNumber, slot);
    const document = this.#devices.get(serialNumber)?.document;
    const device = { birth, slot, document };
    this.#devices.set(serialNumber, device);
    this.#refreshDevice(device);
    this.#refreshHubs();
    return true;
  }

  /** Changes bindings through `change` and lets every device and hub know what follows from it. */
  change<Result>(change: (network: CloudNetwork) => Result): Result {
    const result = change(this.#options.network);
    for (const device of this.#devices.values()) this.#refreshDevice(device);
    this.#refreshHubs();
    return result;
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
    return this.#hubTunnels.get(gateway) ?? [];
  }

  #refreshDevice(device: Known): void {
    const revision = device.document?.revision ?? 0;
    const wanted = desiredFor(this.#view(), device, revision);
    if (isDeepStrictEqual(wanted, device.document)) return;
    device.document = { ...wanted, revision: revision + 1 };
    this.#options.publish(device.birth.serialNumber, device.document);
  }

  #refreshHubs(): void {
    const view = this.#view();
    const all = [...this.#devices.values()].flatMap((device) => hubTunnelsFor(view, device));
    for (const { gateway } of this.#options.hubs) {
      const tunnels = all.filter((tunnel) => tunnel.gateway === gateway);
      if (isDeepStrictEqual(tunnels, this.hubTunnelsOf(gateway))) continue;
      this.#hubTunnels.set(gateway, tunnels);
      this.#options.onHubTunnels?.(gateway, tunnels);
    }
  }

  #view(): CloudView {
    const { network, hubs, settings } = this.#options;
    return { network, hubs, settings };
  }
}
