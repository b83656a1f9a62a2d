import { BlockList } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  comparePrefixes,
  formatPrefix,
  hasHostBits,
  networkOf,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../../../../firmware-shim/kernel/prefix.ts';

const ipv4Prefix = fc
  .tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 32 }))
  .map(([bytes, length]): Prefix => ({ family: 'ipv4', bytes, length }));
const ipv6Prefix = fc
  .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 0, max: 128 }))
  .map(([bytes, length]): Prefix => ({ family: 'ipv6', bytes, length }));
const anyPrefix = fc.oneof(ipv4Prefix, ipv6Prefix);

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  expect(parsed).toBeDefined();
  return parsed as Prefix;
}

test('text survives the round trip', () => {
  fc.assert(
    fc.property(anyPrefix, (one) => {
      expect(parsePrefix(formatPrefix(one))).toEqual(one);
    }),
  );
});

test.each([
  '',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/08',
  '10.0.0.0/-1',
  '::/129',
  '1.2.3.4/8/8',
  'x/8',
])('%j is no prefix', (text) => {
  expect(parsePrefix(text)).toBeUndefined();
});

test('a bare address is the prefix of that address alone', () => {
  expect(prefix('192.0.2.1').length).toBe(32);
  expect(prefix('2001:db8::1').length).toBe(128);
});

test('contains agrees with the address list of Node', () => {
  fc.assert(
    fc.property(ipv4Prefix, fc.uint8Array({ minLength: 4, maxLength: 4 }), (outer, bytes) => {
      const list = new BlockList();
      list.addSubnet(outer.bytes.join('.'), outer.length, 'ipv4');
      const inner: Prefix = { family: 'ipv4', bytes, length: 32 };
      expect(prefixContains(outer, inner)).toBe(list.check(bytes.join('.'), 'ipv4'));
    }),
  );
});

test('a prefix contains itself and every longer prefix made from it', () => {
  fc.assert(
    fc.property(anyPrefix, fc.nat(128), (one, more) => {
      const length = Math.min(8 * one.bytes.length, one.length + more);
      expect(prefixContains(one, { ...one, length })).toBe(true);
    }),
  );
});

test('overlap does not depend on the order, and never crosses families', () => {
  fc.assert(
    fc.property(anyPrefix, anyPrefix, (a, b) => {
      expect(prefixesOverlap(a, b)).toBe(prefixesOverlap(b, a));
      expect(prefixesOverlap(a, b) && a.family !== b.family).toBe(false);
    }),
  );
  expect(prefixesOverlap(prefix('10.1.0.0/16'), prefix('10.1.2.0/24'))).toBe(true);
  expect(prefixesOverlap(prefix('10.1.0.0/16'), prefix('10.2.0.0/16'))).toBe(false);
  expect(prefixesOverlap(prefix('0.0.0.0/0'), prefix('::/0'))).toBe(false);
});

test('the order is by family, then address, then the wider prefix first', () => {
  const ordered = ['10.0.0.0/8', '10.0.0.0/16', '10.0.1.0/24', '192.0.2.0/24', '::/0', 'fd00::/8'];
  const shuffled = [...ordered].reverse().map(prefix);
  expect(shuffled.sort(comparePrefixes).map(formatPrefix)).toEqual(ordered);
});

test('a network has no host bits, and is the same network again', () => {
  fc.assert(
    fc.property(anyPrefix, (one) => {
      const network = networkOf(one);
      expect(hasHostBits(network)).toBe(false);
      expect(prefixContains(network, one)).toBe(true);
    }),
  );
  expect(hasHostBits(prefix('10.0.0.1/8'))).toBe(true);
});
