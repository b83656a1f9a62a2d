/**
 * Dump requests: one per address family where the kernel answers family by family.
 */
import { MessageWriter } from './message-writer.ts';
import {
  AF_UNSPEC,
  familyNumber,
  IFLA,
  NLM_F,
  RTA,
  RTEXT_FILTER_SKIP_STATS,
  RTM,
} from './netlink-numbers.ts';
import type { KernelDump } from './operations.ts';
import type { Family, KernelEvent } from './types.ts';

const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** The requests that together answer the dump, to be sent one after the other. */
export function buildDump(what: KernelDump): readonly Uint8Array[] {
  switch (what.dump) {
    case 'links':
      return [links()];
    case 'nexthops':
      return [header(RTM.GETNEXTHOP, AF_UNSPEC, 8).finish()];
    case 'neighbours':
      return perFamily(undefined, (family) => header(RTM.GETNEIGH, family, 12));
    case 'addresses':
      return perFamily(what.family, (family) => header(RTM.GETADDR, family, 8));
    case 'rules':
      return perFamily(what.family, (family) => header(RTM.GETRULE, family, 12));
    case 'routes':
      return perFamily(what.family, (family) => routes(family, what.table, what.protocol));
  }
}

/** Whether an object belongs to the answer: the kernel narrows by itself, older ones less than asked. */
export function belongsToDump(what: KernelDump, event: KernelEvent): boolean {
  if (what.dump !== 'routes') return true;
  if (event.type !== 'routeAdded') return false;
  const { table, protocol } = event.route;
  return (
    (what.table === undefined || what.table === table) &&
    (what.protocol === undefined || what.protocol === protocol)
  );
}

/** A table without routes does not exist for the kernel, and that is an empty answer. */
export function emptyDumpErrno(what: KernelDump): string | undefined {
  return what.dump === 'routes' && what.table !== undefined ? 'ENOENT' : undefined;
}

function perFamily(
  only: Family | undefined,
  build: (family: number) => MessageWriter,
): readonly Uint8Array[] {
  const families = only === undefined ? FAMILIES : [only];
  return families.map((family) => build(familyNumber(family)).finish());
}

/** The header struct of a dump request: the family, then zeros, which strict checking insists on. */
function header(type: number, family: number, bytes: number): MessageWriter {
  const writer = new MessageWriter(type, NLM_F.DUMP);
  writer.u8(family, ...Array.from({ length: bytes - 1 }, () => 0));
  return writer;
}

function links(): Uint8Array {
  const writer = header(RTM.GETLINK, AF_UNSPEC, 16);
  writer.attributeU32(IFLA.EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return writer.finish();
}

function routes(
  family: number,
  table: number | undefined,
  protocol: number | undefined,
): MessageWriter {
  const writer = new MessageWriter(RTM.GETROUTE, NLM_F.DUMP);
  writer.u8(family, 0, 0, 0, 0, protocol ?? 0, 0, 0);
  writer.u32(0);
  if (table !== undefined) writer.attributeU32(RTA.TABLE, table);
  return writer;
}
