/** Kernel objects as a caller may ask for them, for property tests. */
import fc from 'fast-check';
import { formatAddress } from '../../../../firmware-shim/kernel/address-text.ts';
import { formatPrefix, networkOf } from '../../../../firmware-shim/kernel/prefix.ts';
import type {
  Family,
  KernelAddress,
  KernelNexthop,
  KernelRoute,
  KernelRule,
} from '../../../../firmware-shim/kernel/types.ts';

const u32 = fc.integer({ min: 1, max: 0xffff_ffff });
const family = fc.constantFrom<Family>('ipv4', 'ipv6');

function addressOf(which: Family): fc.Arbitrary<string> {
  const length = which === 'ipv4' ? 4 : 16;
  return fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => formatAddress(bytes) ?? '');
}

function prefixOf(which: Family): fc.Arbitrary<string> {
  const bytes = which === 'ipv4' ? 4 : 16;
  return fc
    .tuple(
      fc.uint8Array({ minLength: bytes, maxLength: bytes }),
      fc.integer({ min: 0, max: 8 * bytes }),
    )
    .map(([raw, length]) => formatPrefix(networkOf({ family: which, bytes: raw, length })));
}

export const anyAddress: fc.Arbitrary<KernelAddress> = family.chain((which) =>
  fc.record({
    deviceIndex: u32,
    family: fc.constant(which),
    address: addressOf(which),
    prefixLength: fc.integer({ min: 0, max: which === 'ipv4' ? 32 : 128 }),
  }),
);

export const anyRoute: fc.Arbitrary<KernelRoute> = family.chain((which) => {
  const common = {
    family: fc.constant(which),
    destination: prefixOf(which),
    table: u32,
    protocol: fc.integer({ min: 0, max: 255 }),
    type: fc.constant('unicast' as const),
  };
  const optional = { metric: u32, source: addressOf(which) };
  return fc.oneof(
    fc.record(
      { ...common, ...optional, gateway: addressOf(which), deviceIndex: u32 },
      { requiredKeys: ['family', 'destination', 'table', 'protocol', 'type'] },
    ),
    fc.record(
      { ...common, ...optional, nexthopId: u32 },
      { requiredKeys: ['family', 'destination', 'table', 'protocol', 'type', 'nexthopId'] },
    ),
  );
});

export const anyRule: fc.Arbitrary<KernelRule> = family.chain((which) =>
  fc.record(
    {
      family: fc.constant(which),
      priority: u32,
      table: u32,
      protocol: fc.integer({ min: 0, max: 255 }),
      from: prefixOf(which),
      to: prefixOf(which),
      fwmark: u32,
    },
    { requiredKeys: ['family', 'priority', 'table'] },
  ),
);

const single: fc.Arbitrary<KernelNexthop> = family.chain((which) =>
  fc.record(
    {
      id: u32,
      family: fc.constant(which),
      protocol: fc.integer({ min: 0, max: 255 }),
      deviceIndex: u32,
      gateway: addressOf(which),
    },
    { requiredKeys: ['id', 'family', 'protocol'] },
  ),
);

const group: fc.Arbitrary<KernelNexthop> = fc.record({
  id: u32,
  family: fc.constant('ipv4' as const),
  protocol: fc.integer({ min: 0, max: 255 }),
  group: fc.array(fc.record({ id: u32, weight: fc.integer({ min: 1, max: 256 }) }), {
    minLength: 1,
    maxLength: 40,
  }),
});

export const anyNexthop: fc.Arbitrary<KernelNexthop> = fc.oneof(single, group);
