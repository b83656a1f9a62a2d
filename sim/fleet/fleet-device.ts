/**
 * One device of a fleet: the shipped wiring of both threads on a simulated appliance, with a real connection
 * to the access gateway.
 *
 * Board, kernel, engine and disk are simulated; the MQTT channel is the agent's own, with a certificate of
 * its own. The hub ends of its tunnels live here too, so that its tunnels come up and fail over.
 */
import type { MqttChannelOptions } from '../../agent/adapters/access/mqtt-channel.ts';
import { readRestored } from '../../agent/contract/restored.ts';
import type { AgentConfig } from '../../agent/model/config.ts';
import type { FastPathFact, FastPathOrder } from '../../agent/model/fast-path.ts';
import type { Note } from '../../agent/model/note.ts';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';
import { ControlWiring } from '../../agent/wiring/control-wiring.ts';
import { FastPathWiring } from '../../agent/wiring/fast-path-wiring.ts';
import type { Board } from '../../firmware-shim/ports.ts';
import { UPLINKS } from '../lab/topology.ts';
import type { HubTunnel } from '../live/cloud-desired.ts';
import { BranchBoard } from '../models/branch/branch-board.ts';
import { BranchEngine } from '../models/branch/branch-engine.ts';
import { ControlBody } from '../models/branch/control-body.ts';
import { FastPathBody } from '../models/branch/fast-path-body.ts';
import { MemoryStore } from '../models/disk/memory-store.ts';
import { KernelHost } from '../models/kernel/kernel-host.ts';
import { Mailbox } from '../models/mailbox.ts';
import { TunnelPath } from '../models/network/network-path.ts';
import { CLEAN_PATH, NetworkPath } from '../world/network.ts';
import type { World } from '../world/world.ts';
import { FleetHub } from './fleet-hub.ts';
import { FLEET_GATEWAY, type FleetMember } from './fleet-site.ts';
import { LoopbackChannel } from './loopback-channel.ts';
import type { PacedWorld } from './paced-world.ts';

/** How long the appliance's parts take; ordinary figures of an appliance at rest. */
const ENGINE_MS = 20;
const STORE_MS = 1;
const THREAD_HOP_MS = 0.1;
/** Any 32 bytes: nothing is encrypted inside the simulated tunnels. */
const PUBLIC_KEY = `${'B'.repeat(42)}A=`;

export interface FleetDeviceOptions {
  readonly paced: PacedWorld;
  readonly member: FleetMember;
  readonly config: AgentConfig;
  readonly channel: MqttChannelOptions;
  readonly onNote: (note: Note) => void;
}

export class FleetDevice {
  readonly serialNumber: string;
  readonly #world: World;
  readonly #host: KernelHost;
  readonly #engine: BranchEngine;
  readonly #board: BranchBoard;
  readonly #hub: FleetHub;
  readonly #paths: ReadonlyMap<string, TunnelPath>;
  readonly #core: ControlWiring;
  readonly #control: ControlBody;
  readonly #fastPath: FastPathBody;
  readonly #line: Board;

