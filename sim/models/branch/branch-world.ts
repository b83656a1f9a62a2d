/**
 * The cast of a simulated run: one branch, two access gateways with their hubs, the paths between them, the
 * CCN's rules, and a host that sends echoes through all of it.
 */
import type { FastPathFact } from '../../../agent/model/fast-path.ts';

import type { AccessTarget } from '../../../agent/ports.ts';
import { FastPathWiring } from '../../../agent/wiring/fast-path-wiring.ts';
import { GATEWAYS, UPLINKS } from '../../lab/topology.ts';
import { CLEAN_PATH, Network } from '../../world/network.ts';
import type { WorldOptions } from '../../world/options.ts';
import type { World } from '../../world/world.ts';
import { CcnController, HUB_KEY } from '../far-end/ccn-controller.ts';
import { CertificateDesk } from '../far-end/certificate-desk.ts';
import { CloneModel } from '../far-end/clone-model.ts';
import { CloudDesk } from '../far-end/cloud-desk.ts';
import { CommandClerk } from '../far-end/command-clerk.ts';
import { GatewayModel } from '../far-end/gateway-model.ts';
import { GatewayStore } from '../far-end/gateway-store.ts';
import { HubModel } from '../far-end/hub-model.ts';
import { NAME_SERVER, NameServers } from '../far-end/name-servers.ts';
import { ReturnPath } from '../far-end/return-path.ts';
import { EchoFlow } from '../network/echo-flow.ts';
import { TunnelPath } from '../network/network-path.ts';
import { BranchAccess, type BranchAccessOptions } from './branch-access.ts';
import type { BranchIdentity } from './branch-identity.ts';
import { BranchModel, type BranchWatcher } from './branch-model.ts';
import { SITE_TUNNELS } from './branch-site.ts';
import type { AccessRoute } from './sim-access-channel.ts';
import { SimProber } from './sim-prober.ts';

export class BranchWorld {
  readonly world: World;
  readonly network: Network;
  readonly store = new GatewayStore();
  readonly nameServers: NameServers;
  readonly controller: CcnController;
  readonly desk: CloudDesk;
  readonly certificates: CertificateDesk;
  /** Whoever may command the branch. */
  readonly clerk: CommandClerk;
  readonly gateways: readonly GatewayModel[];
  readonly hubs: readonly HubModel[];
  readonly clone: CloneModel;
  readonly branch: BranchModel;
  readonly echoes: EchoFlow;
  readonly #paths = new Map<string, TunnelPath>();
  /** Both ends of a tunnel are busy with each other, and nothing passes. */
  readonly #busyUntilMs = new Map<string, number>();
  /** Of the run of the agent that is, or was the last. */
  #access: BranchAccess | undefined;
  /** The gateway the VPC sends the branch's traffic to: where the branch was last announced. */
  readonly #serving = new ReturnPath(GATEWAYS[0]?.id ?? '');

