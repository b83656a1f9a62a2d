/**
 * A whole branch: the shipped wiring of both threads, on a simulated appliance.
 *
 * Kernel, engine, disk and board are the appliance and outlive the agent; `start` and `crash` are the life
 * of the agent's process. What one thread says reaches the other through a mailbox.
 */
import type { FastPathFact, FastPathOrder } from '../../../agent/model/fast-path.ts';
import type { Note } from '../../../agent/model/note.ts';
import type { AgentSnapshot, FastPathSnapshot } from '../../../agent/model/snapshot.ts';
import type { CommandVerifier, EchoProber, PathProber } from '../../../agent/ports.ts';
import type { ControlEffect } from '../../../agent/wiring/control-events.ts';
import { ControlWiring } from '../../../agent/wiring/control-wiring.ts';
import { FastPathWiring } from '../../../agent/wiring/fast-path-wiring.ts';
import type { SeededRandom } from '../../../firmware-shim/base/random.ts';
import type { Board } from '../../../firmware-shim/ports.ts';
import { LAN_HOST, UPLINKS, VPC_HOST } from '../../lab/topology.ts';
import type { WorldOptions } from '../../world/options.ts';
import type { World } from '../../world/world.ts';
import { MemoryStore } from '../disk/memory-store.ts';
import { KernelHost } from '../kernel/kernel-host.ts';
import type { PacketPath } from '../kernel/kernel-lookup.ts';
import { Mailbox } from '../mailbox.ts';
import type { TunnelPath } from '../network/network-path.ts';
import type { BranchAccess } from './branch-access.ts';
import { BranchBoard } from './branch-board.ts';
import { BranchDevices } from './branch-devices.ts';
import { BranchEngine } from './branch-engine.ts';
import { BranchIdentity } from './branch-identity.ts';
import { AGENT_VERSION, PUBLIC_KEY, SERIAL_NUMBER, SITE_CONFIG } from './branch-site.ts';
import { BranchStarts } from './branch-starts.ts';
import { ControlBody } from './control-body.ts';
import { FastPathBody } from './fast-path-body.ts';

/** What whoever watches the branch is told. */
export interface BranchWatcher {
  readonly onNote: (note: Note) => void;
  readonly onFact: (fact: FastPathFact) => void;
  /** Everything the control thread is about to do. */
  readonly onEffect: (effect: ControlEffect) => void;
  /** A record is on the branch's disk. */
  readonly onKept: (shelf: string, key: string) => void;
  /** The agent's process starts: it knows nothing yet. */
  readonly onStarted: () => void;
}

export interface BranchModelOptions {
  readonly world: World;
  readonly options: WorldOptions;
  /** Of one run of the agent, which judges gateways by this time. */
  readonly access: (identity: BranchIdentity, trustedMs: () => number) => BranchAccess;
  readonly verifyCommand: CommandVerifier;
  readonly prober: PathProber & EchoProber;
  readonly pathOf: (tunnel: string) => TunnelPath | undefined;
  readonly watcher: BranchWatcher;
  readonly onDisturbed: () => void;
}

/** The two threads of one run of the agent. */
interface Agent {
  readonly access: BranchAccess;
  readonly controlCore: ControlWiring;
  readonly fastPathCore: FastPathWiring;
  readonly control: ControlBody;
  readonly fastPath: FastPathBody;
  readonly board: Board;
  readonly mailboxes: readonly { close(): void }[];
}

/** Of a cut between two steps of a file. */
const POWER_BACK_MS = 700;
/** `RestartSec` of the unit. */
const RESTART_MS = 1_000;

export class BranchModel {
  readonly host: KernelHost;
  readonly devices: BranchDevices;
  readonly engine: BranchEngine;
  readonly store: MemoryStore;
  readonly board: BranchBoard;
  readonly identity: BranchIdentity;
  readonly starts: BranchStarts;
  readonly #parts: BranchModelOptions;
  #agent: Agent | undefined;
  readonly #random: SeededRandom;
  #starts = 0;
  /** Of the machine. */
  #boots = 1;

