/**
 * The steps that give each LAN port its address, and take every other IPv4 address off it.
 *
 * The new address comes before the old one goes, so that hosts of both networks reach the box meanwhile; within one
 * network the old one goes first, because with the first address of a network the kernel takes away the others.
 */
import { parsePrefix, prefixesOverlap } from '../../firmware-shim/kernel/prefix.ts';
import type { KernelAddress } from '../../firmware-shim/kernel/types.ts';
import type { EffectiveLanPort } from './effective-lan.ts';
import type { ObservedState } from './observed-state.ts';
import type { Step } from './step.ts';

export function lanSteps(
  ports: readonly EffectiveLanPort[],
  { devices }: ObservedState,
): readonly Step[] {
  return ports.flatMap((port) => {
    const link = devices.linkByName(port.deviceName);
    const [address = '', length] = port.address.split('/');
    if (link === undefined) return [];
    const wanted: KernelAddress = {
      deviceIndex: link.index,
      family: 'ipv4',
      address,
      prefixLength: Number(length),
    };
    const present = devices.addressesOf(link.index).filter(({ family }) => family === 'ipv4');
    const stale = present.filter((each) => !isSame(each, wanted));
    const adds = stale.length < present.length ? [] : [addStep(port, wanted)];
    const isNear = (each: KernelAddress) => overlaps(each, wanted);
    return [
      ...stale.filter(isNear).map((each) => deleteStep(port, each)),
      ...adds,
      ...stale.filter((each) => !isNear(each)).map((each) => deleteStep(port, each)),
    ];
  });
}

function addStep({ id, deviceName }: EffectiveLanPort, address: KernelAddress): Step {
  return {
    key: `address ${deviceName} ${textOf(address)}`,
    sentence: `Give LAN port ${id} the address ${textOf(address)}.`,
    action: { do: 'kernel', operation: { op: 'addressReplace', address } },
    lanPort: id,
  };
}

function deleteStep({ id, deviceName }: EffectiveLanPort, address: KernelAddress): Step {
  return {
    key: `stale address ${deviceName} ${textOf(address)}`,
    sentence: `Take the address ${textOf(address)} off LAN port ${id}.`,
    action: { do: 'kernel', operation: { op: 'addressDelete', address } },
    lanPort: id,
  };
}

function isSame(a: KernelAddress, b: KernelAddress): boolean {
  return textOf(a) === textOf(b);
}

function overlaps(a: KernelAddress, b: KernelAddress): boolean {
  const [one, other] = [parsePrefix(textOf(a)), parsePrefix(textOf(b))];
  return one !== undefined && other !== undefined && prefixesOverlap(one, other);
}

function textOf({ address, prefixLength }: KernelAddress): string {
  return `${address}/${prefixLength}`;
}
