/**
 * Nexthop objects and groups of the simulated kernel.
 *
 * The sentences of the refusals are the kernel's own. What matters most: a nexthop that goes takes the
 * routes on it along, shrinks its groups, and an emptied group goes with all its routes. When a device is
 * the reason, the kernel tells nothing of this but the IPv6 routes; whoever cares must conclude it from the
 * link.
 */
import type { KernelResult } from '../../../firmware-shim/kernel/operations.ts';
import type { KernelNexthop, NexthopMember } from '../../../firmware-shim/kernel/types.ts';
import {
  deviceToward,
  granted,
  hasCarrier,
  type KernelState,
  LOOPBACK_INDEX,
  refused,
} from './kernel-state.ts';

export function replaceNexthop(state: KernelState, wanted: KernelNexthop): KernelResult {
  if (wanted.id === 0) return refused('EINVAL', 'Replace requires nexthop id');
  const { group } = wanted;
  const verdict = group === undefined ? checkSingle(state, wanted) : checkGroup(state, group);
  if (!verdict.ok) return verdict;
  const before = state.nexthops.get(wanted.id);
  if (before !== undefined && (before.group === undefined) !== (group === undefined)) {
    return refused(
      'EINVAL',
      group === undefined
        ? 'Can not replace a nexthop group with a nexthop.'
        : 'Can not replace a nexthop with a nexthop group.',
    );
  }
  // A group belongs to no family and always reads as ipv4.
  const kept: KernelNexthop = group === undefined ? wanted : { ...wanted, family: 'ipv4' };
  state.nexthops.set(wanted.id, kept);
  state.tell({ type: 'nexthopAdded', nexthop: kept });
  if (before !== undefined && state.nexthopCompatMode) tellDependentRoutes(state, wanted.id);
  return granted;
}

export function deleteNexthop(state: KernelState, id: number): KernelResult {
  if (!state.nexthops.has(id)) return refused('ENOENT');
  dropNexthop(state, id, true);
  return granted;
}

/** The device's nexthops go silently, as when it loses its carrier. */
export function flushDeviceNexthops(state: KernelState, deviceIndex: number): void {
  for (const nexthop of state.nexthops.values()) {
    if (nexthop.deviceIndex === deviceIndex) dropNexthop(state, nexthop.id, false);
  }
}

function dropNexthop(state: KernelState, id: number, told: boolean): void {
  state.nexthops.delete(id);
  if (told) state.tell({ type: 'nexthopRemoved', id });
  for (const nexthop of [...state.nexthops.values()].reverse()) {
    const { group } = nexthop;
    if (group === undefined || !group.some((member) => member.id === id)) continue;
    const left = group.filter((member) => member.id !== id);
    if (left.length === 0) dropNexthop(state, nexthop.id, told);
    else {
      const shrunk = { ...nexthop, group: left };
      state.nexthops.set(nexthop.id, shrunk);
      if (told) state.tell({ type: 'nexthopAdded', nexthop: shrunk });
    }
  }
  dropRoutesOn(state, id);
}

function dropRoutesOn(state: KernelState, id: number): void {
  const gone = state.routes.filter((route) => route.nexthopId === id);
  if (gone.length === 0) return;
  state.routes = state.routes.filter((route) => route.nexthopId !== id);
  for (const route of gone) {
    // IPv4 routes that go with their nexthop or device go without a word.
    if (route.family === 'ipv6') state.tell({ type: 'routeRemoved', route });
  }
}

function tellDependentRoutes(state: KernelState, id: number): void {
  for (const route of state.routes) {
    if (route.nexthopId === id) state.tell({ type: 'routeAdded', route });
  }
}

function checkSingle(state: KernelState, wanted: KernelNexthop): KernelResult {
  if (wanted.blackhole === true) {
    // The kernel hangs blackholes on the loopback device.
    const loopback = state.devices.get(LOOPBACK_INDEX);
    return loopback?.adminUp === true
      ? granted
      : refused('ENETDOWN', 'Device for nexthop is not up');
  }
  if (wanted.deviceIndex === undefined) {
    return refused('EINVAL', 'Device attribute required for non-blackhole and non-fdb nexthops');
  }
  const device = state.devices.get(wanted.deviceIndex);
  if (device === undefined) return refused('EINVAL', 'Invalid device index');
  if (!device.adminUp) return refused('ENETDOWN', 'Nexthop device is not up');
  if (!hasCarrier(device)) return refused('ENETDOWN', 'Carrier for nexthop device is down');
  const { gateway, family } = wanted;
  if (gateway === undefined || deviceToward(state, gateway, family, device.index)) return granted;
  return family === 'ipv4'
    ? refused('ENETUNREACH', 'Nexthop has invalid gateway')
    : refused('EHOSTUNREACH');
}

function checkGroup(state: KernelState, group: readonly NexthopMember[]): KernelResult {
  if (group.length === 0) return refused('EINVAL', 'Invalid length for nexthop group attribute');
  const seen = new Set<number>();
  for (const member of group) {
    if (seen.has(member.id)) {
      return refused('EINVAL', 'Nexthop id can not be used twice in a group');
    }
    seen.add(member.id);
    const nexthop = state.nexthops.get(member.id);
    if (nexthop === undefined) return refused('EINVAL', 'Invalid nexthop id');
    if (nexthop.group !== undefined) {
      return refused('EINVAL', 'Hash-threshold group can not be a nexthop within a group');
    }
    if (nexthop.blackhole === true && group.length > 1) {
      return refused(
        'EINVAL',
        'Blackhole nexthop can not be used in a group with more than 1 path',
      );
    }
  }
  return granted;
}
