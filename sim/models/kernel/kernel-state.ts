/**
 * What the simulated kernel holds, and the small questions its parts ask of it.
 */
import { errnoNumber } from '../../../firmware-shim/kernel/errno.ts';
import type { KernelResult } from '../../../firmware-shim/kernel/operations.ts';
import {
  networkOf,
  type Prefix,
  parsePrefix,
  prefixContains,
} from '../../../firmware-shim/kernel/prefix.ts';
import type {
  Family,
  KernelAddress,
  KernelEvent,
  KernelLink,
  KernelNexthop,
  KernelRoute,
  KernelRule,
} from '../../../firmware-shim/kernel/types.ts';

export const TABLE_DEFAULT = 253;
export const TABLE_MAIN = 254;
export const TABLE_LOCAL = 255;
/** rtm_protocol of what the kernel installs by itself. */
export const PROTOCOL_KERNEL = 2;
export const LOOPBACK_INDEX = 1;

export interface Device {
  readonly index: number;
  name: string;
  readonly kind: string | undefined;
  adminUp: boolean;
  /** What the far end gives; carrier needs the device up as well. */
  cable: boolean;
  mtu: number;
  /** Devices without one, such as tunnels, have none. */
  readonly hardwareAddress: string | undefined;
  /** Index of the bridge this is a port of; 0 for none. */
  master: number;
  /** Index of the other end of a veth pair in this namespace. */
  peer: number | undefined;
}

export interface KernelState {
  readonly devices: Map<number, Device>;
  addresses: KernelAddress[];
  routes: KernelRoute[];
  rules: KernelRule[];
  readonly nexthops: Map<number, KernelNexthop>;
  nextIndex: number;
  /** How many devices there ever were: each gets a hardware address of its own. */
  devicesMade: number;
  /** net.ipv4.nexthop_compat_mode: a group's change is told once per route that uses it. */
  readonly nexthopCompatMode: boolean;
  readonly unsupportedKinds: readonly string[];
  /** Told to whoever listens, in this order. */
  readonly tell: (event: KernelEvent) => void;
}

export const granted: KernelResult = { ok: true };

export function refused(code: string, text = ''): KernelResult {
  return { ok: false, refusal: { code, errno: errnoNumber(code), text } };
}

export function linkOf(device: Device): KernelLink {
  return {
    index: device.index,
    name: device.name,
    ...(device.kind !== undefined && { kind: device.kind }),
    adminUp: device.adminUp,
    carrier: hasCarrier(device),
    mtu: device.mtu,
    ...(device.hardwareAddress !== undefined && { hardwareAddress: device.hardwareAddress }),
  };
}

export function hasCarrier(device: Device): boolean {
  return device.adminUp && device.cable;
}

export function deviceNamed(state: KernelState, name: string): Device | undefined {
  return [...state.devices.values()].find((device) => device.name === name);
}

export function networkText(address: KernelAddress): Prefix | undefined {
  const prefix = parsePrefix(`${address.address}/${address.prefixLength}`);
  return prefix && networkOf(prefix);
}

/** The device in whose network a gateway stands: the given one, or any that is up. */
export function deviceToward(
  state: KernelState,
  gateway: string,
  family: Family,
  deviceIndex: number | undefined,
): Device | undefined {
  const target = parsePrefix(gateway);
  if (target === undefined || target.family !== family) return undefined;
  for (const address of state.addresses) {
    const device = state.devices.get(address.deviceIndex);
    const network = networkText(address);
    if (device === undefined || !device.adminUp || network === undefined) continue;
    if (deviceIndex !== undefined && deviceIndex !== device.index) continue;
    if (prefixContains(network, target)) return device;
  }
  return undefined;
}
