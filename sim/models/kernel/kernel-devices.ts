/**
 * Devices and addresses of the simulated kernel, and what follows when one changes.
 */
import { DEVICE_NAME } from '../../../firmware-shim/kernel/device-name.ts';
import type { KernelOperation, KernelResult } from '../../../firmware-shim/kernel/operations.ts';
import { formatPrefix, parsePrefix } from '../../../firmware-shim/kernel/prefix.ts';
import type { KernelAddress, KernelRoute } from '../../../firmware-shim/kernel/types.ts';
import { flushDeviceNexthops } from './kernel-nexthops.ts';
import { flushAddressRoutes, flushDeviceRoutes } from './kernel-routes.ts';
import {
  type Device,
  deviceNamed,
  granted,
  hasCarrier,
  type KernelState,
  LOOPBACK_INDEX,
  linkOf,
  networkText,
  PROTOCOL_KERNEL,
  refused,
  TABLE_MAIN,
} from './kernel-state.ts';

const MTU_DEFAULT = 1500;
const MTU_MIN = 68;
const IPV6_KERNEL_METRIC = 256;

export function createDevice(
  state: KernelState,
  device: Partial<Device> & { readonly name: string },
): Device {
  state.devicesMade += 1;
  const created: Device = {
    kind: undefined,
    adminUp: false,
    cable: true,
    mtu: MTU_DEFAULT,
    master: 0,
    peer: undefined,
    hardwareAddress: hardwareAddressOf(device.kind, state.devicesMade),
    index: state.nextIndex,
    ...device,
  };
  state.nextIndex = Math.max(state.nextIndex, created.index + 1);
  state.devices.set(created.index, created);
  state.tell({ type: 'linkChanged', link: linkOf(created) });
  return created;
}

/** Locally administered, and never given twice. */
function hardwareAddressOf(kind: string | undefined, made: number): string | undefined {
  if (kind === 'wireguard') return undefined;
  const hex = made.toString(16).padStart(10, '0');
  return `02:${(hex.match(/../g) ?? []).join(':')}`;
}

/** Refused before it leaves, like what the real kernel's requests are built from. */
function notAName(name: string): KernelResult {
  return refused('EINVAL', `not a device name: ${JSON.stringify(name)}`);
}

export function addLink(
  state: KernelState,
  { name, mtu, details }: Extract<KernelOperation, { op: 'linkAdd' }>,
): KernelResult {
  const names = details.kind === 'veth' ? [name, details.peerName] : [name];
  const misnamed = names.find((one) => !DEVICE_NAME.test(one));
  if (misnamed !== undefined) return notAName(misnamed);
  if (state.unsupportedKinds.includes(details.kind)) {
    return refused('EOPNOTSUPP', 'Unknown device type');
  }
  if (names.some((one) => deviceNamed(state, one) !== undefined)) return refused('EEXIST');
  const own = { name, kind: details.kind, ...(mtu !== undefined && { mtu }) };
  if (details.kind !== 'veth') {
    createDevice(state, { ...own, cable: details.kind !== 'bridge' });
  } else if (details.peerNetnsPath === undefined) {
    // The kernel makes the far end first; neither has a carrier until both are up.
    const peer = createDevice(state, { name: details.peerName, kind: 'veth', cable: false });
    peer.peer = createDevice(state, { ...own, cable: false, peer: peer.index }).index;
  } else createDevice(state, { ...own, cable: false });
  return granted;
}

export function setLink(
  state: KernelState,
  operation: Extract<KernelOperation, { op: 'linkSet' }>,
): KernelResult {
  const device = state.devices.get(operation.index);
  const { name, mtu, master, adminUp } = operation;
  if (name !== undefined && !DEVICE_NAME.test(name)) return notAName(name);
  if (device === undefined) return refused('ENODEV');
  if (name !== undefined && name !== device.name && deviceNamed(state, name)) {
    return refused('EEXIST');
  }
  if (mtu !== undefined && mtu < MTU_MIN) return refused('EINVAL', 'mtu less than device minimum');
  if (master !== undefined && master !== 0) {
    const bridge = state.devices.get(master);
    if (bridge === undefined) return refused('EINVAL');
    if (bridge.kind !== 'bridge') return refused('EOPNOTSUPP');
  }
  if (operation.netnsPath !== undefined) {
    removeDevice(state, device);
    return granted;
  }
  device.name = name ?? device.name;
  device.mtu = mtu ?? device.mtu;
  const formerMaster = device.master;
  device.master = master ?? device.master;
  if (adminUp !== undefined && adminUp !== device.adminUp) changeAdmin(state, device, adminUp);
  else state.tell({ type: 'linkChanged', link: linkOf(device) });
  settleNeighbours(state, device, formerMaster);
  return granted;
}

export function deleteLink(state: KernelState, index: number): KernelResult {
  const device = state.devices.get(index);
  if (device === undefined) return refused('ENODEV');
  // Hardware and the loopback device cannot be deleted.
  if (device.kind === undefined) return refused('EOPNOTSUPP');
  const peer = device.peer === undefined ? undefined : state.devices.get(device.peer);
  removeDevice(state, device);
  if (peer !== undefined) removeDevice(state, peer);
  return granted;
}

