/**
 * Tunnels by WireGuard: the kernel's where it has it, `wireguard-go` otherwise, both configured through `wg`.
 *
 * One device per tunnel. What a former run left is adopted. A `wireguard-go` that dies takes its device along;
 * that is told as `engineLost` and it is started again, ever more slowly.
 */
import { unlink } from 'node:fs/promises';
import { Backoff } from '../../firmware-shim/base/backoff.ts';
import type { Kernel } from '../../firmware-shim/ports.ts';
import type { TunnelId, TunnelSpec } from '../model/tunnel.ts';
import {
  type EngineCapabilities,
  type EngineEvent,
  EngineRefused,
  type EngineTunnelStatus,
  type TunnelEngine,
} from '../ports.ts';
import { runCommand } from './engine-command.ts';
import { EngineDevices } from './engine-devices.ts';
import { WireGuardDaemon } from './wireguard-daemon.ts';
import { loadWireGuardKey, type WireGuardKey } from './wireguard-key.ts';
import { WireGuardRegister } from './wireguard-register.ts';
import { checkSpec, WireGuardTool } from './wireguard-tool.ts';

export interface WireGuardOptions {
  /** Holds the private key and the list of our devices; mode 0700. */
  readonly stateDirectory: string;
  /** Of the namespace the tunnels live in. */
  readonly kernel: Kernel;
  readonly netnsPath?: string;
  /** Base name of the key file; `tunnel` when absent. */
  readonly keyName?: string;
}

/** Starting takes 12 ms, a busy machine some hundred. */
const READY_MS_MAX = 5_000;
/** A device we adopted belongs to no child of ours, so its absence is looked for. */
const ADOPTED_LOOK_MS = 1_000;
/** The first restart is quick, because nothing flows without it; a daemon that keeps dying gets patience. */
const RESTART = { floorMs: 50, baseMs: 200, ceilingMs: 30_000 } as const;
/** After living this long a daemon counts as healthy again. */
const STABLE_MS = 60_000;

/** What we know of one tunnel that was ensured in this run. */
interface Held {
  spec: TunnelSpec;
  daemon: WireGuardDaemon | undefined;
  readonly backoff: Backoff;
  timer: NodeJS.Timeout | undefined;
}

