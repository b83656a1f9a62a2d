/**
 * The kernel's side of an IPsec tunnel: its device, and what charon leaves around it.
 *
 * kernel-libipsec names its TUN device `ipsecN` itself. Giving it the tunnel's name would make charon's own default
 * route fail, and with it the CHILD_SA: so an empty bridge takes the old name and the route, which then leads nowhere.
 * Nothing may go there; a packet that charon's route would pull into a tunnel ends in the bridge.
 */

import type { Kernel } from '../../../firmware-shim/ports.ts';
import { CHARON_RULE_PRIORITY } from '../../engine/charon-config.ts';
import { interfaceIdOf } from '../../engine/ipsec-connection.ts';
import { EngineRefused } from '../../engine-port.ts';
import type { TunnelSpec } from '../../model/tunnel.ts';
import { runCommand } from '../engine/engine-command.ts';
import { EngineDevices } from '../engine/engine-devices.ts';
import { tunDevicesOf } from './charon-process.ts';

export class IpsecDevices {
  readonly #devices: EngineDevices;
  readonly #netns: { readonly netnsPath?: string };

  constructor(kernel: Kernel, netnsPath: string | undefined) {
    this.#devices = new EngineDevices(kernel);
    this.#netns = netnsPath === undefined ? {} : { netnsPath };
  }

  async isThere(deviceName: string): Promise<boolean> {
    return (await this.#devices.find(deviceName)) !== undefined;
  }

  furnish(spec: TunnelSpec, is: 'new' | 'found'): Promise<void> {
    return this.#devices.furnish(spec, is);
  }

  /** Gives the TUN device of this charon the tunnel's name; answers with the name the stand-in took over. */
  async claim(pid: number, deviceName: string): Promise<string | undefined> {
    const own = await tunDevicesOf(pid);
    if (own.includes(deviceName)) return undefined;
    const link = own[0] === undefined ? undefined : await this.#devices.find(own[0]);
    if (link === undefined) {
      throw new EngineRefused('EENGINE_DEVICE', 'charon has made no TUN device');
    }
    await this.#rename(link.index, deviceName);
    await this.#devices.perform({ op: 'linkAdd', name: link.name, details: { kind: 'bridge' } });
    const standIn = await this.#devices.find(link.name);
    if (standIn !== undefined) {
      await this.#devices.perform({ op: 'linkSet', index: standIn.index, adminUp: true });
    }
    return link.name;
  }

  /** The xfrm device of a tunnel whose ESP the kernel does. */
  async makeXfrm(spec: TunnelSpec): Promise<void> {
    if (await this.isThere(spec.deviceName)) return;
    const id = `${interfaceIdOf(spec.listenPort)}`;
    const result = await this.#ip('link', 'add', spec.deviceName, 'type', 'xfrm', 'if_id', id);
    if (!result.ok) throw new EngineRefused('EENGINE_KERNEL', `xfrm device: ${result.complaint}`);
  }

  delete(deviceName: string): Promise<void> {
    return this.#devices.delete(deviceName);
  }

  /** Takes away what a charon that was killed could not: its rules, its routes, and the stand-in. */
  async sweep(standIn: string | undefined, table: number): Promise<void> {
    const link = standIn === undefined ? undefined : await this.#devices.find(standIn);
    // By now the name could be the TUN device of somebody else's charon.
    if (link?.kind === 'bridge') {
      await this.#devices.perform({ op: 'linkDelete', index: link.index });
    }
    for (const family of ['-4', '-6']) {
      await this.#ip(family, 'route', 'flush', 'table', `${table}`);
      await this.#ip(
        family,
        'rule',
        'del',
        'priority',
        `${CHARON_RULE_PRIORITY}`,
        'table',
        `${table}`,
      );
    }
  }

  /** Kernels before 6.2 rename only what is down. */
  async #rename(index: number, name: string): Promise<void> {
    try {
      await this.#devices.perform({ op: 'linkSet', index, name });
    } catch {
      await this.#devices.perform({ op: 'linkSet', index, adminUp: false });
      await this.#devices.perform({ op: 'linkSet', index, name });
      await this.#devices.perform({ op: 'linkSet', index, adminUp: true });
    }
  }

  #ip(...words: readonly string[]): ReturnType<typeof runCommand> {
    return runCommand(['ip', ...words], this.#netns);
  }
}
