/**
 * An in-memory kernel that keeps the promises of the real one, for tests and the simulated world.
 *
 * An operation acts at once, as the real socket's send does; its answer and the events it causes come
 * through the injected `defer`, so that the world decides when. It is strict where the kernel is: adding
 * twice, deleting what is not there and unreachable gateways are refused with the kernel's own errno. It
 * does not model the local table, link-local addresses and neighbours.
 */
import type {
  KernelDump,
  KernelDumpResult,
  KernelOperation,
  KernelResult,
} from '../../../firmware-shim/kernel/operations.ts';
import { parsePrefix } from '../../../firmware-shim/kernel/prefix.ts';
import type { KernelEvent, KernelLink, KernelRule } from '../../../firmware-shim/kernel/types.ts';
import type { Kernel, KernelListener } from '../../../firmware-shim/ports.ts';
import {
  addLink,
  changeCable,
  createDevice,
  deleteAddress,
  deleteLink,
  removeDevice,
  replaceAddress,
  setLink,
} from './kernel-devices.ts';
import { lookUp, type PacketFate, type PacketPath } from './kernel-lookup.ts';
import { deleteNexthop, replaceNexthop } from './kernel-nexthops.ts';
import { addRule, deleteRoute, deleteRule, putRoute } from './kernel-routes.ts';
import {
  type Device,
  deviceNamed,
  type KernelState,
  linkOf,
  PROTOCOL_KERNEL,
  refused,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
} from './kernel-state.ts';
import { addressText, linkText, nexthopText, routeText, ruleText } from './kernel-text.ts';

export interface FakeKernelOptions {
  /** Runs a callback later, never within the present call; the world owns the order. */
  readonly defer: (run: () => void) => void;
  /** Link kinds this kernel was built without, such as `wireguard`. */
  readonly unsupportedKinds?: readonly string[];
  /** The kernel's default is true; the appliance turns it off. */
  readonly nexthopCompatMode?: boolean;
}

export interface FakeDevice {
  readonly name: string;
  readonly kind?: string;
  /** Up with its cable plugged, unless said otherwise. */
  readonly adminUp?: boolean;
  readonly carrier?: boolean;
  readonly mtu?: number;
  /** A free index; as one asks of the kernel when restoring a device. */
  readonly index?: number;
  /** Such as `10.1.0.2/24`. */
  readonly addresses?: readonly string[];
}

const LOOPBACK_MTU = 65_536;

export class FakeKernel implements Omit<Kernel, 'mirror'> {
  readonly #defer: (run: () => void) => void;
  readonly #state: KernelState;
  /** Told but not yet delivered; empty while nobody listens. */
  #told: KernelEvent[] = [];
  #listener: KernelListener | undefined;
  /** Grows with every fresh view, so that a delivery from before it knows that it is stale. */
  #epoch = 0;
  #closed = false;
  #refusals: { readonly op: string; readonly code: string; readonly text: string }[] = [];

  constructor(options: FakeKernelOptions) {
    this.#defer = options.defer;
    this.#state = {
      devices: new Map(),
      addresses: [],
      routes: [],
      rules: [...kernelRules('ipv4'), ...kernelRules('ipv6')],
      nexthops: new Map(),
      nextIndex: 1,
      devicesMade: 0,
      nexthopCompatMode: options.nexthopCompatMode ?? false,
      unsupportedKinds: options.unsupportedKinds ?? [],
      tell: (event) => this.#tell(event),
    };
    createDevice(this.#state, { name: 'lo', adminUp: true, mtu: LOOPBACK_MTU });
  }

  listen(listener: KernelListener): void {
    this.#listener = listener;
    this.#deliverView([]);
  }

  perform(operation: KernelOperation, done: (result: KernelResult) => void): void {
    const result = this.#closed ? refused('ESHUTDOWN', 'closed') : this.#act(operation);
    this.#defer(() => done(result));
  }

