/**
 * The hub ends of a branch's tunnels on one access gateway: the shipped fast path in the role of a hub, on a
 * kernel of its own.
 */
import type { FastPathFact } from '../../../agent/model/fast-path.ts';
import { DEFAULT_POLICY } from '../../../agent/model/fast-path.ts';
import type { FastPathEffect, FastPathEvent } from '../../../agent/wiring/fast-path-contract.ts';
import type { Core } from '../../../firmware-shim/base/core.ts';
import { LAN_HOST, type LabGateway, VPC_HOST } from '../../lab/topology.ts';
import type { HubTunnel } from '../../live/cloud-desired.ts';
import type { World } from '../../world/world.ts';
import { FastPathBody } from '../branch/fast-path-body.ts';
import { KernelHost } from '../kernel/kernel-host.ts';
import { TABLE_MAIN } from '../kernel/kernel-state.ts';
import type { TunnelPath } from '../network/network-path.ts';

export interface HubModelOptions {
  readonly world: World;
  readonly gateway: LabGateway;
  /** Of one run of the hub's process. */
  readonly makeCore: (run: number) => Core<FastPathEvent, FastPathEffect>;
  readonly pathOf: (tunnel: string) => TunnelPath | undefined;
  readonly onFact: (fact: FastPathFact) => void;
  readonly onDisturbed: () => void;
}

export class HubModel {
  readonly gateway: string;
  readonly host: KernelHost;
  readonly #options: HubModelOptions;
  #body: FastPathBody;
  #runs = 0;
  #revision = 0;
  #isRunning = true;
  #tunnels: readonly HubTunnel[] = [];

  constructor(options: HubModelOptions) {
    const { world, gateway } = options;
    this.#options = options;
    this.gateway = gateway.id;
    this.host = new KernelHost(world, gateway.namespace);
    this.host.addDevice({ name: 'wan0', addresses: [`${gateway.address}/24`] });
    this.host.addDevice({ name: 'vpc0', addresses: [`${gateway.vpcAddress}/16`] });
    this.#body = this.#makeBody();
  }

  /** The hub's process ends; what it made in its kernel stays. */
  stop(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#body.stop();
  }

  /** It starts anew, and knows nothing but what it is meant to have ready. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#body = this.#makeBody();
    if (this.#revision > 0) this.#sendPlan();
  }

  #makeBody(): FastPathBody {
    const { world, gateway, makeCore, pathOf, onFact, onDisturbed } = this.#options;
    this.#runs += 1;
    return new FastPathBody({
      world,
      name: gateway.namespace,
      core: makeCore(this.#runs),
      kernel: this.host.open(),
      end: 'hub',
      pathOf,
      onFact,
      onDisturbed,
    });
  }

  get fastPath(): FastPathBody {
    return this.#body;
  }

  /** Whether this end of the tunnel is set up. */
  expects(tunnel: string): boolean {
    return this.#tunnels.some((each) => each.tunnelId === tunnel);
  }

  /** The branch's tunnels may come. */
  expectBranch(tunnels: readonly HubTunnel[]): void {
    const wanted = tunnels.filter((tunnel) => tunnel.gateway === this.gateway);
    const names = wanted.map(({ deviceName }) => deviceName);
    if (names.join() === this.#tunnels.map(({ deviceName }) => deviceName).join()) return;
    for (const { deviceName } of this.#tunnels) {
      if (!names.includes(deviceName)) this.host.removeDevice(deviceName);
    }
    for (const { deviceName: name, innerLocal, innerPrefixLength } of wanted) {
      const addresses = [`${innerLocal}/${innerPrefixLength}`];
      if (this.host.kernel.linkNamed(name) === undefined) {
        this.host.addDevice({ name, kind: 'wireguard', addresses });
      }
    }
    this.#tunnels = wanted;
    this.#revision += 1;
    if (this.#isRunning) this.#sendPlan();
  }

  #sendPlan(): void {
    this.#body.post({
      type: 'planReceived',
      plan: {
        revision: this.#revision,
        role: 'hub',
        uplinks: [],
        prefixes: this.#tunnels[0]?.branchPrefixes ?? [],
        table: TABLE_MAIN,
        policy: DEFAULT_POLICY,
        tunnels: this.#tunnels.map((tunnel) => ({
          ...tunnel,
          id: tunnel.tunnelId,
          uplink: 'wan0',
          gatewayOrder: 0,
        })),
      },
    });
  }

  /** Where the branch calls for this tunnel. */
  portOf(tunnel: string): number | undefined {
    return this.#tunnels.find((each) => each.tunnelId === tunnel)?.listenPort;
  }

  /** The tunnel a packet from the VPC to the branch's LAN host goes into now. */
  egress(): string | undefined {
    const name = this.host.egress({ destination: LAN_HOST, source: VPC_HOST });
    return this.#tunnels.find((tunnel) => tunnel.deviceName === name)?.tunnelId;
  }
}
