/**
 * The hub ends of a branch's tunnels on one access gateway: the shipped fast path in the role of a hub, on a
 * kernel of its own.
 */
import type { FastPathFact } from '../../agent/model/fast-path.ts';
import { DEFAULT_POLICY } from '../../agent/model/fast-path.ts';
import type { FastPathEffect, FastPathEvent } from '../../agent/wiring/fast-path-contract.ts';
import type { Core } from '../../firmware-shim/base/core.ts';
import { LAN_HOST, LAN_PREFIX, type LabGateway, VPC_HOST } from '../lab/topology.ts';
import type { World } from '../world/world.ts';
import { BFD, SITE_TUNNELS, type SiteTunnel } from './branch-site.ts';
import { FastPathBody } from './fast-path-body.ts';
import { KernelHost } from './kernel-host.ts';
import { TABLE_MAIN } from './kernel-state.ts';
import type { TunnelPath } from './network-path.ts';

export interface HubModelOptions {
  readonly world: World;
  readonly gateway: LabGateway;
  readonly core: Core<FastPathEvent, FastPathEffect>;
  readonly pathOf: (tunnel: string) => TunnelPath | undefined;
  readonly onFact: (fact: FastPathFact) => void;
}

export class HubModel {
  readonly gateway: string;
  readonly host: KernelHost;
  readonly tunnels: readonly SiteTunnel[];
  readonly #body: FastPathBody;
  #expectsBranch = false;

  constructor({ world, gateway, core, pathOf, onFact }: HubModelOptions) {
    this.gateway = gateway.id;
    this.tunnels = SITE_TUNNELS.filter((tunnel) => tunnel.gateway === gateway.id);
    this.host = new KernelHost(world, gateway.namespace);
    this.host.addDevice({ name: 'wan0', addresses: [`${gateway.address}/24`] });
    this.host.addDevice({ name: 'vpc0', addresses: [`${gateway.vpcAddress}/16`] });
    this.#body = new FastPathBody({
      world,
      name: gateway.namespace,
      core,
      kernel: this.host.open(),
      end: 'hub',
      pathOf,
      onFact,
    });
  }

  get expectsBranch(): boolean {
    return this.#expectsBranch;
  }

  /** The branch's key is known: its tunnels may come. */
  expectBranch(): void {
    if (this.#expectsBranch) return;
    this.#expectsBranch = true;
    for (const { hubDeviceName: name, hubAddress } of this.tunnels) {
      this.host.addDevice({ name, kind: 'wireguard', addresses: [`${hubAddress}/30`] });
    }
    this.#body.post({
      type: 'planReceived',
      plan: {
        revision: 1,
        role: 'hub',
        uplinks: [],
        prefixes: [LAN_PREFIX],
        table: TABLE_MAIN,
        policy: DEFAULT_POLICY,
        tunnels: this.tunnels.map((tunnel) => ({
          id: tunnel.id,
          uplink: 'wan0',
          gateway: this.gateway,
          deviceName: tunnel.hubDeviceName,
          innerLocal: tunnel.hubAddress,
          innerRemote: tunnel.branchAddress,
          bfd: BFD,
          gatewayOrder: tunnel.gatewayOrder,
        })),
      },
    });
  }

  /** The tunnel a packet from the VPC to the branch's LAN host goes into now. */
  egress(): string | undefined {
    const name = this.host.egress({ destination: LAN_HOST, source: VPC_HOST });
    return this.tunnels.find((tunnel) => tunnel.hubDeviceName === name)?.id;
  }
}