  constructor({ paced, member, config, channel, onNote }: FleetDeviceOptions) {
    const { world } = paced;
    const { serialNumber } = member;
    const random = world.randomOf(serialNumber);
    this.serialNumber = serialNumber;
    this.#world = world;
    this.#host = applianceKernel(world, member);
    this.#engine = new BranchEngine(world, this.#host, ENGINE_MS);
    this.#board = new BranchBoard({ world, serialNumber, noisePpm: 0 });
    const pathOf = (tunnel: string): TunnelPath | undefined => this.#paths.get(tunnel);
    this.#hub = new FleetHub(world, `hub of ${serialNumber}`, pathOf);
    this.#paths = this.#layPaths();
    this.#core = new ControlWiring({
      config,
      bootId: `${serialNumber}-boot-${world.seed}`,
      inventory: { serialNumber, agentVersion: 'fleet', host: {} },
      publicKey: PUBLIC_KEY,
      random: random.fork('control'),
      wall: { wallMs: () => Date.now() },
    });
    const store = new MemoryStore(world, STORE_MS);
    const ours = () => new LoopbackChannel(channel, () => paced.catchUp());
    const orders = this.#mailbox<FastPathOrder>('order', (order) => this.#fastPath.post(order));
    const facts = this.#mailbox<FastPathFact>('fact', (fact) => this.#control.post(fact));
    this.#control = new ControlBody(world, this.#core, {
      board: () => this.#line,
      channels: [ours(), ours()],
      // One gateway and no target: there is nothing to measure.
      prober: {
        probe: (_target, onAnswer) =>
          void world.after(0, 'no probe', () => onAnswer({ ok: false, because: 'not measured' })),
        // Its documents hold no health check.
        echo: () => undefined,
      },
      store,
      engine: this.#engine,
      kernel: this.#host.open(),
      orderFastPath: (order) => orders.post(order),
      onNote,
    });
    this.#fastPath = new FastPathBody({
      world,
      name: `${serialNumber} fast path`,
      core: new FastPathWiring(random.fork('fast path')),
      kernel: this.#host.open(),
      end: 'branch',
      pathOf,
      onFact: (fact) => facts.post(fact),
    });
    this.#line = this.#board.connect({ onEvent: (event) => this.#control.post(event), onNote });
    world.after(STORE_MS, 'store restored', () =>
      this.#control.post(readRestored((shelf) => store.load(shelf))),
    );
  }

  snapshot(): AgentSnapshot {
    return this.#core.snapshot(this.#world.nowMs);
  }

  /** The hub ends that the cloud wants for this device. */
  expectTunnels(tunnels: readonly HubTunnel[]): void {
    this.#hub.expect(tunnels);
  }

  /** Pulls or plugs the cable of an uplink, at the board and at the kernel. */
  setCable(uplink: string, plugged: boolean): void {
    const port = UPLINKS.find(({ id }) => id === uplink)?.port;
    if (port !== undefined) this.#board.act({ do: plugged ? 'plug' : 'pull', port });
    this.#host.setCarrier(uplink, plugged);
  }

  /** Asks the agent to say goodbye and end. */
  leave(): void {
    this.#control.post({ type: 'stopRequested' });
  }

  /** The appliance is switched off. */
  stop(): void {
    this.#control.stop();
    this.#fastPath.stop();
    this.#hub.stop();
    this.#line.close();
  }

  #mailbox<Message>(why: string, deliver: (message: Message) => void): Mailbox<Message> {
    return new Mailbox({ world: this.#world, why, hopMs: THREAD_HOP_MS, deliver });
  }

  #layPaths(): ReadonlyMap<string, TunnelPath> {
    const gateway = FLEET_GATEWAY;
    const paths = UPLINKS.map(({ id: uplink }) => {
      const tunnel = `${uplink}-${gateway}`;
      return new TunnelPath({
        tunnel,
        uplink,
        gateway,
        path: new NetworkPath(this.#world, `${this.serialNumber} ${tunnel}`, CLEAN_PATH),
        uplinkCarries: () => this.#carries(tunnel),
        isOpen: (end) => end === 'branch' || this.#hub.expects(tunnel),
      });
    });
    return new Map(paths.map((path) => [path.tunnel, path]));
  }

  /** Whether the tunnel exists and its own packets leave by its uplink's device, cable and all. */
  #carries(tunnel: string): boolean {
    const spec = this.#engine.specOf(tunnel);
    if (spec === undefined) return false;
    const packet = { destination: spec.remote.address, fwmark: spec.fwmark };
    return this.#host.egress(packet) === spec.uplink && this.#host.carries(spec.uplink);
  }
}

function applianceKernel(world: World, { serialNumber, lanAddress }: FleetMember): KernelHost {
  const host = new KernelHost(world, serialNumber);
  host.addDevice({ name: 'lan0', addresses: [lanAddress] });
  for (const { id, gateway } of UPLINKS) {
    host.addDevice({ name: id, addresses: [gateway.replace(/1$/, '2/24')] });
  }
  return host;
}
