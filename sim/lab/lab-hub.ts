/**
 * The hub on one access gateway: the engine's far ends of the branch's tunnels and the shipped fast path in
 * the role of a hub, both at home in the gateway's namespace.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FastPathThread,
  startFastPath,
} from '../../agent/adapters/fast-path/fast-path-worker.ts';
import type { DeviceIdentity } from '../../agent/adapters/ipsec/ipsec-credentials.ts';
import { IpsecEngine } from '../../agent/adapters/ipsec/ipsec-engine.ts';
import { WireGuardEngine } from '../../agent/adapters/wireguard/wireguard-engine.ts';
import type { TunnelEngine } from '../../agent/engine-port.ts';
import { DEFAULT_POLICY, type FastPathFact } from '../../agent/model/fast-path.ts';
import type { EngineKind, TunnelSpec } from '../../agent/model/tunnel.ts';
import { openKernel } from '../../firmware-shim/open-kernel.ts';
import type { Kernel } from '../../firmware-shim/ports.ts';
import type { HubTunnel } from '../live/cloud-desired.ts';
import { LabFailed } from './command.ts';
import { LAB_DIRECTORY } from './network-lab.ts';
import { type LabGateway, netnsPath, UPLINKS } from './topology.ts';

const TABLE_MAIN = 254;
/** Where a branch is first looked for; from its first packet on WireGuard knows better. */
const BRANCH_PORT = 51_820;

export interface LabHubOptions {
  readonly gateway: LabGateway;
  /** Kinds of tunnels that end here. */
  readonly engines: readonly EngineKind[];
  /** What this gateway shows the IPsec branches: the certificate it has for everything. */
  readonly identity: DeviceIdentity;
  /** The branch says that it now uses a tunnel that ends here. */
  readonly onServing: () => void;
  /** No tunnel ends here any more. */
  readonly onClosed: () => Promise<void>;
  readonly onTrouble: (sentence: string) => void;
}

interface HubParts {
  readonly engines: ReadonlyMap<EngineKind, TunnelEngine>;
  readonly kernel: Kernel;
}

/** IKE with NAT traversal (RFC 7296 section 2.23): where one charon ends every tunnel. */
const IPSEC_PORT = 4_500;

export class LabHub {
  readonly gateway: LabGateway;
  readonly publicKey: string;
  readonly #options: LabHubOptions;
  readonly #parts: HubParts;
  #fastPath: FastPathThread | undefined;
  #tunnels: readonly HubTunnel[] = [];
  #revision = 0;
  #working: Promise<void> = Promise.resolve();

  private constructor(options: LabHubOptions, parts: HubParts, publicKey: string) {
    this.gateway = options.gateway;
    this.publicKey = publicKey;
    this.#options = options;
    this.#parts = parts;
  }

  static async open(options: LabHubOptions): Promise<LabHub> {
    const { gateway, engines: kinds, identity } = options;
    const { namespace } = gateway;
    const stateDirectory = join(LAB_DIRECTORY, namespace);
    await mkdir(stateDirectory, { mode: 0o700 });
    const home = { netnsPath: netnsPath(namespace) };
    const kernel = openKernel(home);
    const engines = new Map<EngineKind, TunnelEngine>();
    const common = { ...home, stateDirectory, kernel };
    if (kinds.includes('wireguard')) {
      engines.set('wireguard', await WireGuardEngine.open(common));
    }
    if (kinds.includes('ipsec')) {
      engines.set('ipsec', await IpsecEngine.open({ ...common, identity }));
    }
    const publicKey = (await engines.get('wireguard')?.publicKey()) ?? '';
    const hub = new LabHub(options, { engines, kernel }, publicKey);
    hub.watch();
    return hub;
  }

  /** The one port of all its IPsec tunnels, where the kernel does ESP; else each has its own. */
  get ipsecPort(): number | undefined {
    const inKernel = this.#parts.engines.get('ipsec')?.capabilities().inKernel;
    return inKernel === true ? IPSEC_PORT : undefined;
  }