  constructor(world: World, options: WorldOptions, watcher: BranchWatcher) {
    this.world = world;
    this.network = new Network(world);
    this.nameServers = new NameServers(world);
    this.controller = new CcnController({
      store: this.store,
      onHubTunnels: (tunnels) => {
        for (const hub of this.hubs) hub.expectBranch(tunnels);
      },
    });
    this.desk = new CloudDesk(this.controller);
    this.certificates = new CertificateDesk(world, this.store);
    this.#openDesk(options);
    this.clerk = new CommandClerk(world, this.store);
    this.#layPaths(options);
    const onDisturbed = (): void => this.goOn();
    const pathOf = (tunnel: string): TunnelPath | undefined => this.#paths.get(tunnel);
    this.gateways = GATEWAYS.map(({ id }) => this.#makeGateway(id));
    this.hubs = GATEWAYS.map((gateway) => {
      const makeCore = (run: number): FastPathWiring =>
        new FastPathWiring(world.randomOf(`hub ${gateway.id}${run === 1 ? '' : ` ${run}`}`));
      const onFact = (fact: FastPathFact): void => this.#onHubFact(gateway.id, fact);
      return new HubModel({ world, gateway, makeCore, pathOf, onFact, onDisturbed });
    });
    this.clone = new CloneModel({ world, store: this.store, gateways: this.gateways });
    const access = (identity: BranchIdentity, trustedMs: () => number) =>
      this.#makeAccess({ identity, trustedMs, onNote: watcher.onNote });
    const paths = [...this.#paths.values()];
    const branchEgress = () => this.#pathOf(this.branch.egress());
    const farEgress = () => this.#pathOf(this.hub(this.serving)?.egress());
    const pathOfDevice = (name: string) => this.#pathOf(this.branch.engine.tunnelOf(name));
    const prober = new SimProber({
      world,
      finder: () => this.#access?.finder,
      routeTo: (to) => this.#routeTo(to),
      paths,
      pathOfDevice,
      branchEgress,
      farEgress,
    });
    this.branch = new BranchModel({
      world,
      options,
      access,
      verifyCommand: this.clerk.issuer.verify,
      prober,
      pathOf,
      watcher,
      onDisturbed,
    });
    this.echoes = new EchoFlow({
      world,
      intervalMs: options.echoIntervalMs,
      paths,
      branchEgress,
      farEgress,
    });
  }

  get serving(): string {
    return this.#serving.gateway;
  }

  hub(gateway: string): HubModel | undefined {
    return this.hubs.find((hub) => hub.gateway === gateway);
  }

  gateway(id: string): GatewayModel | undefined {
    return this.gateways.find((gateway) => gateway.id === id);
  }

  /**
   * Holds the time of every fast path and of the echoes: while nothing is broken, what they exchange is the same
   * again and again. The control side lives on; whatever it or the kernel tells a fast path ends the rest.
   */
  rest(): void {
    for (const part of this.#atBeat()) part.hold();
  }

  goOn(): void {
    for (const part of this.#atBeat()) part.release();
  }

  #atBeat(): readonly { hold(): void; release(): void }[] {
    const { fastPath } = this.branch;
    const hubs = this.hubs.map((hub) => hub.fastPath);
    return [...(fastPath === undefined ? [] : [fastPath]), ...hubs, this.echoes];
  }

  /** New session keys for a tunnel: nothing passes it for so long. */
  renewKeys(tunnel: string, gapMs: number): void {
    this.#busyUntilMs.set(tunnel, this.world.nowMs + gapMs);
  }

  /** What the kernel sees of a cable. */
  setCarrier(uplink: string, carrier: boolean): void {
    const { host } = this.branch;
    if (host.kernel.linkNamed(uplink) !== undefined) host.setCarrier(uplink, carrier);
  }

  /** What the board sees of it. */
  setBoardCable(uplink: string, plugged: boolean): void {
    const port = UPLINKS.find(({ id }) => id === uplink)?.port;
    if (port !== undefined) this.branch.board.act({ do: plugged ? 'plug' : 'pull', port });
  }

  /** Whether both ends of a tunnel are set up for each other: then what goes in at one comes out at the other. */
  isJoined(tunnel: string, gateway: string): boolean {
    return this.#calls(tunnel, gateway) && this.hub(gateway)?.expects(tunnel) === true;
  }

  #pathOf(tunnel: string | undefined): TunnelPath | undefined {
    return tunnel === undefined ? undefined : this.#paths.get(tunnel);
  }

  #openDesk({ deskOpensAtMs }: WorldOptions): void {
    if (deskOpensAtMs === 0) return;
    this.certificates.closed = 'busy';
    this.world.at(deskOpensAtMs, 'the desk opens', () => {
      this.certificates.closed = undefined;
    });
  }

  #layPaths(options: WorldOptions): void {
    for (const { id, uplink, gateway } of SITE_TUNNELS) {
      const conditions = options.paths[`${uplink}/${gateway}`] ?? CLEAN_PATH;
      this.#paths.set(
        id,
        new TunnelPath({
          tunnel: id,
          uplink,
          gateway,
          path: this.network.add(uplink, gateway, conditions),
          uplinkCarries: () => this.branch.carries(id),
          isOpen: (end) =>
            this.world.nowMs >= (this.#busyUntilMs.get(id) ?? 0) &&
            (end === 'branch' ? this.#calls(id, gateway) : this.hub(gateway)?.expects(id) === true),
        }),
      );
    }
  }

  /** Whether the branch's end is set up for the hub that is there. */
  #calls(tunnel: string, gateway: string): boolean {
    const spec = this.branch.engine.specOf(tunnel);
    return (
      spec?.remotePublicKey === HUB_KEY && spec.remote.port === this.hub(gateway)?.portOf(tunnel)
    );
  }

  #makeGateway(id: string): GatewayModel {
    return new GatewayModel({
      world: this.world,
      id,
      area: 'Mainland China',
      store: this.store,
      onPublished: (_serialNumber, topic, payload) => {
        this.controller.onPublished(topic, payload);
        this.certificates.hear(topic, payload);
        this.clerk.hear(topic, payload);
      },
    });
  }

  #makeAccess(of: Pick<BranchAccessOptions, 'identity' | 'trustedMs' | 'onNote'>): BranchAccess {
    this.#access = new BranchAccess({
      ...of,
      world: this.world,
      servers: this.nameServers,
      reachesServers: (source) =>
        this.branch.uplinkFor({ destination: NAME_SERVER, ...(source && { source }) }) !==
        undefined,
      routeTo: (to) => this.#routeTo(to),
      isLetIn: () => this.certificates.takes(of.identity.shown),
    });
    return this.#access;
  }

  /** A packet leaves by the device that the branch's own rules give its source address. */
  #routeTo({
    address,
    sourceAddress,
  }: Pick<AccessTarget, 'address' | 'sourceAddress'>): AccessRoute | undefined {
    const packet = { destination: address, ...(sourceAddress && { source: sourceAddress }) };
    const uplink = this.branch.host.egress(packet);
    const id = GATEWAYS.find((each) => each.address === address)?.id;
    if (uplink === undefined || id === undefined) return undefined;
    const gateway = this.gateway(id);
    const path = this.network.path(uplink, id);
    if (gateway === undefined || path === undefined) return undefined;
    const uplinkCarries = (): boolean => this.branch.uplinkFor(packet) === uplink;
    return { gateway, path, uplinkCarries };
  }

  #onHubFact(gateway: string, fact: FastPathFact): void {
    if (fact.type === 'pathAnnounced') this.#serving.hear(gateway, fact.tunnel !== undefined);
  }
}
