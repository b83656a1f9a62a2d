/**
 * The whole cloud side in one call: the access gateways of a CCN area and the controller that joins them to
 * the bindings.
 *
 * Every gateway shares one event store; each has every desired document retained, so a device finds its
 * document wherever it registers, also on a gateway that was restarted.
 */
import type { CcnArea } from '../../agent/model/area.ts';
import type { NetworkDoor } from '../ccn/network-door.ts';
import { CcnController, type OnHubTunnels } from './cloud-controller.ts';
import type { CloudHub, TunnelSettings } from './cloud-desired.ts';
import { type AccessGateway, startAccessGateway } from './gateway/access-gateway.ts';
import type { AccessGatewayListener } from './gateway/device-messages.ts';
import type { EventStore } from './gateway/event-store.ts';
import type { GatewayLimits } from './gateway/limits.ts';
import type { ListenAt, TlsMaterial } from './gateway/listen-tls.ts';

export interface CloudGatewayOptions {
  readonly id: string;
  readonly tls: TlsMaterial;
  readonly listen: ListenAt;
  readonly hub: Omit<CloudHub, 'gateway'>;
}

export interface CloudOptions {
  readonly door: NetworkDoor;
  readonly area: CcnArea;
  readonly tenant: string;
  /** In order of nearness. */
  readonly gateways: readonly CloudGatewayOptions[];
  readonly store: EventStore;
  readonly settings: TunnelSettings;
  readonly limits?: Partial<GatewayLimits>;
  /** Hears every gateway, after the controller did. */
  readonly on?: (gateway: string) => AccessGatewayListener;
  readonly onHubTunnels?: OnHubTunnels;
}

export interface Cloud {
  readonly controller: CcnController;
  gateway(id: string): AccessGateway | undefined;
  /** Stops one gateway as a crash or an upgrade would, and starts it again at `listen`. */
  stopGateway(id: string): Promise<void>;
  startGateway(id: string, listen?: ListenAt): Promise<AccessGateway>;
  close(): Promise<void>;
}

export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const running = new Map<string, AccessGateway>();
  const controller = new CcnController({
    door: options.door,
    hubs: options.gateways.map(({ id, hub }) => ({ ...hub, gateway: id })),
    settings: options.settings,
    publish: (serialNumber, document) => {
      for (const gateway of running.values()) gateway.publishDesired(serialNumber, document);
    },
    ...(options.onHubTunnels === undefined ? {} : { onHubTunnels: options.onHubTunnels }),
  });

  async function startGateway(id: string, listen?: ListenAt): Promise<AccessGateway> {
    const chosen = options.gateways.find((gateway) => gateway.id === id);
    if (chosen === undefined) throw new Error(`there is no gateway ${id}`);
    const { area, tenant, store, limits } = options;
    const on = joined(controller, options.on?.(id) ?? {});
    const at = listen ?? chosen.listen;
    const common = { id, area, tenant, store, tls: chosen.tls, listen: at, on };
    const gateway = await startAccessGateway(limits === undefined ? common : { ...common, limits });
    running.set(id, gateway);
    for (const [serialNumber, document] of controller.documents()) {
      gateway.publishDesired(serialNumber, document);
    }
    return gateway;
  }

  async function stopGateway(id: string): Promise<void> {
    const gateway = running.get(id);
    running.delete(id);
    await gateway?.close();
  }

  for (const { id } of options.gateways) await startGateway(id);
  return {
    controller,
    gateway: (id) => running.get(id),
    startGateway,
    stopGateway,
    close: async () => {
      await Promise.all([...running.keys()].map((id) => stopGateway(id)));
    },
  };
}

function joined(controller: CcnController, listener: AccessGatewayListener): AccessGatewayListener {
  return {
    ...listener,
    onBirth: (birth) => {
      controller.onBirth(birth);
      listener.onBirth?.(birth);
    },
    onReported: (serialNumber, reported) => {
      controller.onReported(serialNumber, reported);
      listener.onReported?.(serialNumber, reported);
    },
    onRoutes: (serialNumber, message) => {
      controller.onRoutes(serialNumber, message);
      listener.onRoutes?.(serialNumber, message);
    },
  };
}
