import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  canonicalAddress,
  decodeAnnouncement,
  encodeAnnouncement,
  isNewer,
} from '../../../../agent/tunnel/announcement/path-announcement.ts';
import { bytesOf } from '../../../vectors/bfd/control-packets.ts';

/** Written by hand from docs/PATH-ANNOUNCEMENT.md. */
const EXAMPLE = '01010020 0badcafe 00000007 00000000 00000000 00000000 0000ffff 0afa0201';

test('the documented example reads and writes byte for byte', () => {
  const announcement = {
    kind: 'announce',
    epoch: 0x0badcafe,
    sequence: 7,
    address: '10.250.2.1',
  } as const;
  expect(decodeAnnouncement(bytesOf(EXAMPLE))).toEqual({ ok: true, announcement });
  expect(encodeAnnouncement(announcement)).toEqual(bytesOf(EXAMPLE));
});

test.each([
  ['01', 'length'],
  [`${EXAMPLE} 00`, 'length'],
  [EXAMPLE.replace(/^01/, '02'), 'version'],
  [EXAMPLE.replace('010100', '010300'), 'kind'],
  [EXAMPLE.replace('0020', '0021'), 'length'],
  [EXAMPLE.replace('00000007 00000000', '00000007 00000001'), 'reserved'],
])('discards what is not an announcement: %s', (hex, discard) => {
  expect(decodeAnnouncement(bytesOf(hex))).toEqual({ ok: false, discard });
});

test('all zero means no tunnel, and IPv6 survives in one spelling', () => {
  const none = { kind: 'acknowledge', epoch: 1, sequence: 2, address: undefined } as const;
  expect(decodeAnnouncement(encodeAnnouncement(none))).toEqual({ ok: true, announcement: none });
  expect(canonicalAddress('fd00::1')).toBe(canonicalAddress('FD00:0:0:0:0:0:0:1'));
  expect(canonicalAddress('fd00::1')).not.toBe(canonicalAddress('fd00::1:0'));
});

test('any IPv4 address survives, and arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(canonicalAddress(address)).toBe(address === '0.0.0.0' ? '0.0.0.0' : address);
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (b) => void decodeAnnouncement(b)));
});

test('sequences compare across the wrap', () => {
  expect(isNewer(0, 0xffffffff)).toBe(true);
  expect(isNewer(0xffffffff, 0)).toBe(false);
  expect(isNewer(5, 5)).toBe(false);
});
