/**
 * Takes away what this agent has put into the kernel's routing and nothing else: every rule, route and nexthop of our
 * protocol number. For an end that shall leave no trace; in any other end they stay and carry traffic.
 */
import type { KernelDump, KernelOperation } from '../../../firmware-shim/kernel/operations.ts';
import { type KernelEvent, ROUTE_PROTOCOL } from '../../../firmware-shim/kernel/types.ts';
import type { Kernel } from '../../../firmware-shim/ports.ts';

/** In the order in which nothing hangs on what goes: rules lead to routes, routes to nexthops, groups hold members. */
const DUMPS: readonly KernelDump[] = [
  { dump: 'rules' },
  { dump: 'routes', protocol: ROUTE_PROTOCOL },
  { dump: 'nexthops' },
];

export async function sweepKernel(kernel: Pick<Kernel, 'dump' | 'perform'>): Promise<void> {
  for (const what of DUMPS) {
    const objects = await dumped(kernel, what);
    const groupsFirst = objects.toSorted((a, b) => Number(isGroup(b)) - Number(isGroup(a)));
    for (const operation of groupsFirst.flatMap(removalOf)) await perform(kernel, operation);
  }
}

function removalOf(object: KernelEvent): readonly KernelOperation[] {
  switch (object.type) {
    case 'ruleAdded':
      return isOurs(object.rule) ? [{ op: 'ruleDelete', rule: object.rule }] : [];
    case 'routeAdded':
      return isOurs(object.route) ? [{ op: 'routeDelete', route: object.route }] : [];
    case 'nexthopAdded':
      return isOurs(object.nexthop) ? [{ op: 'nexthopDelete', id: object.nexthop.id }] : [];
    default:
      return [];
  }
}

function isOurs({ protocol }: { readonly protocol?: number }): boolean {
  return protocol === ROUTE_PROTOCOL;
}

function isGroup(object: KernelEvent): boolean {
  return object.type === 'nexthopAdded' && object.nexthop.group !== undefined;
}

async function dumped(
  kernel: Pick<Kernel, 'dump'>,
  what: KernelDump,
): Promise<readonly KernelEvent[]> {
  return new Promise((resolve) => {
    kernel.dump(what, (result) => resolve(result.ok ? result.objects : []));
  });
}

/** What is gone already is as good as removed. */
async function perform(kernel: Pick<Kernel, 'perform'>, operation: KernelOperation): Promise<void> {
  return new Promise((resolve) => {
    kernel.perform(operation, () => resolve());
  });
}