export function removeDevice(state: KernelState, device: Device): void {
  if (device.adminUp) changeAdmin(state, device, false);
  for (const address of state.addresses.filter((one) => one.deviceIndex === device.index)) {
    dropAddress(state, address);
  }
  state.devices.delete(device.index);
  state.tell({ type: 'linkRemoved', index: device.index, name: device.name });
  settleNeighbours(state, device, device.master);
}

/** The cable is plugged or pulled. */
export function changeCable(state: KernelState, device: Device, cable: boolean): void {
  if (device.cable === cable) return;
  const before = hasCarrier(device);
  device.cable = cable;
  if (hasCarrier(device) === before) return;
  // Plain routes stay and lead nowhere; nexthop objects do not survive.
  if (before) flushDeviceNexthops(state, device.index);
  state.tell({ type: 'linkChanged', link: linkOf(device) });
  settleNeighbours(state, device, device.master);
}

export function replaceAddress(state: KernelState, address: KernelAddress): KernelResult {
  const device = state.devices.get(address.deviceIndex);
  if (device === undefined) {
    return address.family === 'ipv4'
      ? refused('ENODEV', 'ipv4: Device not found')
      : refused('ENODEV', 'ipv6: Unable to find the interface');
  }
  if (parsePrefix(`${address.address}/${address.prefixLength}`)?.family !== address.family) {
    return refused('EINVAL', `${address.family}: Invalid prefix length`);
  }
  if (!state.addresses.some((present) => sameAddress(present, address))) {
    state.addresses.push(address);
  }
  state.tell({ type: 'addressAdded', address });
  if (device.adminUp) connect(state, address);
  return granted;
}

export function deleteAddress(state: KernelState, address: KernelAddress): KernelResult {
  const ipv4 = address.family === 'ipv4';
  if (!state.devices.has(address.deviceIndex)) {
    return refused(
      'ENODEV',
      ipv4 ? 'ipv4: Device not found' : 'ipv6: Unable to find the interface',
    );
  }
  const present = state.addresses.find((one) => sameAddress(one, address));
  if (present === undefined) {
    return refused('EADDRNOTAVAIL', ipv4 ? 'ipv4: Address not found' : 'ipv6: address not found');
  }
  dropAddress(state, present);
  if (ipv4) flushAddressRoutes(state, present);
  return granted;
}

function changeAdmin(state: KernelState, device: Device, adminUp: boolean): void {
  device.adminUp = adminUp;
  state.tell({ type: 'linkChanged', link: linkOf(device) });
  const own = state.addresses.filter((address) => address.deviceIndex === device.index);
  if (adminUp) {
    for (const address of own) connect(state, address);
    return;
  }
  flushDeviceNexthops(state, device.index);
  flushDeviceRoutes(state, device.index);
  // IPv4 addresses outlive the down state, IPv6 ones do not.
  for (const address of own) if (address.family === 'ipv6') dropAddress(state, address);
}

/** The other end of a veth pair and the bridge above see this device's state as their cable. */
function settleNeighbours(state: KernelState, device: Device, formerMaster: number): void {
  const peer = device.peer === undefined ? undefined : state.devices.get(device.peer);
  if (peer !== undefined && state.devices.has(device.index)) {
    changeCable(state, peer, device.adminUp);
    if (device.cable !== peer.adminUp) changeCable(state, device, peer.adminUp);
  }
  for (const index of new Set([device.master, formerMaster])) {
    const bridge = state.devices.get(index);
    if (bridge === undefined) continue;
    const ports = [...state.devices.values()].filter((one) => one.master === index);
    changeCable(state, bridge, ports.some(hasCarrier));
  }
}

function dropAddress(state: KernelState, address: KernelAddress): void {
  state.addresses = state.addresses.filter((one) => one !== address);
  state.tell({ type: 'addressRemoved', address });
  const route = connectedRoute(address);
  const still = state.addresses.some(
    (one) => connectedRoute(one)?.destination === route?.destination,
  );
  if (route === undefined || still) return;
  const at = state.routes.findIndex((present) => sameConnected(present, route));
  if (at < 0) return;
  state.routes.splice(at, 1);
  state.tell({ type: 'routeRemoved', route });
}

/** The kernel's own route to the network of an address. */
function connect(state: KernelState, address: KernelAddress): void {
  const route = connectedRoute(address);
  if (route === undefined || address.deviceIndex === LOOPBACK_INDEX) return;
  if (state.routes.some((present) => sameConnected(present, route))) return;
  state.routes.push(route);
  state.tell({ type: 'routeAdded', route });
}

function connectedRoute(address: KernelAddress): KernelRoute | undefined {
  const network = networkText(address);
  if (network === undefined || network.length === 8 * network.bytes.length) return undefined;
  return {
    family: address.family,
    destination: formatPrefix(network),
    table: TABLE_MAIN,
    protocol: PROTOCOL_KERNEL,
    type: 'unicast',
    deviceIndex: address.deviceIndex,
    ...(address.family === 'ipv4' ? { source: address.address } : { metric: IPV6_KERNEL_METRIC }),
  };
}

function sameConnected(present: KernelRoute, route: KernelRoute): boolean {
  return (
    present.protocol === PROTOCOL_KERNEL &&
    present.destination === route.destination &&
    present.deviceIndex === route.deviceIndex
  );
}

function sameAddress(a: KernelAddress, b: KernelAddress): boolean {
  return (
    a.deviceIndex === b.deviceIndex && a.address === b.address && a.prefixLength === b.prefixLength
  );
}
