import { expect, test } from 'vitest';
import { NEXTHOP_IDS, TUNNEL_SLOTS_MAX } from '../../../../agent/routes/route-objects.ts';
import { SlotBook } from '../../../../agent/routes/slot-book.ts';
import { type KernelNexthop, ROUTE_PROTOCOL } from '../../../../firmware-shim/kernel/types.ts';

const NOTHING_LEFT: ReadonlyMap<number, KernelNexthop> = new Map();

function left(
  id: number,
  deviceIndex: number,
  family: KernelNexthop['family'] = 'ipv4',
): ReadonlyMap<number, KernelNexthop> {
  return new Map([[id, { id, family, protocol: ROUTE_PROTOCOL, deviceIndex }]]);
}

function slots(
  book: SlotBook,
  tunnels: readonly string[],
  nexthops: ReadonlyMap<number, KernelNexthop> = NOTHING_LEFT,
): readonly number[] {
  const indexed = tunnels.map((tunnel) => ({ tunnel, deviceIndex: Number(tunnel.slice(1)) }));
  return book.assign(indexed, nexthops).map(({ slot }) => slot);
}

test('each tunnel gets the lowest place that is free, and keeps it whatever the order', () => {
  const book = new SlotBook();
  expect(slots(book, ['t1', 't2', 't3'])).toEqual([0, 1, 2]);
  expect(slots(book, ['t3', 't1', 't2'])).toEqual([2, 0, 1]);
});

test('a tunnel that leaves the plan gives its place to the next that comes', () => {
  const book = new SlotBook();
  slots(book, ['t1', 't2', 't3']);
  expect(slots(book, ['t1', 't3', 't4'])).toEqual([0, 2, 1]);
});

test.each(['ipv4', 'ipv6'] as const)(
  'a nexthop that a former run left tells the place (%s)',
  (family) => {
    const id = NEXTHOP_IDS.tunnel[family] + 4;
    expect(slots(new SlotBook(), ['t1', 't2'], left(id, 2, family))).toEqual([0, 4]);
  },
);

test('the first and the last place can be left by a former run, nothing beyond them', () => {
  const { ipv4 } = NEXTHOP_IDS.tunnel;
  const second = (id: number) => slots(new SlotBook(), ['t1', 't2'], left(id, 2))[1];
  expect(second(ipv4 + TUNNEL_SLOTS_MAX - 1)).toBe(TUNNEL_SLOTS_MAX - 1);
  expect(second(ipv4 + TUNNEL_SLOTS_MAX)).toBe(1);
  expect(second(ipv4 - 1)).toBe(1);
  expect(slots(new SlotBook(), ['t2', 't1'], left(ipv4, 1))).toEqual([0, 1]);
  expect(slots(new SlotBook(), ['t1', 't2'], left(ipv4, 1))).toEqual([0, 1]);
});

test('a place that is taken already is not given twice', () => {
  const book = new SlotBook();
  slots(book, ['t1']);
  expect(slots(book, ['t1', 't2'], left(NEXTHOP_IDS.tunnel.ipv4, 2))).toEqual([0, 1]);
});

test('a tunnel without a device takes no place that a nexthop without a device has', () => {
  const blackhole = { id: NEXTHOP_IDS.tunnel.ipv4 + 3, family: 'ipv4', protocol: 4 } as const;
  const tunnel = { tunnel: 't1', deviceIndex: undefined };
  const found = new SlotBook().assign([tunnel], new Map([[blackhole.id, blackhole]]));
  expect(found).toEqual([{ tunnel: 't1', deviceIndex: undefined, slot: 0 }]);
});
