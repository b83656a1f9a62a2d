import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../../../firmware-shim/kernel/address-text.ts';

/** Text as inet_ntop writes it, with its bytes. */
const KNOWN: readonly (readonly [string, string])[] = [
  ['0.0.0.0', '00000000'],
  ['192.0.2.255', 'c00002ff'],
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['2001:db8::1', '20010db8000000000000000000000001'],
  ['2001:db8:0:1:1:1:1:1', '20010db8000000010001000100010001'],
  ['2001:0:0:1::1', '20010000000000010000000000000001'],
  ['2001::1:0:0:1', '20010000000000000001000000000001'],
  ['fe80::', 'fe800000000000000000000000000000'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ['::192.0.2.1', '000000000000000000000000c0000201'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
];

test.each(KNOWN)('%s is written and read as the C library does', (text, hex) => {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  expect(formatAddress(bytes)).toBe(text);
  expect(parseAddress(text)).toEqual(bytes);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '256.0.0.1',
  '1.2.3.4 ',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '::12345',
  'fe80::1%eth0',
  '::1.2.3',
  '1.2.3.4::',
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test('what is written is read back the same', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    // Few distinct values make long runs of zeros.
    fc
      .array(fc.constantFrom(0, 0, 0, 1), { minLength: 16, maxLength: 16 })
      .map((all) => Uint8Array.from(all)),
  );
  fc.assert(
    fc.property(bytes, (address) => {
      expect(parseAddress(formatAddress(address) ?? '')).toEqual(address);
    }),
  );
});

test('accepts and refuses the same texts as Node', () => {
  const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/));
  fc.assert(
    fc.property(text, (candidate) => {
      const accepted = parseAddress(candidate) !== undefined;
      expect(accepted).toBe(isIPv4(candidate) || isIPv6(candidate));
    }),
  );
});
