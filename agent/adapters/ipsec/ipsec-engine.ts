/**
 * Tunnels by IPsec: IKEv2 through strongSwan's charon, one charon with xfrm devices where the kernel does ESP, else one
 * charon with a TUN device for each tunnel.
 *
 * A charon outlives the agent and is adopted with its associations. One that dies or hangs is told as `engineLost`
 * where traffic went with it, and is started again, ever more slowly.
 */
import { mkdir } from 'node:fs/promises';
import type { Kernel } from '../../../firmware-shim/ports.ts';
import { carrying } from '../../engine/association-view.ts';
import { interfaceIdOf } from '../../engine/ipsec-connection.ts';
import { concerning, rotationIn } from '../../engine/rotation.ts';
import type { CharonEvent } from '../../engine/vici-event.ts';
import {
  type EngineCapabilities,
  type EngineEvent,
  EngineRefused,
  type RotationStage,
  type TunnelEndpoints,
  type TunnelEngine,
} from '../../engine-port.ts';
import type { EngineTunnelStatus } from '../../model/engine-status.ts';
import type { EngineNote } from '../../model/notes/engine-note.ts';
import type { TunnelId, TunnelSpec } from '../../model/tunnel.ts';
import { requireProgram } from '../engine/engine-command.ts';
import { EngineRegister } from '../engine/engine-register.ts';
import { EngineTurns } from '../engine/engine-turns.ts';
import { EngineVoice } from '../engine/engine-voice.ts';
import { HeldTunnels } from '../engine/held-tunnels.ts';
import type { CharonInstance } from './charon-instance.ts';
import { CharonRack } from './charon-rack.ts';
import { credentialText, type DeviceIdentity, IpsecCredentials } from './ipsec-credentials.ts';
import { IpsecDevices } from './ipsec-devices.ts';
import { ipsecOf, loadTunnel } from './ipsec-load.ts';
import { kernelHasIpsec, requireCharon } from './ipsec-probe.ts';
import { advanceIdentity, settleRotation } from './ipsec-rotation.ts';
import { checkIpsec } from './ipsec-spec.ts';
import { IpsecTunnel } from './ipsec-tunnel.ts';
import { noteOf } from './ipsec-voice.ts';

export interface IpsecOptions {
  /** Holds configurations, sockets, credentials and the list of our devices; mode 0700. */
  readonly stateDirectory: string;
  /** Of the namespace the tunnels live in. */
  readonly kernel: Kernel;
  readonly netnsPath?: string;
  /** What `DEVICE_CREDENTIAL` stands for; absent: there is no such credential. */
  readonly identity?: DeviceIdentity;
}

const REGISTER_FILE = 'ipsec-tunnels.json';
/** Two round trips and four key agreements, on a machine that does other things too. */
const REKEY_MS_MAX = 10_000;
/** While one association replaces another the old one's end is no loss; the new one is told a moment later. */
const LOSS_DOUBT_MS = 200;

export class IpsecEngine implements TunnelEngine {
  readonly credentials: IpsecCredentials;
  readonly #inKernel: boolean;
  readonly #register: EngineRegister;
  readonly #devices: IpsecDevices;
  readonly #rack: CharonRack;
  readonly #held: HeldTunnels<IpsecTunnel>;
  readonly #voice = new EngineVoice();
  readonly #turns = new EngineTurns();

