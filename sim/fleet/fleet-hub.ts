/**
 * The hub end of one device's tunnels: the shipped fast path in the role of a hub, on a kernel of its own.
 */
import { DEFAULT_POLICY } from '../../agent/model/fast-path.ts';
import { FastPathWiring } from '../../agent/wiring/fast-path-wiring.ts';
import type { HubTunnel } from '../live/cloud-desired.ts';
import { FastPathBody } from '../models/branch/fast-path-body.ts';
import { KernelHost } from '../models/kernel/kernel-host.ts';
import { TABLE_MAIN } from '../models/kernel/kernel-state.ts';
import type { TunnelPath } from '../models/network/network-path.ts';
import type { World } from '../world/world.ts';

export class FleetHub {
  readonly #host: KernelHost;
  readonly #body: FastPathBody;
  #tunnels: readonly HubTunnel[] = [];
  #revision = 0;

  constructor(world: World, name: string, pathOf: (tunnel: string) => TunnelPath | undefined) {
    this.#host = new KernelHost(world, name);
    this.#host.addDevice({ name: 'wan0', addresses: ['10.91.11.2/24'] });
    this.#body = new FastPathBody({
      world,
      name,
      core: new FastPathWiring(world.randomOf(name)),
      kernel: this.#host.open(),
      end: 'hub',
      pathOf,
      onFact: () => undefined,
    });
  }

  expects(tunnel: string): boolean {
    return this.#tunnels.some((each) => each.tunnelId === tunnel);
  }

  /** Exactly these tunnels end here from now on. */
  expect(tunnels: readonly HubTunnel[]): void {
    for (const { deviceName } of this.#tunnels) this.#host.removeDevice(deviceName);
    this.#tunnels = tunnels;
    for (const { deviceName: name, innerLocal, innerPrefixLength } of tunnels) {
      const addresses = [`${innerLocal}/${innerPrefixLength}`];
      this.#host.addDevice({ name, kind: 'wireguard', addresses });
    }
    this.#revision += 1;
    this.#body.post({
      type: 'planReceived',
      plan: {
        revision: this.#revision,
        role: 'hub',
        uplinks: [],
        prefixes: tunnels[0]?.branchPrefixes ?? [],
        table: TABLE_MAIN,
        policy: DEFAULT_POLICY,
        tunnels: tunnels.map((tunnel) => ({
          ...tunnel,
          id: tunnel.tunnelId,
          uplink: 'wan0',
          gatewayOrder: 0,
        })),
      },
    });
  }

  stop(): void {
    this.#body.stop();
  }
}
