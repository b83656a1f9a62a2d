/**
 * Tunnels by WireGuard: the kernel's where it has it, `wireguard-go` otherwise, both configured through `wg`.
 *
 * One device per tunnel. What a former run left is adopted. A `wireguard-go` that dies takes its device along;
 * that is told as `engineLost` and it is started again, ever more slowly.
 */
import type { Kernel } from '../../../firmware-shim/ports.ts';
import type {
  EngineCapabilities,
  EngineEvent,
  RotationStage,
  TunnelEndpoints,
  TunnelEngine,
} from '../../engine-port.ts';
import type { EngineTunnelStatus } from '../../model/engine-status.ts';
import type { EngineNote } from '../../model/notes/engine-note.ts';
import type { TunnelId, TunnelSpec } from '../../model/tunnel.ts';
import { requireProgram } from '../engine/engine-command.ts';
import { EngineDevices } from '../engine/engine-devices.ts';
import { EngineRegister } from '../engine/engine-register.ts';
import { EngineTurns } from '../engine/engine-turns.ts';
import { EngineVoice } from '../engine/engine-voice.ts';
import { HeldTunnels } from '../engine/held-tunnels.ts';
import { startWireGuardGo } from './wireguard-daemon.ts';
import { endSession, shakeHands } from './wireguard-handshake.ts';
import { loadWireGuardKey, type WireGuardKey } from './wireguard-key.ts';
import { holdEndpoint } from './wireguard-move.ts';
import { WireGuardRotation } from './wireguard-rotation.ts';
import { removeSocket } from './wireguard-socket.ts';
import { carrierOf, checkSpec, statusOf, WireGuardTool } from './wireguard-tool.ts';
import { WireGuardTunnel } from './wireguard-tunnel.ts';

export interface WireGuardOptions {
  /** Holds the private key and the list of our devices; mode 0700. */
  readonly stateDirectory: string;
  /** Of the namespace the tunnels live in. */
  readonly kernel: Kernel;
  readonly netnsPath?: string;
  /** Base name of the key file of the whole device; `tunnel` when absent. */
  readonly keyName?: string;
}

/** Starting takes 12 ms, a busy machine some hundred. */
const READY_MS_MAX = 5_000;
const REGISTER_FILE = 'wireguard-tunnels.json';
const DEVICE_KEY = 'tunnel';
/** As long as another engine may take for it. */
const REKEY_MS_MAX = 10_000;

export class WireGuardEngine implements TunnelEngine {
  readonly #options: WireGuardOptions;
  readonly #inKernel: boolean;
  readonly #key: WireGuardKey;
  readonly #register: EngineRegister;
  readonly #devices: EngineDevices;
  readonly #tool: WireGuardTool;
  readonly #held: HeldTunnels<WireGuardTunnel>;
  readonly #rotation: WireGuardRotation;
  readonly #voice = new EngineVoice();
  readonly #turns = new EngineTurns();

  private constructor(
    options: WireGuardOptions,
    inKernel: boolean,
    key: WireGuardKey,
    register: EngineRegister,
  ) {
    this.#options = options;
    this.#inKernel = inKernel;
    this.#key = key;
    this.#register = register;
    this.#devices = new EngineDevices(options.kernel);
    this.#tool = new WireGuardTool(options.netnsPath, inKernel);
    this.#held = new HeldTunnels(
      this.#voice,
      (spec) => new WireGuardTunnel(spec, this.#tool),
      async (tunnel) => this.#again(tunnel),
    );
    const { stateDirectory, keyName = DEVICE_KEY } = options;
    this.#rotation = new WireGuardRotation(stateDirectory, keyName, register, this.#tool);
  }

  /** Finds out what this machine can do; rejects with `EENGINE_MISSING` and what to install. */
  static async open(options: WireGuardOptions): Promise<WireGuardEngine> {
    const { stateDirectory, kernel, keyName = DEVICE_KEY } = options;
    await requireProgram('wg', 'wireguard-tools');
    const inKernel = await new EngineDevices(kernel).hasWireGuard();
    if (!inKernel) await requireProgram('wireguard-go', 'wireguard-go');
    const key = await loadWireGuardKey(stateDirectory, keyName);
    const register = await EngineRegister.load(stateDirectory, REGISTER_FILE);
    return new WireGuardEngine(options, inKernel, key, register);
  }

  capabilities(): EngineCapabilities {
    return {
      kind: 'wireguard',
      inKernel: this.#inKernel,
      reportsDown: !this.#inKernel,
      rekeysOnDemand: true,
      identities: ['own-key'],
    };
  }

  async publicKey(): Promise<string> {
    return this.#key.publicKey;
  }

  ensure(spec: TunnelSpec): Promise<void> {
    return this.#turns.run(async () => this.#ensure(spec));
  }

  async initiate(id: TunnelId, waitMs: number): Promise<void> {
    const { spec } = this.#held.known(id);
    await shakeHands(this.#tool, spec.deviceName, await this.#remoteKey(spec), waitMs);
  }

  setEndpoint(id: TunnelId, { remote }: TunnelEndpoints): Promise<void> {
    return this.#turns.run(async () => {
      const { spec } = this.#held.known(id);
      // Where our own address went WireGuard finds by itself: it asks the routing for each packet.
      if (remote === undefined) return;
      const moved = { ...spec, remote };
      await this.#ensure(moved);
      await holdEndpoint(this.#tool, moved, await this.#remoteKey(moved));
    });
  }

