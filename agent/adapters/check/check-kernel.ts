/**
 * One look at the kernel for a check: devices, addresses, our routes and nexthops, neighbours and drop counters.
 */
import { readFileSync } from 'node:fs';
import { parseDeviceCounters } from '../../../firmware-shim/host/parse-device-counters.ts';
import type { KernelDump } from '../../../firmware-shim/kernel/operations.ts';
import { type KernelEvent, ROUTE_PROTOCOL } from '../../../firmware-shim/kernel/types.ts';
import { openKernel } from '../../../firmware-shim/open-kernel.ts';
import type { Kernel } from '../../../firmware-shim/ports.ts';
import type { KernelFacts } from '../../diag/check/facts.ts';
import { inTime } from './check-probes.ts';

/** Dumps take milliseconds, also of 50,000 routes. */
const KERNEL_WAIT_MS = 1_000;
const DUMPS: readonly KernelDump[] = [
  { dump: 'links' },
  { dump: 'addresses' },
  { dump: 'routes', protocol: ROUTE_PROTOCOL },
  { dump: 'nexthops' },
  { dump: 'neighbours' },
];

/** Undefined when the kernel cannot be asked in time: no addon, no permission, no answer. */
export async function readKernel(): Promise<KernelFacts | undefined> {
  let kernel: Kernel;
  try {
    kernel = openKernel();
  } catch {
    return undefined;
  }
  try {
    const answers = Promise.all(DUMPS.map(async (dump) => dumped(kernel, dump)));
    const objects = (await inTime(answers, KERNEL_WAIT_MS))?.flat();
    return objects === undefined ? undefined : factsOf(objects);
  } finally {
    kernel.close();
  }
}

async function dumped(kernel: Kernel, dump: KernelDump): Promise<readonly KernelEvent[]> {
  return new Promise((resolve) => {
    kernel.dump(dump, (result) => resolve(result.ok ? result.objects : []));
  });
}

function factsOf(objects: readonly KernelEvent[]): KernelFacts {
  const drops = readDrops();
  return {
    links: objects.flatMap((each) => (each.type === 'linkChanged' ? [each.link] : [])),
    addresses: objects.flatMap((each) => (each.type === 'addressAdded' ? [each.address] : [])),
    routes: objects.flatMap((each) => (each.type === 'routeAdded' ? [each.route] : [])),
    nexthops: objects.flatMap((each) => (each.type === 'nexthopAdded' ? [each.nexthop] : [])),
    neighbours: objects.flatMap((each) =>
      each.type === 'neighbourChanged' ? [each.neighbour] : [],
    ),
    ...(drops !== undefined && { drops }),
  };
}

function readDrops(): KernelFacts['drops'] {
  try {
    const table = parseDeviceCounters(readFileSync('/proc/self/net/dev'));
    if (table === undefined) return undefined;
    return Object.fromEntries(
      [...table.devices].map(([name, { rxPackets, txPackets, rxDrops, txDrops }]) => [
        name,
        { packets: rxPackets + txPackets, drops: rxDrops + txDrops },
      ]),
    );
  } catch {
    return undefined;
  }
}
