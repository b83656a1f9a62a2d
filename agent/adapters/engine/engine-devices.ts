/**
 * What an engine needs of the kernel, as promises: devices by name, their address, size and state.
 */
import type { KernelOperation } from '../../../firmware-shim/kernel/operations.ts';
import type { KernelLink } from '../../../firmware-shim/kernel/types.ts';
import type { Kernel } from '../../../firmware-shim/ports.ts';
import { EngineRefused } from '../../engine-port.ts';
import type { TunnelSpec } from '../../model/tunnel.ts';

export class EngineDevices {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  async find(name: string): Promise<KernelLink | undefined> {
    return new Promise((resolve, reject) => {
      this.#kernel.dump({ dump: 'links' }, (result) => {
        if (!result.ok)
          return reject(refusedBy('link dump', result.refusal.code, result.refusal.text));
        const links = result.objects.flatMap((each) =>
          each.type === 'linkChanged' ? [each.link] : [],
        );
        resolve(links.find((link) => link.name === name));
      });
    });
  }

  async perform(operation: KernelOperation): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#kernel.perform(operation, (result) => {
        if (result.ok) resolve();
        else reject(refusedBy(operation.op, result.refusal.code, result.refusal.text));
      });
    });
  }

  /** Whether this kernel makes WireGuard devices itself: tried, because nothing else tells. */
  async hasWireGuard(): Promise<boolean> {
    const name = `wgtry${process.pid}`.slice(0, 15);
    try {
      await this.perform({ op: 'linkAdd', name, details: { kind: 'wireguard' } });
    } catch {
      return false;
    }
    await this.delete(name);
    return true;
  }

  /** A device may go by itself meanwhile, with the daemon that held it. */
  async delete(name: string): Promise<void> {
    const link = await this.find(name);
    if (link === undefined) return;
    try {
      await this.perform({ op: 'linkDelete', index: link.index });
    } catch (error) {
      if ((await this.find(name)) !== undefined) throw error;
    }
  }

  /**
   * Address, MTU and up, in this order, so that the device is complete when it is seen to be up. One that stood before
   * may have been made smaller because its path carries less: only what finds that out raises it again.
   */
  async furnish(spec: TunnelSpec, is: 'new' | 'found'): Promise<void> {
    const link = await this.find(spec.deviceName);
    if (link === undefined) {
      throw new EngineRefused('EENGINE_DEVICE', `device ${spec.deviceName} is not there`);
    }
    const { index } = link;
    const family = spec.innerLocal.includes(':') ? 'ipv6' : 'ipv4';
    const { innerLocal: address, innerPrefixLength: prefixLength, mtu } = spec;
    await this.perform({
      op: 'addressReplace',
      address: { deviceIndex: index, family, address, prefixLength },
    });
    if (link.mtu > mtu || (link.mtu < mtu && is === 'new')) {
      await this.perform({ op: 'linkSet', index, mtu });
    }
    if (!link.adminUp) await this.perform({ op: 'linkSet', index, adminUp: true });
  }
}

function refusedBy(what: string, code: string, text: string): EngineRefused {
  return new EngineRefused('EENGINE_KERNEL', `the kernel refused ${what}: ${code} ${text}`.trim());
}