  /** Makes exactly these tunnels end here, then lets the fast path watch them. */
  async carry(tunnels: readonly HubTunnel[]): Promise<void> {
    this.#working = this.#working
      .then(async () => this.#carry(tunnels))
      .catch((error: unknown) => {
        this.#options.onTrouble(`hub ${this.gateway.id}: ${String(error)}`);
      });
    await this.#working;
  }

  /** Lets the fast path watch the tunnels and follow the branch. */
  watch(): void {
    if (this.#fastPath !== undefined) return;
    this.#fastPath = startFastPath({
      netnsPath: netnsPath(this.gateway.namespace),
      onFact: (fact) => onFact(this.#options, fact),
    });
    if (this.#tunnels.length > 0) this.#plan();
  }

  /** Where the branch's end of a tunnel is, as the engine here saw it last. */
  async branchEndOf(tunnelId: string): Promise<string | undefined> {
    const engine = this.#tunnels.find((tunnel) => tunnel.tunnelId === tunnelId)?.engine;
    const status = engine && (await this.#parts.engines.get(engine)?.status(tunnelId));
    return status?.endpoint;
  }

  /** New session keys for one of its tunnels, where the engine makes them on demand. */
  async rekey(tunnelId: string): Promise<void> {
    const engine = this.#tunnels.find((tunnel) => tunnel.tunnelId === tunnelId)?.engine;
    if (engine !== undefined) await this.#parts.engines.get(engine)?.rekeyNow(tunnelId);
  }

  /** Tunnels and routes stay as they are, and nobody minds them. */
  async lookAway(): Promise<void> {
    const fastPath = this.#fastPath;
    this.#fastPath = undefined;
    await fastPath?.stop();
  }

  async close(): Promise<void> {
    await this.#working;
    await this.lookAway();
    for (const engine of this.#parts.engines.values()) await engine.close('remove');
    this.#parts.kernel.close();
    await this.#options.onClosed();
  }

  async #carry(tunnels: readonly HubTunnel[]): Promise<void> {
    for (const tunnel of tunnels) {
      await this.#parts.engines.get(tunnel.engine)?.ensure(specOf(tunnel));
    }
    this.#tunnels = tunnels;
    this.#plan();
  }

  #plan(): void {
    const tunnels = this.#tunnels;
    this.#revision += 1;
    this.#fastPath?.order({
      type: 'planReceived',
      plan: {
        revision: this.#revision,
        role: 'hub',
        uplinks: [],
        tunnels: tunnels.map((tunnel) => ({
          id: tunnel.tunnelId,
          uplink: tunnel.uplink,
          gateway: tunnel.gateway,
          deviceName: tunnel.deviceName,
          innerLocal: tunnel.innerLocal,
          innerRemote: tunnel.innerRemote,
          bfd: tunnel.bfd,
          gatewayOrder: 0,
        })),
        prefixes: [...new Set(tunnels.flatMap((tunnel) => tunnel.branchPrefixes))],
        table: TABLE_MAIN,
        policy: DEFAULT_POLICY,
      },
    });
  }
}

function onFact({ onServing }: LabHubOptions, fact: FastPathFact): void {
  if (fact.type === 'pathAnnounced' && fact.tunnel !== undefined) onServing();
}

function specOf(tunnel: HubTunnel): TunnelSpec {
  const { tunnelId, uplink, gateway, deviceName, listenPort, remotePublicKey, mtu } = tunnel;
  const { engine, ipsec, innerLocal, innerRemote, innerPrefixLength } = tunnel;
  const { nextRemotePublicKey } = tunnel;
  const address = UPLINKS.find(({ id }) => id === uplink)?.address;
  if (address === undefined) throw new LabFailed(`the branch has no uplink ${uplink}`);
  return {
    id: tunnelId,
    engine,
    uplink,
    gateway,
    deviceName,
    listenPort,
    fwmark: 0,
    remote: { address, port: BRANCH_PORT },
    remotePublicKey,
    ...(nextRemotePublicKey !== undefined && { nextRemotePublicKey }),
    ...(ipsec === undefined ? {} : { ipsec: { ...ipsec, role: 'responder' } }),
    innerLocal,
    innerRemote,
    innerPrefixLength,
    mtu,
  };
}
