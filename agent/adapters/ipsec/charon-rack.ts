/**
 * The charons of this machine: which one carries which tunnel, started, adopted or ended as the tunnels need it.
 *
 * With ESP in the kernel there is one for all; otherwise each tunnel has its own, known by the tunnel's device.
 */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { charonConfigText } from '../../engine/charon-config.ts';
import type { CharonEvent } from '../../engine/vici-event.ts';
import type { EngineTunnelStatus } from '../../model/engine-status.ts';
import type { TunnelId, TunnelSpec } from '../../model/tunnel.ts';
import type { EngineRegister, RegisterEntry } from '../engine/engine-register.ts';
import { type CharonHome, CharonInstance } from './charon-instance.ts';
import { charonsOf, endProcess, isAlive, type ProcessMark } from './charon-process.ts';
import type { IpsecDevices } from './ipsec-devices.ts';
import { unloadTunnel } from './ipsec-load.ts';
import { readStatus } from './ipsec-tunnel.ts';
import { ViciClient } from './vici-client.ts';

export interface RackOptions {
  readonly program: string;
  readonly directory: string;
  readonly netnsPath: string | undefined;
  readonly inKernel: boolean;
  readonly devices: IpsecDevices;
  readonly register: EngineRegister;
  readonly onEvent: (event: CharonEvent, charon: CharonInstance) => void;
  readonly onLost: (why: string, tunnels: readonly TunnelId[]) => void;
}

/** `started` knows nothing of the tunnel; `adopted` may have its associations; `running` we have told already. */
export type CharonOrigin = 'started' | 'adopted' | 'running';

interface Slot {
  readonly charon: CharonInstance;
  readonly origin: 'started' | 'adopted';
  readonly tunnels: Set<TunnelId>;
}

const KERNEL_KEY = 'charon';
const NAT_TRAVERSAL_PORT = 4_500;
/** Tables of charon's own: far from those people number by hand. */
const TABLE_BASE = 1_516_240_000;

export class CharonRack {
  readonly #options: RackOptions;
  readonly #slots = new Map<string, Slot>();

  constructor(options: RackOptions) {
    this.#options = options;
  }

  localPort(spec: TunnelSpec): number {
    return this.#options.inKernel ? NAT_TRAVERSAL_PORT : spec.listenPort;
  }

  running(spec: TunnelSpec): CharonInstance | undefined {
    const charon = this.#slots.get(this.#key(spec.deviceName))?.charon;
    return charon?.isUsable === true ? charon : undefined;
  }

  /** A charon for this tunnel, and its device. */
  async charonFor(
    spec: TunnelSpec,
  ): Promise<{ readonly charon: CharonInstance; readonly how: CharonOrigin }> {
    const key = this.#key(spec.deviceName);
    const home = this.#home(key, spec);
    const found = this.#slots.get(key);
    const isFit =
      found?.charon.isUsable === true && found.charon.home.configText === home.configText;
    const slot = found !== undefined && isFit ? found : await this.#fill(key, home, spec, found);
    const how = slot.tunnels.has(spec.id) ? 'running' : slot.origin;
    slot.tunnels.add(spec.id);
    await this.#furnishDevice(slot, spec);
    return { charon: slot.charon, how };
  }

  async status(id: TunnelId): Promise<EngineTunnelStatus | undefined> {
    const { register, directory, devices } = this.#options;
    const deviceName = register.deviceOf(id);
    if (deviceName === undefined || !(await devices.isThere(deviceName))) return undefined;
    const key = this.#key(deviceName);
    const charon = this.#slots.get(key)?.charon;
    if (charon?.isUsable === true) return readStatus(charon.vici, id, deviceName);
    const mark = markIn(register.entryOf(deviceName));
    if (mark === undefined || !(await isAlive(mark))) return undefined;
    return askOnce(join(directory, `${key}.vici`), id, deviceName);
  }

  /** Takes the tunnel and everything of it away, also one of a former run. */
  async remove(id: TunnelId): Promise<void> {
    const { register, devices, inKernel } = this.#options;
    const deviceName = register.deviceOf(id);
    if (deviceName === undefined) return;
    const key = this.#key(deviceName);
    const entry = register.entryOf(deviceName);
    if (inKernel) await this.#unload(key, id);
    const slot = this.#slots.get(key);
    slot?.tunnels.delete(id);
    if (!inKernel || this.#isLast(deviceName)) await this.#end(key, entry);
    await devices.delete(deviceName);
    await register.remove(deviceName);
  }

  /** Lets all run and forgets them. */
  leave(): void {
    for (const { charon } of this.#slots.values()) charon.leave();
    this.#slots.clear();
  }

  #key(deviceName: string): string {
    return this.#options.inKernel ? KERNEL_KEY : deviceName;
  }

  #table(entry: RegisterEntry | undefined): number {
    const table = entry?.['table'];
    return typeof table === 'number' ? table : TABLE_BASE;
  }

