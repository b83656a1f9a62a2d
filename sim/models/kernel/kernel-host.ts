/**
 * One simulated machine's kernel with as many netlink sockets as the machine's threads open, and the answer
 * to "which device does this packet leave by".
 *
 * Answers and events take a moment of virtual time, in order. Each socket first tells the whole present
 * state and then every change since, as the real one does. Look-ups are remembered until something changes.
 */
import { KernelMirror } from '../../../firmware-shim/kernel/mirror.ts';
import type { KernelEvent } from '../../../firmware-shim/kernel/types.ts';
import type { Kernel, KernelListener } from '../../../firmware-shim/ports.ts';
import type { World } from '../../world/world.ts';
import { type FakeDevice, FakeKernel } from './fake-kernel.ts';
import type { PacketPath } from './kernel-lookup.ts';

/** A netlink round trip; measured ones lie between 30 and 100 µs. */
const NETLINK_MS = 0.05;

interface Socket {
  readonly listener: KernelListener;
  /** Events since the view was asked for; undefined once the view has been told. */
  held: KernelEvent[] | undefined;
}

export interface Hop {
  readonly deviceName: string;
  readonly gateway: string | undefined;
}

export class KernelHost {
  #kernel: FakeKernel;
  readonly #boot: () => FakeKernel;
  readonly #afterMs: (delayMs: number, run: () => void) => void;
  readonly #sockets = new Set<Socket>();
  readonly #deviceNames = new Set<string>();
  readonly #hops = new Map<string, Hop | undefined>();
  readonly #carrying = new Map<string, boolean>();

  constructor(world: World, name: string) {
    this.#afterMs = (delayMs, run) => {
      world.after(delayMs, `${name} mirror`, run);
    };
    this.#boot = () => {
      const defer = (run: () => void): void => void world.after(NETLINK_MS, `${name} netlink`, run);
      const kernel = new FakeKernel({ defer });
      kernel.listen((events) => this.#spread(events));
      return kernel;
    };
    this.#kernel = this.#boot();
  }

  get kernel(): FakeKernel {
    return this.#kernel;
  }

  /** The machine starts anew: nothing of what was in its kernel is left, and every socket is closed. */
  reboot(): void {
    this.#kernel.close();
    this.#sockets.clear();
    this.#deviceNames.clear();
    this.#kernel = this.#boot();
    this.changed();
  }

  /** A netlink socket of one thread. */
  open(): Kernel {
    let socket: Socket | undefined;
    let mirror: KernelMirror | undefined;
    let closed = false;
    const dump: Kernel['dump'] = (what, done) => this.kernel.dump(what, done);
    const listen: Kernel['listen'] = (listener) => {
      socket = { listener, held: [] };
      this.#sockets.add(socket);
      this.#tellView(socket);
    };
    return {
      listen,
      mirror: (tell, options) => {
        const made = new KernelMirror({ dump, afterMs: this.#afterMs, tell }, options);
        mirror = made;
        listen((events) => made.hear(events));
        return made;
      },
      perform: (operation, done) => {
        if (operation.op === 'linkAdd') this.#deviceNames.add(operation.name);
        this.changed();
        this.kernel.perform(operation, (result) => {
          if (!closed) done(result);
        });
      },
      dump,
      close: () => {
        closed = true;
        mirror?.stop();
        if (socket !== undefined) this.#sockets.delete(socket);
      },
    };
  }

  addDevice(device: FakeDevice): void {
    this.#deviceNames.add(device.name);
    this.changed();
    this.kernel.addDevice(device);
  }

  removeDevice(name: string): void {
    if (this.kernel.linkNamed(name) === undefined) return;
    this.#deviceNames.delete(name);
    this.changed();
    this.kernel.removeDevice(name);
  }

  setCarrier(name: string, carrier: boolean): void {
    this.changed();
    this.kernel.setCarrier(name, carrier);
  }

  /** Every socket loses events and is told the whole state again. */
  overrun(): void {
    this.kernel.overrun();
  }

  /** Somebody else deletes what a protocol has installed in a table. */
  deleteRoutes(protocol: number, table: number): void {
    this.kernel.dump({ dump: 'routes', protocol, table }, (result) => {
      for (const object of result.ok ? result.objects : []) {
        if (object.type !== 'routeAdded') continue;
        this.changed();
        this.kernel.perform({ op: 'routeDelete', route: object.route }, () => undefined);
      }
    });
  }

  /** Whether packets can leave and enter by this device. */
  carries(name: string): boolean {
    const known = this.#carrying.get(name);
    if (known !== undefined) return known;
    const link = this.kernel.linkNamed(name);
    const carries = link?.adminUp === true && link.carrier;
    this.#carrying.set(name, carries);
    return carries;
  }

  /** Name of the device a packet leaves by; undefined when it is dropped here. */
  egress(packet: PacketPath): string | undefined {
    return this.hop(packet)?.deviceName;
  }

  /** The device a packet leaves by, and the next hop it is handed to. */
  hop(packet: PacketPath): Hop | undefined {
    const key = `${packet.destination} ${packet.source ?? ''} ${packet.fwmark ?? ''}`;
    if (this.#hops.has(key)) return this.#hops.get(key);
    const hop = this.#lookUp(packet);
    this.#hops.set(key, hop);
    return hop;
  }

  #lookUp(packet: PacketPath): Hop | undefined {
    const fate = this.kernel.lookUp(packet);
    if (fate.to !== 'device') return undefined;
    const { deviceIndex, gateway } = fate;
    const deviceName = [...this.#deviceNames].find(
      (each) => this.kernel.linkNamed(each)?.index === deviceIndex,
    );
    return deviceName === undefined ? undefined : { deviceName, gateway };
  }

  /** Something of the kernel changed: what was looked up before may be wrong. */
  changed(): void {
    this.#hops.clear();
    this.#carrying.clear();
  }

  #spread(events: readonly KernelEvent[]): void {
    for (const socket of this.#sockets) {
      if (socket.held === undefined) socket.listener(events);
      else socket.held.push(...events);
    }
  }

  #tellView(socket: Socket): void {
    const view: KernelEvent[] = [];
    const kinds = ['links', 'addresses', 'nexthops', 'routes', 'rules'] as const;
    for (const dump of kinds) {
      this.kernel.dump({ dump }, (result) => {
        if (result.ok) view.push(...result.objects);
        if (dump !== 'rules' || !this.#sockets.has(socket)) return;
        const held = socket.held ?? [];
        socket.held = undefined;
        socket.listener([...view, ...held]);
      });
    }
  }
}