  rotateIdentity(id: TunnelId, stage: RotationStage): Promise<string | undefined> {
    return this.#turns.run(async () => {
      const { spec } = this.#held.known(id);
      const shown = await this.#rotation.advance(spec, stage);
      if (stage.stage === 'switch' || stage.stage === 'back') await this.#callNow(spec);
      this.#voice.note({ code: 'identityStage', level: 'notice', tunnel: id, stage: stage.stage });
      return shown;
    });
  }

  async rekeyNow(id: TunnelId): Promise<void> {
    const { spec } = this.#held.known(id);
    const peerKey = await this.#remoteKey(spec);
    await this.#turns.run(async () => endSession(this.#tool, spec.deviceName, peerKey));
    await shakeHands(this.#tool, spec.deviceName, peerKey, REKEY_MS_MAX);
  }

  async status(id: TunnelId): Promise<EngineTunnelStatus | undefined> {
    const deviceName = this.#register.deviceOf(id);
    const device = deviceName === undefined ? undefined : await this.#tool.read(deviceName);
    if (deviceName === undefined || device === undefined) return undefined;
    return statusOf(id, deviceName, device);
  }

  async list(): Promise<readonly EngineTunnelStatus[]> {
    const all = await Promise.all(
      this.#register.entries().map(({ entry }) => this.status(entry.tunnel)),
    );
    return all.filter((each) => each !== undefined);
  }

  remove(id: TunnelId): Promise<void> {
    return this.#turns.run(async () => this.#remove(id));
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#voice.onEvent(listener);
  }

  onNote(listener: (note: EngineNote) => void): void {
    this.#voice.onNote(listener);
  }

  close(tunnels: 'keep' | 'remove'): Promise<void> {
    return this.#turns.run(async () => {
      for (const tunnel of this.#held.letAllGo()) {
        if (tunnels === 'remove') await this.#remove(tunnel.spec.id, tunnel);
        else tunnel.daemon?.leave();
      }
    });
  }

  async #ensure(spec: TunnelSpec): Promise<void> {
    checkSpec(spec);
    const isFirst = this.#held.get(spec.id) === undefined;
    const tunnel = this.#held.hold(spec);
    tunnel.lookNoMore();
    const { deviceName } = spec;
    const before = this.#register.deviceOf(spec.id);
    if (before !== undefined && before !== deviceName) await this.#removeDevice(before);
    if (isFirst) await this.#rotation.settle(spec);
    const entry = this.#register.entryOf(deviceName);
    await this.#register.put(deviceName, { ...entry, tunnel: spec.id });
    const is = (await this.#tool.read(deviceName)) === undefined ? 'new' : 'found';
    if (is === 'new') await this.#create(tunnel);
    const { file, publicKey } = await this.#rotation.shownKey(spec);
    await this.#tool.configure(spec, file, publicKey);
    await this.#devices.furnish(spec, is);
    tunnel.follower.follow(spec);
    this.#lookAfter(tunnel);
  }

  /** Another key needs another handshake; the next packet would bring it about, this one does so at once. */
  async #callNow(spec: TunnelSpec): Promise<void> {
    const peerKey = await this.#remoteKey(spec);
    await shakeHands(this.#tool, spec.deviceName, peerKey, 0).catch(() => undefined);
  }

  /** The key the far end shows now. */
  async #remoteKey(spec: TunnelSpec): Promise<string> {
    return carrierOf(spec, await this.#tool.read(spec.deviceName));
  }

  async #create(tunnel: WireGuardTunnel): Promise<void> {
    const { deviceName } = tunnel.spec;
    if (this.#inKernel) {
      const details = { kind: 'wireguard' } as const;
      await this.#devices.perform({ op: 'linkAdd', name: deviceName, details });
      return;
    }
    const daemon = startWireGuardGo(deviceName, this.#options.netnsPath, (why) => {
      this.#lost(tunnel, why);
    });
    this.#held.born(tunnel);
    tunnel.daemon = daemon;
    const isReady = async (): Promise<boolean> => (await this.#tool.read(deviceName)) !== undefined;
    await daemon.ready(isReady, READY_MS_MAX).catch(async (error: unknown) => {
      await daemon.stop();
      throw error;
    });
  }

  /** A daemon of a former run is nobody's child: its device is looked for now and then. */
  #lookAfter(tunnel: WireGuardTunnel): void {
    const own = tunnel.daemon !== undefined && tunnel.daemon.ended === undefined;
    if (this.#inKernel || own) return;
    tunnel.lookLater(() => {
      void this.#turns.run(async () => {
        if (!this.#held.has(tunnel)) return;
        const there = await this.#tool.read(tunnel.spec.deviceName);
        if (there === undefined) this.#lost(tunnel, 'wireguard-go of a former run is gone');
        else this.#lookAfter(tunnel);
      });
    });
  }

  #lost(tunnel: WireGuardTunnel, why: string): void {
    if (!this.#held.has(tunnel)) return;
    tunnel.daemon = undefined;
    this.#held.lost(tunnel, why, true);
  }

  async #again(tunnel: WireGuardTunnel): Promise<void> {
    return this.#turns.run(async () => {
      if (this.#held.has(tunnel)) await this.#ensure(tunnel.spec);
    });
  }

  async #remove(id: TunnelId, tunnel = this.#held.letGo(id)): Promise<void> {
    const deviceName = this.#register.deviceOf(id) ?? tunnel?.spec.deviceName;
    await tunnel?.daemon?.stop();
    if (deviceName !== undefined) await this.#removeDevice(deviceName);
  }

  async #removeDevice(deviceName: string): Promise<void> {
    if (!this.#inKernel) await removeSocket(deviceName);
    await this.#devices.delete(deviceName);
    await this.#register.remove(deviceName);
  }
}
