/** The network devices of the appliance: its LAN, and one for each uplink, which may be lost and come back as another. */
import { UPLINKS } from '../../lab/topology.ts';
import type { KernelHost } from '../kernel/kernel-host.ts';

export class BranchDevices {
  readonly #host: KernelHost;

  constructor(host: KernelHost) {
    this.#host = host;
    this.#addAll([]);
  }

  /** The kernel begins anew; the cables are as they were. */
  reboot(): void {
    const pulled = UPLINKS.map(({ id }) => id).filter((id) => !this.#host.carries(id));
    this.#host.reboot();
    this.#addAll(pulled);
  }

  /** The device of an uplink is gone: a module that was unloaded, a stick that was pulled. */
  lose(uplink: string): void {
    this.#host.removeDevice(uplink);
  }

  /** It is there again, as another one; nothing where it is there. */
  replace(uplink: string): void {
    if (this.#host.kernel.linkNamed(uplink) === undefined) this.#addUplink(uplink, true);
  }

  #addAll(pulled: readonly string[]): void {
    this.#host.addDevice({ name: 'lan0', addresses: ['192.168.10.1/24'] });
    for (const { id } of UPLINKS) this.#addUplink(id, !pulled.includes(id));
  }

  #addUplink(name: string, carrier: boolean): void {
    const { address } = UPLINKS.find(({ id }) => id === name) ?? {};
    this.#host.addDevice({ name, addresses: [`${address}/24`], carrier });
  }
}