  dump(what: KernelDump, done: (result: KernelDumpResult) => void): void {
    const result: KernelDumpResult = { ok: true, objects: this.#objects(what) };
    this.#defer(() => done(result));
  }

  close(): void {
    this.#closed = true;
    this.#listener = undefined;
    this.#told = [];
  }

  /** Hardware appears. Returns its index. */
  addDevice(device: FakeDevice): number {
    const { index } = createDevice(this.#state, {
      name: device.name,
      ...(device.kind !== undefined && { kind: device.kind }),
      ...(device.mtu !== undefined && { mtu: device.mtu }),
      ...(device.index !== undefined && { index: device.index }),
      adminUp: device.adminUp ?? true,
      cable: device.carrier ?? true,
    });
    for (const text of device.addresses ?? []) {
      const prefix = parsePrefix(text);
      const [address = '', length] = text.split('/');
      const family = prefix?.family ?? 'ipv4';
      const prefixLength = Number(length);
      replaceAddress(this.#state, { deviceIndex: index, family, address, prefixLength });
    }
    return index;
  }

  /** Hardware disappears, or a tunnel engine's process dies. */
  removeDevice(name: string): void {
    removeDevice(this.#state, this.#device(name));
  }

  /** The cable is plugged or pulled. */
  setCarrier(name: string, carrier: boolean): void {
    changeCable(this.#state, this.#device(name), carrier);
  }

  /** Refuses the next operation of this kind, whatever it asks. */
  refuseNext(op: KernelOperation['op'], code: string, text = ''): void {
    this.#refusals.push({ op, code, text });
  }

  /** The listener's socket overruns: what it was not yet told is lost, a full view follows. */
  overrun(): void {
    if (this.#listener !== undefined) this.#deliverView([{ type: 'overrun' }]);
  }

  linkNamed(name: string): KernelLink | undefined {
    const device = deviceNamed(this.#state, name);
    return device && linkOf(device);
  }

  /** Where a packet would go. */
  lookUp(packet: PacketPath): PacketFate {
    return lookUp(this.#state, packet);
  }

  /** What `ip <what>` prints. */
  text(what: 'link' | 'addr' | 'route' | 'rule' | 'nexthop'): string {
    const print = {
      link: linkText,
      addr: addressText,
      route: routeText,
      rule: ruleText,
      nexthop: nexthopText,
    }[what];
    return print(this.#state);
  }

  #act(operation: KernelOperation): KernelResult {
    const at = this.#refusals.findIndex((refusal) => refusal.op === operation.op);
    const [refusal] = at < 0 ? [] : this.#refusals.splice(at, 1);
    if (refusal !== undefined) return refused(refusal.code, refusal.text);
    const state = this.#state;
    switch (operation.op) {
      case 'linkAdd':
        return addLink(state, operation);
      case 'linkSet':
        return setLink(state, operation);
      case 'linkDelete':
        return deleteLink(state, operation.index);
      case 'addressReplace':
        return replaceAddress(state, operation.address);
      case 'addressDelete':
        return deleteAddress(state, operation.address);
      case 'routeAdd':
      case 'routeReplace':
        return putRoute(state, operation.op, operation.route);
      case 'routeDelete':
        return deleteRoute(state, operation.route);
      case 'ruleAdd':
        return addRule(state, operation.rule);
      case 'ruleDelete':
        return deleteRule(state, operation.rule);
      case 'nexthopReplace':
        return replaceNexthop(state, operation.nexthop);
      case 'nexthopDelete':
        return deleteNexthop(state, operation.id);
    }
  }

  #objects(what: KernelDump): readonly KernelEvent[] {
    const state = this.#state;
    const fits = (object: { readonly family: string }): boolean =>
      !('family' in what) || what.family === undefined || what.family === object.family;
    switch (what.dump) {
      case 'links':
        return [...state.devices.values()].map((one) => ({
          type: 'linkChanged',
          link: linkOf(one),
        }));
      case 'addresses':
        return state.addresses.filter(fits).map((address) => ({ type: 'addressAdded', address }));
      case 'routes':
        return state.routes
          .filter(fits)
          .filter((route) => what.table === undefined || what.table === route.table)
          .filter((route) => what.protocol === undefined || what.protocol === route.protocol)
          .map((route) => ({ type: 'routeAdded', route }));
      case 'rules':
        return state.rules.filter(fits).map((rule) => ({ type: 'ruleAdded', rule }));
      case 'nexthops':
        return [...state.nexthops.values()].map((nexthop) => ({ type: 'nexthopAdded', nexthop }));
      case 'neighbours':
        return [];
    }
  }

  #tell(event: KernelEvent): void {
    if (this.#listener === undefined) return;
    this.#told.push(event);
    if (this.#told.length > 1) return;
    const epoch = this.#epoch;
    this.#defer(() => {
      if (epoch !== this.#epoch) return;
      const events = this.#told;
      this.#told = [];
      this.#listener?.(events);
    });
  }

  #deliverView(opening: readonly KernelEvent[]): void {
    this.#epoch += 1;
    this.#told = [];
    const epoch = this.#epoch;
    const kinds = ['links', 'addresses', 'nexthops', 'routes', 'rules'] as const;
    const view = kinds.flatMap((dump) => this.#objects({ dump }));
    this.#defer(() => {
      if (epoch === this.#epoch) this.#listener?.([...opening, ...view]);
    });
  }

  #device(name: string): Device {
    const device = deviceNamed(this.#state, name);
    if (device === undefined) throw new Error(`the fake kernel has no device ${name}`);
    return device;
  }
}

function kernelRules(family: 'ipv4' | 'ipv6'): readonly KernelRule[] {
  const tables =
    family === 'ipv4' ? [TABLE_LOCAL, TABLE_MAIN, TABLE_DEFAULT] : [TABLE_LOCAL, TABLE_MAIN];
  const priorities = [0, 32_766, 32_767];
  return tables.map((table, at) => ({
    family,
    priority: priorities[at] ?? 0,
    table,
    protocol: PROTOCOL_KERNEL,
  }));
}
