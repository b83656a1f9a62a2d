import { expect, test } from 'vitest';
import { adoptedShares } from '../../../../agent/routes/route-adoption.ts';
import { NEXTHOP_IDS } from '../../../../agent/routes/route-objects.ts';
import { type KernelNexthop, ROUTE_PROTOCOL } from '../../../../firmware-shim/kernel/types.ts';

const { group, tunnel, blackhole } = NEXTHOP_IDS;
const OURS = { family: 'ipv4', protocol: ROUTE_PROTOCOL } as const;
const SLOTS = [
  { tunnel: 't1', slot: 0, deviceIndex: 11 },
  { tunnel: 't2', slot: 1, deviceIndex: 12 },
  { tunnel: 't3', slot: 2, deviceIndex: undefined },
];

function left(...nexthops: readonly Omit<KernelNexthop, 'family' | 'protocol'>[]) {
  return new Map(nexthops.map((each) => [each.id, { ...OURS, ...each }]));
}

const first = { id: tunnel.ipv4, deviceIndex: 11 };
const second = { id: tunnel.ipv4 + 1, deviceIndex: 12 };
const member = (id: number, weight = 1) => ({ id, weight });

test('the members of the group that a former run left are the tunnels on their devices, with their weights', () => {
  const members = [member(second.id, 3), member(first.id)];
  expect(adoptedShares(left(first, second, { id: group.ipv4, group: members }), SLOTS)).toEqual([
    { tunnel: 't2', weight: 3 },
    { tunnel: 't1', weight: 1 },
  ]);
});

test('a group that leads nowhere, or over a device of no tunnel, is passed over for that of the other family', () => {
  const nowhere = { id: group.ipv4, group: [member(blackhole.ipv4), member(first.id), member(7)] };
  const other = { id: group.ipv6, group: [member(tunnel.ipv6)] };
  const nexthops = left(
    { id: blackhole.ipv4, blackhole: true },
    { ...first, deviceIndex: 99 },
    { id: tunnel.ipv6, deviceIndex: 11 },
    nowhere,
    other,
  );
  expect(adoptedShares(nexthops, SLOTS)).toEqual([{ tunnel: 't1', weight: 1 }]);
});

test('nothing is adopted where nothing was left', () => {
  expect(adoptedShares(left(), SLOTS)).toEqual([]);
  expect(adoptedShares(left(first, { id: group.ipv4, blackhole: true }), SLOTS)).toEqual([]);
});
