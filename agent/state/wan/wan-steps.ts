/**
 * The steps that give the devices of uplinks the addresses that were set at the box. A new address comes before the old
 * one goes, so that an uplink that keeps its address never lacks it.
 */
import type { KernelAddress } from '../../../firmware-shim/kernel/types.ts';
import type { WanLine } from '../../model/wan.ts';
import type { ObservedState } from '../observed-state.ts';
import type { Step } from '../step.ts';

export function wanSteps(lines: readonly WanLine[], { devices }: ObservedState): readonly Step[] {
  return lines.flatMap(({ uplink, cable, addresses }): readonly Step[] => {
    const link = devices.linkByName(cable);
    if (link === undefined) return [];
    const { index } = link;
    const raise: Step = {
      key: `raise ${cable}`,
      sentence: `Take the device ${cable} of ${uplink} up.`,
      action: { do: 'kernel', operation: { op: 'linkSet', index, adminUp: true } },
      uplink,
      ofBox: true,
    };
    const own = devices.ownAddresses(index);
    const wanted = addresses?.map(
      (each): KernelAddress => ({
        ...each,
        deviceIndex: index,
        family: 'ipv4',
      }),
    );
    return [
      ...(link.adminUp ? [] : [raise]),
      ...(wanted ?? [])
        .filter((address) => !own.some((each) => isSame(each, address)))
        .map((address) => addressStep(uplink, cable, address, 'addressReplace')),
      ...own
        .filter((each) => wanted?.some((address) => isSame(each, address)) === false)
        .map((address) => addressStep(uplink, cable, address, 'addressDelete')),
    ];
  });
}

function addressStep(
  uplink: string,
  cable: string,
  address: KernelAddress,
  op: 'addressReplace' | 'addressDelete',
): Step {
  const text = `${address.address}/${address.prefixLength}`;
  const sentence =
    op === 'addressReplace'
      ? `Give ${uplink} the address ${text} that was set at the box.`
      : `Take ${text} from ${uplink}, which has another address now.`;
  return {
    key: `${op} ${cable} ${text}`,
    sentence,
    action: { do: 'kernel', operation: { op, address } },
    uplink,
    ofBox: true,
  };
}

function isSame(a: KernelAddress, b: KernelAddress): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength;
}
