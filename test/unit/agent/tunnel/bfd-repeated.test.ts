import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BfdAuthenticator } from '../../../../agent/tunnel/bfd/bfd-authentication.ts';
import { decodeBfdPacket } from '../../../../agent/tunnel/bfd/bfd-packet.ts';
import { BfdReception } from '../../../../agent/tunnel/bfd/bfd-reception.ts';
import { type BfdSaying, BfdTransmission } from '../../../../agent/tunnel/bfd/bfd-transmission.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { peerPacket } from '../../../kit/bfd-peer.ts';

const MINE = 7;
const KEYS = {
  type: 'meticulous-keyed-sha1',
  sendKeyId: 1,
  keys: [{ id: 1, secret: Uint8Array.of(1, 2, 3) }],
} as const;

function saying(over: Partial<BfdSaying> = {}): BfdSaying {
  const timers = { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 3 };
  const base = { diagnostic: 0, state: 'Up', poll: false, final: false, timers } as const;
  return { ...base, yourDiscriminator: 9, ...over };
}

test('what is said again leaves as the same bytes, and every one is counted', () => {
  const transmission = new BfdTransmission(MINE);
  const first = transmission.write(saying(), undefined);
  expect(transmission.write(saying(), undefined)).toBe(first);
  expect(transmission.written).toBe(2);
});

test.each<Partial<BfdSaying>>([
  { diagnostic: 1 },
  { state: 'Down' },
  { poll: true },
  { final: true },
  { yourDiscriminator: 8 },
  { timers: { desiredMinTxMs: 60, requiredMinRxMs: 50, detectMult: 3 } },
  { timers: { desiredMinTxMs: 50, requiredMinRxMs: 60, detectMult: 3 } },
  { timers: { desiredMinTxMs: 50, requiredMinRxMs: 50, detectMult: 4 } },
])('a saying that differs by %o is written anew, as if nothing had been said before', (over) => {
  const transmission = new BfdTransmission(MINE);
  const before = transmission.write(saying(), undefined).slice();
  const changed = transmission.write(saying(over), undefined);
  expect(changed).not.toEqual(before);
  expect(changed).toEqual(new BfdTransmission(MINE).write(saying(over), undefined));
  expect(transmission.write(saying(), undefined)).toEqual(before);
});

test('a broken link below is told while the session is Up, and once more when it is whole again', () => {
  const transmission = new BfdTransmission(MINE);
  const diagnostic = (over: Partial<BfdSaying> = {}): number | undefined => {
    const decoded = decodeBfdPacket(transmission.write(saying(over), undefined));
    return decoded.ok ? decoded.packet.diagnostic : undefined;
  };
  transmission.uplinkJudged(false);
  expect([diagnostic(), diagnostic()]).toEqual([6, 6]);
  // Why a session is Down is told by the session.
  expect(diagnostic({ state: 'Down', diagnostic: 1 })).toBe(1);
  transmission.uplinkJudged(true);
  expect([diagnostic(), diagnostic()]).toEqual([6, 0]);
});

test('a sealed packet never leaves twice', () => {
  const transmission = new BfdTransmission(MINE);
  const authenticator = new BfdAuthenticator(KEYS, new SeededRandom(1));
  const first = transmission.write(saying(), authenticator);
  expect(transmission.write(saying(), authenticator)).not.toEqual(first);
});

test('a packet that repeats the last one is read as a reader without memory reads it', () => {
  const bytes = fc.constantFrom(
    peerPacket({ state: 'Up', yourDiscriminator: MINE }),
    peerPacket({ state: 'Up', yourDiscriminator: MINE, final: true }),
    peerPacket({ state: 'Up', yourDiscriminator: MINE + 1 }),
    peerPacket({ state: 'Down' }),
    peerPacket({ detectMult: 0 }),
    peerPacket({}).subarray(0, 20),
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 30 }), (packets) => {
      const reception = new BfdReception(MINE);
      let accepted = 0;
      for (const packet of packets) {
        const fresh = new BfdReception(MINE).read(packet, undefined);
        expect(reception.read(packet, undefined)).toEqual(fresh);
        if (fresh !== undefined) accepted += 1;
      }
      expect(reception.accepted).toBe(accepted);
      const discards = Object.values(reception.counts()).reduce((sum, count) => sum + count, 0);
      expect(discards).toBe(packets.length - accepted);
    }),
  );
});

test('bytes that are heard again mean the very packet they meant before, and others do not', () => {
  const reception = new BfdReception(MINE);
  const up = (): Uint8Array => peerPacket({ state: 'Up', yourDiscriminator: MINE });
  const first = reception.read(up(), undefined);
  expect(reception.read(up(), undefined)).toBe(first);
  const other = peerPacket({ state: 'Up', yourDiscriminator: MINE, requiredMinEchoRxMicros: 1 });
  expect(reception.read(other, undefined)).not.toBe(first);
  expect(reception.read(other, undefined)).not.toEqual(first);
});

test('what was accepted is remembered by value: its memory may be written again', () => {
  const reception = new BfdReception(MINE);
  const bytes = Buffer.from(peerPacket({ state: 'Up', yourDiscriminator: MINE }));
  reception.read(bytes, undefined);
  bytes[2] = 9;
  const decoded = decodeBfdPacket(bytes);
  expect(decoded.ok).toBe(true);
  expect(reception.read(bytes, undefined)?.detectMult).toBe(9);
});

test('what was accepted before authentication is proved like any other packet', () => {
  const reception = new BfdReception(MINE);
  const bytes = peerPacket({ state: 'Up', yourDiscriminator: MINE });
  reception.read(bytes, undefined);
  const authenticator = new BfdAuthenticator(KEYS, new SeededRandom(1));
  expect(reception.read(bytes, authenticator)).toBeUndefined();
  expect(reception.counts()).toEqual({ 'authentication-missing': 1 });
});

test('a sealed packet in a buffer of Node is believed', () => {
  const sender = new BfdAuthenticator(KEYS, new SeededRandom(1));
  const sealed = sender.seal(peerPacket({ state: 'Up', yourDiscriminator: MINE }));
  const reception = new BfdReception(MINE);
  const receiver = new BfdAuthenticator(KEYS, new SeededRandom(2));
  expect(reception.read(Buffer.from(sealed), receiver)?.state).toBe('Up');
});
