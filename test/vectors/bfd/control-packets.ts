/**
 * BFD control packets written by hand from the field tables of RFC 5880 section 4.1, so that the codec and
 * these bytes cannot share a mistake. Intervals are microseconds.
 */
import type { BfdDiscard, BfdPacket } from '../../../agent/tunnel/bfd/bfd-packet.ts';

export const VALID: readonly { what: string; hex: string; packet: BfdPacket }[] = [
  {
    what: 'Down, first packet of a session that knows no peer, one second',
    // 20 = version 1, diag 0; 40 = state 1 (Down); 03 = mult; 18 = 24 bytes
    hex: '20400318 11223344 00000000 000f4240 0000c350 00000000',
    packet: {
      diagnostic: 0,
      state: 'Down',
      poll: false,
      final: false,
      demand: false,
      detectMult: 3,
      myDiscriminator: 0x11223344,
      yourDiscriminator: 0,
      desiredMinTxMicros: 1_000_000,
      requiredMinRxMicros: 50_000,
      requiredMinEchoRxMicros: 0,
    },
  },
  {
    what: 'Up with Poll, 300 ms, multiplier 5',
    // e0 = state 3 (Up) with P
    hex: '20e00518 00000001 ffffffff 000493e0 000493e0 00000000',
    packet: {
      diagnostic: 0,
      state: 'Up',
      poll: true,
      final: false,
      demand: false,
      detectMult: 5,
      myDiscriminator: 1,
      yourDiscriminator: 0xffffffff,
      desiredMinTxMicros: 300_000,
      requiredMinRxMicros: 300_000,
      requiredMinEchoRxMicros: 0,
    },
  },
  {
    what: 'Up with Final',
    hex: '20d00318 00000001 00000002 0000c350 0000c350 0000c350',
    packet: {
      diagnostic: 0,
      state: 'Up',
      poll: false,
      final: true,
      demand: false,
      detectMult: 3,
      myDiscriminator: 1,
      yourDiscriminator: 2,
      desiredMinTxMicros: 50_000,
      requiredMinRxMicros: 50_000,
      requiredMinEchoRxMicros: 50_000,
    },
  },
  {
    what: 'Init with Demand and diagnostic 3',
    hex: '23820318 0000000a 0000000b 000f4240 000f4240 00000000',
    packet: {
      diagnostic: 3,
      state: 'Init',
      poll: false,
      final: false,
      demand: true,
      detectMult: 3,
      myDiscriminator: 10,
      yourDiscriminator: 11,
      desiredMinTxMicros: 1_000_000,
      requiredMinRxMicros: 1_000_000,
      requiredMinEchoRxMicros: 0,
    },
  },
  {
    what: 'AdminDown with diagnostic 7',
    hex: '27000118 0000000a 0000000b 000f4240 0000c350 00000000',
    packet: {
      diagnostic: 7,
      state: 'AdminDown',
      poll: false,
      final: false,
      demand: false,
      detectMult: 1,
      myDiscriminator: 10,
      yourDiscriminator: 11,
      desiredMinTxMicros: 1_000_000,
      requiredMinRxMicros: 50_000,
      requiredMinEchoRxMicros: 0,
    },
  },
];

/** Each breaks one rule of section 6.8.6 and, where it breaks two, the earlier one counts. */
export const DISCARDED: readonly { what: string; hex: string; discard: BfdDiscard }[] = [
  { what: 'nothing at all', hex: '', discard: 'too-short' },
  {
    what: '23 bytes',
    hex: '20400318 11223344 00000000 000f4240 0000c350 000000',
    discard: 'too-short',
  },
  {
    what: 'version 0',
    hex: '00400318 11223344 00000000 000f4240 0000c350 00000000',
    discard: 'version',
  },
  {
    what: 'version 2, and multiplier 0 too',
    hex: '40400018 11223344 00000000 000f4240 0000c350 00000000',
    discard: 'version',
  },
  {
    what: 'Length 23',
    hex: '20400317 11223344 00000000 000f4240 0000c350 00000000',
    discard: 'length',
  },
  {
    what: 'Length 24 with the A bit, which needs 26',
    hex: '20440318 11223344 00000000 000f4240 0000c350 00000000 0000',
    discard: 'length',
  },
  {
    what: 'Length beyond the datagram',
    hex: '20400319 11223344 00000000 000f4240 0000c350 00000000',
    discard: 'length',
  },
  {
    what: 'Detect Mult 0, and M set too',
    hex: '20410018 11223344 00000000 000f4240 0000c350 00000000',
    discard: 'detect-mult-zero',
  },
  {
    what: 'Multipoint set, and My Discriminator 0 too',
    hex: '20410318 00000000 00000000 000f4240 0000c350 00000000',
    discard: 'multipoint',
  },
  {
    what: 'My Discriminator 0',
    hex: '20400318 00000000 00000000 000f4240 0000c350 00000000',
    discard: 'my-discriminator-zero',
  },
];

export function bytesOf(hex: string): Uint8Array {
  const digits = hex.replaceAll(' ', '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16),
  );
}
