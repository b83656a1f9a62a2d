import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type BfdPacket,
  decodeBfdPacket,
  encodeBfdPacket,
  sessionDiscard,
} from '../../../../agent/tunnel/bfd/bfd-packet.ts';
import { bytesOf, DISCARDED, VALID } from '../../../vectors/bfd/control-packets.ts';

const u32 = () => fc.integer({ min: 0, max: 0xffffffff });
const packets = fc.record<BfdPacket>({
  diagnostic: fc.integer({ min: 0, max: 31 }),
  state: fc.constantFrom('AdminDown', 'Down', 'Init', 'Up'),
  poll: fc.boolean(),
  final: fc.boolean(),
  demand: fc.boolean(),
  detectMult: fc.integer({ min: 1, max: 255 }),
  myDiscriminator: fc.integer({ min: 1, max: 0xffffffff }),
  yourDiscriminator: u32(),
  desiredMinTxMicros: u32(),
  requiredMinRxMicros: u32(),
  requiredMinEchoRxMicros: u32(),
});

test.each(VALID)('reads and writes, byte for byte: $what', ({ hex, packet }) => {
  expect(decodeBfdPacket(bytesOf(hex))).toEqual({ ok: true, packet });
  expect(encodeBfdPacket(packet)).toEqual(bytesOf(hex));
});

test.each(DISCARDED)('discards by the first rule it breaks: $what', ({ hex, discard }) => {
  expect(decodeBfdPacket(bytesOf(hex))).toEqual({ ok: false, discard });
});

test('any packet survives the round trip', () => {
  fc.assert(
    fc.property(packets, (packet) => {
      expect(decodeBfdPacket(encodeBfdPacket(packet))).toEqual({ ok: true, packet });
    }),
  );
});

test('arbitrary bytes never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void decodeBfdPacket(bytes)));
});

test('a packet is read where it lies, also in the middle of a larger buffer', () => {
  const vector = bytesOf(VALID[1]?.hex ?? '');
  const larger = new Uint8Array(100);
  larger.set(vector, 13);
  expect(decodeBfdPacket(larger.subarray(13, 13 + vector.length))).toEqual({
    ok: true,
    packet: VALID[1]?.packet,
  });
});

test('a packet for another session, or for none while not Down, is not ours', () => {
  const up = { ...(VALID[1]?.packet as BfdPacket) };
  expect(sessionDiscard(up, encodeBfdPacket(up), 7)).toBe('your-discriminator-unknown');
  const lost = { ...up, yourDiscriminator: 0 };
  expect(sessionDiscard(lost, encodeBfdPacket(lost), 7)).toBe('your-discriminator-zero');
  const down: BfdPacket = { ...lost, state: 'Down' };
  expect(sessionDiscard(down, encodeBfdPacket(down), 7)).toBeUndefined();
});

test('a packet that claims authentication is discarded, because none is in use', () => {
  const bytes = bytesOf('2044031a 11223344 00000000 000f4240 0000c350 00000000 0102');
  const decoded = decodeBfdPacket(bytes);
  expect(decoded.ok && sessionDiscard(decoded.packet, bytes, 1)).toBe('authentication');
});
