/** Echo messages byte by byte, and nothing else taken for an answer. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { echoRequest, isEchoReply } from '../../../../agent/health/echo-packet.ts';

const TOKEN = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);

it.each([
  ['ipv4', 0x08, 0x00],
  ['ipv6', 0x80, 0x81],
] as const)('a request over %s and its reply are those of the RFC', (family, request, reply) => {
  const rest = [0, 0, 0, 0, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef];
  expect([...echoRequest(family, TOKEN)]).toEqual([request, ...rest]);
  // Checksum and identifier are the kernel's and stand for nothing here.
  const answered = Uint8Array.of(reply, 0, 0x12, 0x34, 0x56, 0x78, 0, 1, 0xde, 0xad, 0xbe, 0xef);
  expect(isEchoReply(family, answered, TOKEN)).toBe(true);
});

it('another length, type, code or token is no reply', () => {
  const reply = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, ...TOKEN);
  const spoiled = [
    reply.subarray(0, -1),
    Uint8Array.of(...reply, 0),
    reply.with(0, 8),
    reply.with(0, 3),
    reply.with(1, 1),
    reply.with(11, 0),
    new Uint8Array(),
  ];
  expect(spoiled.filter((bytes) => isEchoReply('ipv4', bytes, TOKEN))).toEqual([]);
});

it('whatever arrives, only what carries the token back is an answer, and nothing is thrown', () => {
  const families = fc.constantFrom('ipv4' as const, 'ipv6' as const);
  fc.assert(
    fc.property(families, fc.uint8Array({ maxLength: 64 }), (family, bytes) => {
      const carries = Buffer.from(bytes.subarray(8)).equals(TOKEN);
      expect(!isEchoReply(family, bytes, TOKEN) || carries).toBe(true);
    }),
  );
});