  private constructor(
    options: IpsecOptions,
    program: string,
    inKernel: boolean,
    register: EngineRegister,
  ) {
    const { stateDirectory, kernel, netnsPath, identity } = options;
    this.#inKernel = inKernel;
    this.#register = register;
    this.credentials = new IpsecCredentials(`${stateDirectory}/credentials`, identity);
    this.#held = new HeldTunnels(
      this.#voice,
      (spec) => new IpsecTunnel(spec),
      async (tunnel) => this.#again(tunnel),
    );
    this.#devices = new IpsecDevices(kernel, netnsPath);
    this.#rack = new CharonRack({
      program,
      directory: stateDirectory,
      netnsPath,
      inKernel,
      devices: this.#devices,
      register,
      onEvent: (event, charon) => this.#heard(event, charon),
      onLost: (why, tunnels) => this.#lost(why, tunnels),
    });
  }

  /** Finds out what this machine can do; rejects with `EENGINE_MISSING` and what to install. */
  static async open(options: IpsecOptions): Promise<IpsecEngine> {
    const program = await requireCharon();
    await requireProgram('ip', 'iproute2', '-V');
    await mkdir(options.stateDirectory, { recursive: true, mode: 0o700 });
    const inKernel = await kernelHasIpsec(options.netnsPath);
    const register = await EngineRegister.load(options.stateDirectory, REGISTER_FILE);
    return new IpsecEngine(options, program, inKernel, register);
  }

  capabilities(): EngineCapabilities {
    return {
      kind: 'ipsec',
      inKernel: this.#inKernel,
      reportsDown: true,
      rekeysOnDemand: true,
      identities: ['psk', 'certificate'],
    };
  }

  publicKey(): Promise<string> {
    return Promise.resolve('');
  }

  ensure(spec: TunnelSpec): Promise<void> {
    return this.#turns.run(async () => this.#ensure(spec));
  }

  async initiate(id: TunnelId, waitMs: number): Promise<void> {
    const tunnel = this.#held.known(id);
    await tunnel.refresh(this.#running(tunnel.spec), waitMs);
  }

  async status(id: TunnelId): Promise<EngineTunnelStatus | undefined> {
    return this.#rack.status(id);
  }

  async list(): Promise<readonly EngineTunnelStatus[]> {
    const ids = this.#register.entries().map(({ entry }) => entry.tunnel);
    const all = await Promise.all(ids.map(async (id) => this.#rack.status(id)));
    return all.filter((each) => each !== undefined);
  }

  setEndpoint(id: TunnelId, { remote, localAddress }: TunnelEndpoints): Promise<void> {
    return this.#turns.run(async () => {
      const { spec } = this.#held.known(id);
      const ipsec = { ...ipsecOf(spec), ...(localAddress === undefined ? {} : { localAddress }) };
      await this.#ensure({ ...spec, ipsec, remote: remote ?? spec.remote });
    });
  }

  rotateIdentity(id: TunnelId, stage: RotationStage): Promise<string | undefined> {
    return this.#turns.run(async () => {
      const { spec } = this.#held.known(id);
      const keep = await advanceIdentity(this.credentials, this.#register, spec, stage);
      await this.#ensure(spec);
      await keep.afterwards();
      this.#voice.note({ code: 'identityStage', level: 'notice', tunnel: id, stage: stage.stage });
      return undefined;
    });
  }

  async rekeyNow(id: TunnelId): Promise<void> {
    const tunnel = this.#held.known(id);
    await tunnel.rekey(this.#running(tunnel.spec), REKEY_MS_MAX);
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
      const all = this.#held.letAllGo();
      if (tunnels === 'remove') for (const { spec } of all) await this.#rack.remove(spec.id);
      this.#rack.leave();
    });
  }

  async #ensure(spec: TunnelSpec): Promise<void> {
    checkIpsec(spec);
    const before = this.#register.deviceOf(spec.id);
    if (before !== undefined && before !== spec.deviceName) await this.#remove(spec.id);
    if (this.#held.get(spec.id) === undefined) await settleRotation(this.#register, spec);
    const tunnel = this.#held.hold(spec);
    const { charon, how } = await this.#rack.charonFor(spec);
    if (how === 'started') tunnel.loaded = undefined;
    else if (how === 'adopted') this.#adopted(tunnel);
    await this.#devices.furnish(spec, how === 'started' ? 'new' : 'found');
    await this.#load(tunnel, charon);
    this.#held.born(tunnel);
  }

  async #load(tunnel: IpsecTunnel, charon: CharonInstance): Promise<void> {
    const { spec } = tunnel;
    const name = credentialText(ipsecOf(spec).credential);
    const entry = this.#register.entryOf(spec.deviceName) ?? { tunnel: spec.id };
    const loaded = await loadTunnel(charon.vici, this.credentials, spec, {
      interfaceId: this.#inKernel ? interfaceIdOf(spec.listenPort) : undefined,
      localPort: this.#rack.localPort(spec),
      rotation: concerning(rotationIn('identity', entry), name),
      loaded: tunnel.loaded,
    });
    const isChanged = tunnel.loaded !== undefined && tunnel.loaded !== loaded;
    tunnel.loaded = loaded;
    await this.#register.put(spec.deviceName, { ...entry, loaded, credential: name });
    await tunnel.settle(charon, isChanged);
  }

  #adopted(tunnel: IpsecTunnel): void {
    const { id, deviceName } = tunnel.spec;
    const loaded = this.#register.entryOf(deviceName)?.['loaded'];
    tunnel.loaded = typeof loaded === 'string' ? loaded : undefined;
    tunnel.wasUp = true;
    this.#voice.note({ code: 'engineAdopted', level: 'notice', tunnel: id });
  }

  #running(spec: TunnelSpec): CharonInstance {
    const charon = this.#rack.running(spec);
    if (charon !== undefined) return charon;
    throw new EngineRefused('EENGINE_LOST', `the charon of ${spec.id} is being started again`);
  }

  async #again(tunnel: IpsecTunnel): Promise<void> {
    return this.#turns.run(async () => {
      if (this.#held.has(tunnel)) await this.#ensure(tunnel.spec);
    });
  }

  #heard(event: CharonEvent, charon: CharonInstance): void {
    const tunnel = this.#held.get(event.ike.connection);
    if (tunnel === undefined) return;
    tunnel.heard(event, charon);
    const note = noteOf(event);
    if (note !== undefined) this.#voice.note(note);
    if (event.type === 'childUp') this.#isUp(tunnel);
    if (event.type === 'ikeDown' || event.type === 'childDown') {
      setTimeout(
        () => void this.#doubt(tunnel, charon).catch(() => undefined),
        LOSS_DOUBT_MS,
      ).unref();
    }
  }

  #isUp(tunnel: IpsecTunnel): void {
    tunnel.wasUp = true;
    if (tunnel.lostAtMs === undefined) return;
    const afterMs = Math.round(performance.now() - tunnel.lostAtMs);
    tunnel.lostAtMs = undefined;
    const about = { tunnel: tunnel.spec.id, afterMs };
    this.#voice.note({ code: 'engineDaemonBack', level: 'notice', ...about });
  }

  /** An association went: was it the last one that carried? */
  async #doubt(tunnel: IpsecTunnel, charon: CharonInstance): Promise<void> {
    const { id } = tunnel.spec;
    if (!tunnel.wasUp || !this.#held.has(tunnel)) return;
    if (carrying(await charon.associations(id)) !== undefined) return;
    tunnel.wasUp = false;
    const because = 'its last security association is gone';
    this.#voice.note({ code: 'engineTunnelDown', level: 'notice', tunnel: id, because });
    this.#voice.tell({ type: 'engineLost', tunnel: id, why: because });
    await this.#again(tunnel);
  }

  /** In the kernel traffic flows on without the daemon; then only its absence is repaired. */
  #lost(why: string, tunnels: readonly TunnelId[]): void {
    for (const id of tunnels) {
      const tunnel = this.#held.get(id);
      if (tunnel === undefined) continue;
      tunnel.forget();
      tunnel.lostAtMs ??= performance.now();
      this.#held.lost(tunnel, why, !this.#inKernel);
    }
  }

  async #remove(id: TunnelId): Promise<void> {
    this.#held.letGo(id);
    await this.#rack.remove(id);
  }
}