  #home(key: string, spec: TunnelSpec): CharonHome {
    const { directory, program, netnsPath, inKernel } = this.#options;
    const viciPath = join(directory, `${key}.vici`);
    const configText = charonConfigText({
      viciPath,
      inKernel,
      natTraversalPort: this.localPort(spec),
      fwmark: inKernel ? 0 : spec.fwmark,
      routingTable: TABLE_BASE + (inKernel ? 0 : spec.listenPort),
    });
    return { program, netnsPath, viciPath, configText, configPath: join(directory, `${key}.conf`) };
  }

  async #fill(
    key: string,
    home: CharonHome,
    spec: TunnelSpec,
    found: Slot | undefined,
  ): Promise<Slot> {
    const { register } = this.#options;
    const entry = register.entryOf(spec.deviceName);
    const mark = markIn(entry);
    const listener = {
      onEvent: (event: CharonEvent): void => {
        const slot = this.#slots.get(key);
        if (slot !== undefined) this.#options.onEvent(event, slot.charon);
      },
      onLost: (why: string): void => this.#lost(key, why),
    };
    const adopted =
      found === undefined && mark !== undefined
        ? await CharonInstance.adopt(home, mark, listener)
        : undefined;
    if (adopted === undefined) await this.#end(key, entry);
    const charon = adopted ?? (await CharonInstance.start(home, listener));
    const origin = adopted === undefined ? 'started' : 'adopted';
    const slot: Slot = { charon, origin, tunnels: new Set() };
    this.#slots.set(key, slot);
    return slot;
  }

  /** Device and charon are written down before anything else, so that a crash of ours leaves no orphan. */
  async #furnishDevice(slot: Slot, spec: TunnelSpec): Promise<void> {
    const { register, devices, inKernel } = this.#options;
    const { deviceName, id } = spec;
    const { loaded: _, ...before } = register.entryOf(deviceName) ?? { tunnel: id };
    const isNew = slot.origin === 'started' && markIn(before)?.pid !== slot.charon.mark.pid;
    const entry = {
      ...(isNew ? before : register.entryOf(deviceName)),
      ...slot.charon.mark,
      tunnel: id,
      table: TABLE_BASE + (inKernel ? 0 : spec.listenPort),
    };
    await register.put(deviceName, entry);
    if (inKernel) return devices.makeXfrm(spec);
    const standIn = await devices.claim(slot.charon.mark.pid, deviceName);
    if (standIn !== undefined) await register.put(deviceName, { ...entry, standIn });
  }

  async #unload(key: string, id: TunnelId): Promise<void> {
    const { directory } = this.#options;
    const running = this.#slots.get(key)?.charon;
    if (running?.isUsable === true) return unloadTunnel(running.vici, id);
    const path = join(directory, `${key}.vici`);
    const vici = await ViciClient.connect(path, SILENT).catch(() => undefined);
    if (vici === undefined) return;
    await unloadTunnel(vici, id).catch(() => undefined);
    vici.close();
  }

  #isLast(deviceName: string): boolean {
    return this.#options.register.entries().every((each) => each.deviceName === deviceName);
  }

  /** Ends whatever runs under this key, ours or a former run's, and sweeps up behind it. */
  async #end(key: string, entry: RegisterEntry | undefined): Promise<void> {
    const { directory, devices } = this.#options;
    const slot = this.#slots.get(key);
    this.#slots.delete(key);
    if (slot !== undefined) await slot.charon.stop();
    for (const mark of await charonsOf(join(directory, `${key}.conf`))) {
      await endProcess(mark, 'gently');
    }
    for (const ending of ['conf', 'vici']) {
      await unlink(join(directory, `${key}.${ending}`)).catch(() => undefined);
    }
    if (entry === undefined) return;
    const standIn = entry['standIn'];
    await devices.sweep(typeof standIn === 'string' ? standIn : undefined, this.#table(entry));
  }

  #lost(key: string, why: string): void {
    const slot = this.#slots.get(key);
    this.#slots.delete(key);
    if (slot !== undefined) this.#options.onLost(why, [...slot.tunnels]);
  }
}

const SILENT = { onEvent: () => undefined, onClosed: () => undefined };

async function askOnce(
  viciPath: string,
  id: TunnelId,
  deviceName: string,
): Promise<EngineTunnelStatus | undefined> {
  const vici = await ViciClient.connect(viciPath, SILENT).catch(() => undefined);
  if (vici === undefined) return undefined;
  const status = await readStatus(vici, id, deviceName).catch(() => undefined);
  vici.close();
  return status;
}

function markIn(entry: RegisterEntry | undefined): ProcessMark | undefined {
  const pid = entry?.['pid'];
  const startTicks = entry?.['startTicks'];
  if (typeof pid !== 'number' || typeof startTicks !== 'number') return undefined;
  return { pid, startTicks };
}
