import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha1 } from '../../../../firmware-shim/base/sha1.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** RFC 3174 section 7.3, and the empty message. */
test.each([
  ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
  ],
  ['a'.repeat(1_000_000), '34aa973cd4c4daa4f61eeb2bdbad27316534016f'],
  [
    '0123456701234567012345670123456701234567012345670123456701234567'.repeat(10),
    'dea356a2cddd90c7a7ecedc5ebb563934f460452',
  ],
])('the test vectors of RFC 3174 come out', (message, digest) => {
  expect(hex(sha1(ascii(message)))).toBe(digest);
});

test('any message, around every block border, has the digest another implementation gives it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
      expect(hex(sha1(message))).toBe(createHash('sha1').update(message).digest('hex'));
    }),
  );
});