  constructor(parts: BranchModelOptions) {
    const { world, options } = parts;
    this.#parts = parts;
    this.#random = world.randomOf('power');
    this.host = new KernelHost(world, 'branch');
    this.devices = new BranchDevices(this.host);
    this.engine = new BranchEngine(world, this.host, options.engineMs);
    this.store = new MemoryStore(world, options.storeMs, parts.watcher.onKept);
    this.starts = new BranchStarts(this.store, parts.verifyCommand);
    this.identity = new BranchIdentity({
      world,
      certificateAgeDays: options.certificateAgeDays,
      onPowerCut: () => world.after(0, 'power is gone', () => this.#powerGone()),
    });
    this.board = new BranchBoard({
      world,
      serialNumber: SERIAL_NUMBER,
      noisePpm: options.serialNoisePpm,
    });
  }

  /** Starts the agent's process; nothing happens while it runs. */
  start(): void {
    if (this.#agent !== undefined) return;
    const { world, options, watcher } = this.#parts;
    this.#starts += 1;
    this.#parts.onDisturbed();
    watcher.onStarted();
    const random = world.randomOf(`agent ${this.#starts}`);
    const controlCore = new ControlWiring({
      config: SITE_CONFIG,
      bootId: this.bootId,
      machineBootId: `machine-${this.#boots}`,
      inventory: { serialNumber: SERIAL_NUMBER, agentVersion: AGENT_VERSION, host: {} },
      publicKey: PUBLIC_KEY,
      random: random.fork('control'),
      wall: world.wall,
      identity: this.identity.facts(),
    });
    const fastPathCore = new FastPathWiring(random.fork('fast path'));
    const hopMs = options.threadHopMs;
    const orders = new Mailbox<FastPathOrder>({
      world,
      why: 'order',
      hopMs,
      deliver: (order) => fastPath.post(order),
    });
    const facts = new Mailbox<FastPathFact>({
      world,
      why: 'fact',
      hopMs,
      deliver: (fact) => control.post(fact),
    });
    const trustedMs = (): number => controlCore.identity.trustedMs(world.nowMs);
    const access = this.#parts.access(this.identity, trustedMs);
    const control = new ControlBody(world, controlCore, {
      board: () => this.#agent?.board,
      channels: access.channels,
      life: { starts: this.starts, onEnded: () => this.#restart() },
      prober: this.#parts.prober,
      store: this.store,
      engine: this.engine,
      kernel: this.host.open(),
      identity: this.identity,
      orderFastPath: (order) => orders.post(order),
      onNote: watcher.onNote,
      onEffect: watcher.onEffect,
    });
    const fastPath = this.#makeFastPath(fastPathCore, (fact) => facts.post(fact));
    const board = this.board.connect({
      onEvent: (event) => control.post(event),
      onNote: watcher.onNote,
    });
    const mailboxes = [orders, facts];
    this.#agent = { access, controlCore, fastPathCore, control, fastPath, board, mailboxes };
    world.after(options.storeMs, 'store restored', () => this.#restore(control));
  }

  #restore(control: ControlBody): void {
    this.store.reopen(this.#random);
    const restored = this.starts.restore();
    if (restored === undefined) this.#restart();
    else control.post(restored);
  }

  #restart(): void {
    this.crash();
    this.#parts.world.after(RESTART_MS, 'restart', () => this.start());
  }

  #makeFastPath(core: FastPathWiring, post: (fact: FastPathFact) => void): FastPathBody {
    const { world, pathOf, watcher, onDisturbed } = this.#parts;
    return new FastPathBody({
      world,
      name: 'branch fast path',
      core,
      kernel: this.host.open(),
      end: 'branch',
      pathOf,
      onFact: (fact) => {
        watcher.onFact(fact);
        post(fact);
      },
      onDisturbed,
    });
  }

  /** The box is without power for a moment: only its disk and its cables are as they were. */
  cutPower(): void {
    this.crash();
    this.#boots += 1;
    this.store.cutPower(this.#random);
    this.identity.cutPower(this.#random);
    this.engine.forget();
    this.devices.reboot();
    this.board.act({ do: 'reboot' });
  }

  /** It comes back by itself. */
  #powerGone(): void {
    this.cutPower();
    this.#parts.world.after(POWER_BACK_MS, 'power is back', () => this.start());
  }

  /** The agent's process dies without a word. Tunnels and routes stay. */
  crash(): void {
    const agent = this.#agent;
    if (agent === undefined) return;
    this.#agent = undefined;
    agent.control.stop();
    agent.access.stop();
    agent.fastPath.stop();
    agent.board.close();
    this.board.line.host.close();
    for (const mailbox of agent.mailboxes) mailbox.close();
  }

  /** Its process is to die between two effects of the control thread. */
  killAfter(effects: number, onDead: () => void): void {
    this.#agent?.control.killAfter(effects, onDead);
  }

  /** It lives on after all. */
  spare(): void {
    this.#agent?.control.spare();
  }

  /** One of the agent's threads does nothing for so long. */
  stall(thread: 'control' | 'fast path', forMs: number): void {
    if (thread === 'control') this.#agent?.control.stall(forMs);
    else this.#agent?.fastPath.stall(forMs);
  }

  get fastPath(): FastPathBody | undefined {
    return this.#agent?.fastPath;
  }

  /** Of this run of the agent, or of the last. */
  get bootId(): string {
    return `boot-${this.#starts}`;
  }

  get running(): boolean {
    return this.#agent !== undefined;
  }

  snapshot(): AgentSnapshot | undefined {
    return this.#agent?.controlCore.snapshot(this.#parts.world.nowMs);
  }

  fastPathSnapshot(): FastPathSnapshot | undefined {
    return this.#agent?.fastPathCore.snapshot(this.#parts.world.nowMs);
  }

  /** The tunnel a packet from the LAN host to the VPC host goes into now. */
  egress(): string | undefined {
    const name = this.host.egress({ destination: VPC_HOST, source: LAN_HOST });
    return this.engine.tunnelOf(name);
  }

  /** Whether the tunnel exists here and its own packets leave by its uplink, cable and all. */
  carries(tunnel: string): boolean {
    const spec = this.engine.specOf(tunnel);
    if (spec === undefined) return false;
    return (
      this.uplinkFor({ destination: spec.remote.address, fwmark: spec.fwmark }) === spec.uplink
    );
  }

  /** The uplink a packet leaves by, handed to a next hop that is there. */
  uplinkFor(packet: PacketPath): string | undefined {
    const hop = this.host.hop(packet);
    const uplink = UPLINKS.find(({ id }) => id === hop?.deviceName);
    if (uplink === undefined || hop?.gateway !== uplink.gateway) return undefined;
    return this.host.carries(uplink.id) ? uplink.id : undefined;
  }
}