export class WireGuardEngine implements TunnelEngine {
  readonly #options: WireGuardOptions;
  readonly #inKernel: boolean;
  readonly #key: WireGuardKey;
  readonly #register: WireGuardRegister;
  readonly #devices: EngineDevices;
  readonly #tool: WireGuardTool;
  readonly #held = new Map<TunnelId, Held>();
  readonly #listeners: ((event: EngineEvent) => void)[] = [];
  /** One thing at a time: two `ensure` of one device would race for it. */
  #working: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(
    options: WireGuardOptions,
    inKernel: boolean,
    key: WireGuardKey,
    register: WireGuardRegister,
  ) {
    this.#options = options;
    this.#inKernel = inKernel;
    this.#key = key;
    this.#register = register;
    this.#devices = new EngineDevices(options.kernel);
    this.#tool = new WireGuardTool(options.netnsPath);
  }

  /** Finds out what this machine can do; rejects with `EENGINE_MISSING` and what to install. */
  static async open(options: WireGuardOptions): Promise<WireGuardEngine> {
    const { stateDirectory, kernel, keyName = 'tunnel' } = options;
    await requireProgram('wg', 'wireguard-tools');
    const inKernel = await new EngineDevices(kernel).hasWireGuard();
    if (!inKernel) await requireProgram('wireguard-go', 'wireguard-go');
    const key = await loadWireGuardKey(stateDirectory, keyName);
    const register = await WireGuardRegister.load(stateDirectory);
    return new WireGuardEngine(options, inKernel, key, register);
  }

  capabilities(): EngineCapabilities {
    return { kind: 'wireguard', inKernel: this.#inKernel, reportsDown: !this.#inKernel };
  }

  publicKey(): Promise<string> {
    return Promise.resolve(this.#key.publicKey);
  }

  ensure(spec: TunnelSpec): Promise<void> {
    return this.#inTurn(async () => this.#ensure(spec));
  }

  async status(id: TunnelId): Promise<EngineTunnelStatus | undefined> {
    const deviceName = this.#register.deviceOf(id);
    const device = deviceName === undefined ? undefined : await this.#tool.read(deviceName);
    if (deviceName === undefined || device === undefined) return undefined;
    const peer = device.peers[0];
    const handshakeS = peer?.latestHandshakeS ?? 0;
    return {
      id,
      deviceName,
      ...(handshakeS === 0 ? {} : { lastHandshakeWallMs: handshakeS * 1_000 }),
      rxBytes: peer?.rxBytes ?? 0,
      txBytes: peer?.txBytes ?? 0,
    };
  }

  async list(): Promise<readonly EngineTunnelStatus[]> {
    const all = await Promise.all(
      this.#register.entries().map(({ tunnel }) => this.status(tunnel)),
    );
    return all.filter((each) => each !== undefined);
  }

  remove(id: TunnelId): Promise<void> {
    return this.#inTurn(async () => this.#remove(id));
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#listeners.push(listener);
  }

  close(tunnels: 'keep' | 'remove'): Promise<void> {
    return this.#inTurn(async () => {
      this.#closed = true;
      for (const [id, held] of this.#held) {
        clearTimeout(held.timer);
        held.daemon?.leave();
        if (tunnels === 'remove') await this.#remove(id);
      }
      this.#held.clear();
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#working.then(work);
    this.#working = result.catch(() => undefined);
    return result;
  }

  async #ensure(spec: TunnelSpec): Promise<void> {
    checkSpec(spec);
    const held = this.#hold(spec);
    clearTimeout(held.timer);
    const { deviceName } = spec;
    const before = this.#register.deviceOf(spec.id);
    if (before !== undefined && before !== deviceName) await this.#removeDevice(before);
    await this.#register.put(deviceName, spec.id);
    if ((await this.#tool.read(deviceName)) === undefined) await this.#create(held);
    await this.#tool.configure(spec, this.#key.file, this.#key.publicKey);
    await this.#devices.furnish(spec);
    this.#lookAfter(held);
  }

  #hold(spec: TunnelSpec): Held {
    const held = this.#held.get(spec.id);
    if (held !== undefined) {
      held.spec = spec;
      return held;
    }
    const random = { next: Math.random, u32: () => Math.floor(Math.random() * 2 ** 32) };
    const backoff = new Backoff(RESTART, random);
    const fresh: Held = { spec, daemon: undefined, backoff, timer: undefined };
    this.#held.set(spec.id, fresh);
    return fresh;
  }

  async #create(held: Held): Promise<void> {
    const { deviceName } = held.spec;
    if (this.#inKernel) {
      const details = { kind: 'wireguard' } as const;
      await this.#devices.perform({ op: 'linkAdd', name: deviceName, details });
      return;
    }
    const startedAtMs = performance.now();
    const daemon = WireGuardDaemon.start(deviceName, this.#options.netnsPath, (why) => {
      if (performance.now() - startedAtMs > STABLE_MS) held.backoff.reset();
      this.#lost(held, why);
    });
    held.daemon = daemon;
    const isReady = async (): Promise<boolean> => (await this.#tool.read(deviceName)) !== undefined;
    await daemon.ready(isReady, READY_MS_MAX).catch(async (error: unknown) => {
      await daemon.stop();
      throw error;
    });
  }

  /** A daemon of a former run is nobody's child: its device is looked for now and then. */
  #lookAfter(held: Held): void {
    const own = held.daemon !== undefined && held.daemon.ended === undefined;
    if (this.#inKernel || own || this.#closed) return;
    clearTimeout(held.timer);
    held.timer = setTimeout(() => {
      void this.#inTurn(async () => {
        if (this.#closed || this.#held.get(held.spec.id) !== held) return;
        const there = await this.#tool.read(held.spec.deviceName);
        if (there === undefined) this.#lost(held, 'wireguard-go of a former run is gone');
        else this.#lookAfter(held);
      });
    }, ADOPTED_LOOK_MS).unref();
  }

  #lost(held: Held, why: string): void {
    if (this.#closed || this.#held.get(held.spec.id) !== held) return;
    held.daemon = undefined;
    this.#tell({ type: 'engineLost', tunnel: held.spec.id, why });
    this.#restartLater(held);
  }

  #restartLater(held: Held): void {
    clearTimeout(held.timer);
    held.timer = setTimeout(() => {
      if (this.#closed || this.#held.get(held.spec.id) !== held) return;
      this.ensure(held.spec).catch(() => this.#restartLater(held));
    }, held.backoff.nextDelayMs()).unref();
  }

  async #remove(id: TunnelId): Promise<void> {
    const held = this.#held.get(id);
    this.#held.delete(id);
    clearTimeout(held?.timer);
    const deviceName = this.#register.deviceOf(id) ?? held?.spec.deviceName;
    await held?.daemon?.stop();
    if (deviceName !== undefined) await this.#removeDevice(deviceName);
  }

  /** Without its device and its socket a `wireguard-go` of a former run ends by itself. */
  async #removeDevice(deviceName: string): Promise<void> {
    if (!this.#inKernel)
      await unlink(`/var/run/wireguard/${deviceName}.sock`).catch(() => undefined);
    await this.#devices.delete(deviceName);
    await this.#register.remove(deviceName);
  }

  #tell(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

async function requireProgram(program: string, debianPackage: string): Promise<void> {
  const result = await runCommand([program, '--version']);
  if (result.code !== 'ENOENT') return;
  throw new EngineRefused(
    'EENGINE_MISSING',
    `${program} is not installed: apt-get install ${debianPackage}`,
  );
}
