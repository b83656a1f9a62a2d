/**
 * The numbers by which a flow remembers the tunnel it began on: a connection mark, and the rule and table that hold
 * such flows back on that tunnel. Known to both threads; the connection mark outlives a restart of either.
 */
import {
  type KernelRoute,
  type KernelRule,
  ROUTE_PROTOCOL,
} from '../../firmware-shim/kernel/types.ts';

/** Marks 0xC50000 to 0xC5FFFF, whole words: the uplinks' own fwmarks begin with 0xC4. */
export const FLOW_MARKS = { base: 0xc5_00_00, mask: 0xff_ff_00_00 } as const;
/** One table per tunnel, by its mark; no other range of ours reaches so far. */
const TABLE_BASE = 20_000;
/** Behind the uplinks' fwmarks, before their source addresses, and before the main table. */
const PRIORITY = 19_650;
/** Unlike that of the prefixes, so that each keeper only ever sees its own. */
const METRIC = 19_601;

/** `slot` is the tunnel's own number on this machine. */
export function flowMark(slot: number): number {
  return FLOW_MARKS.base + slot;
}

export function flowTable(mark: number): number {
  return TABLE_BASE + (mark - FLOW_MARKS.base);
}

export function flowRule(mark: number, family: KernelRule['family']): KernelRule {
  const table = flowTable(mark);
  return { family, priority: PRIORITY, table, protocol: ROUTE_PROTOCOL, fwmark: mark };
}

export function isFlowRule({ priority, protocol }: KernelRule): boolean {
  return priority === PRIORITY && protocol === ROUTE_PROTOCOL;
}

/**
 * All of the table: what has the mark went into this tunnel before. No nexthop object, so that the route goes with
 * the device's carrier, and an empty table sends its flows on to the prefixes' own routes.
 */
export function flowRoute(
  mark: number,
  family: KernelRule['family'],
  deviceIndex: number,
): KernelRoute {
  return {
    family,
    destination: family === 'ipv4' ? '0.0.0.0/0' : '::/0',
    table: flowTable(mark),
    protocol: ROUTE_PROTOCOL,
    type: 'unicast',
    metric: METRIC,
    deviceIndex,
  };
}

export function isFlowRoute({ table, protocol, metric }: KernelRoute): boolean {
  return protocol === ROUTE_PROTOCOL && metric === METRIC && table >= TABLE_BASE;
}

/** How many flows that began on a tunnel are alive. */
export interface FlowCount {
  readonly mark: number;
  readonly flows: number;
}
