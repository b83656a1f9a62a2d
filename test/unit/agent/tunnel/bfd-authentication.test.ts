import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BfdAuthentication } from '../../../../agent/model/tunnel.ts';
import { BfdAuthenticator } from '../../../../agent/tunnel/bfd/bfd-authentication.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { bytesOf } from '../../../vectors/bfd/control-packets.ts';

const SECTION = bytesOf('20c00318 00000001 00000002 0000c350 0000c350 00000000');
const secret = (text: string): Uint8Array => new TextEncoder().encode(text);
const OLD = { id: 1, secret: secret('sesame') };
const NEW = { id: 9, secret: secret('twenty bytes of key!') };
const METICULOUS: BfdAuthentication = {
  type: 'meticulous-keyed-sha1',
  keys: [OLD],
  sendKeyId: 1,
};
const KEYED: BfdAuthentication = { ...METICULOUS, type: 'keyed-sha1' };

function made(plan: BfdAuthentication, sequence = 41): BfdAuthenticator {
  return new BfdAuthenticator(plan, { u32: () => sequence, next: () => 0 });
}

/** Ours with another sequence number, signed again by hand. */
function packet(sequence: number, over: { type?: number; keyId?: number; mult?: number } = {}) {
  const bytes = new Uint8Array(52);
  bytes.set(SECTION);
  bytes.set(bytesOf(`05 1c 01 00 ${sequence.toString(16).padStart(8, '0')}`), 24);
  bytes[1] = 0xc4;
  bytes[2] = over.mult ?? 3;
  bytes[3] = 52;
  bytes[24] = over.type ?? 5;
  bytes[26] = over.keyId ?? 1;
  bytes.set(OLD.secret, 32);
  bytes.set(createHash('sha1').update(bytes).digest(), 32);
  return bytes;
}

test('a sealed packet is section, type 5, length 28, key, sequence and the SHA-1 over all with the key in place', () => {
  const sealed = made(METICULOUS).seal(SECTION);
  const byHand = packet(42);
  expect(sealed).toEqual(byHand);
});

test('each packet of meticulous authentication has the next number, around the end of the number space too', () => {
  const end = made(METICULOUS, 0xfffffffe);
  const numbers = [1, 2, 3].map(() => new DataView(end.seal(SECTION).buffer).getUint32(28));
  expect(numbers).toEqual([0xffffffff, 0, 1]);
});

test('keyed authentication counts when the packet says something new, and so may repeat a number', () => {
  const end = made(KEYED);
  const other = SECTION.with(1, 0x40);
  const numbers = [SECTION, SECTION, other, other].map((section) =>
    new DataView(end.seal(section).buffer).getUint32(28),
  );
  expect(numbers).toEqual([42, 42, 43, 43]);
  const receiver = made(KEYED);
  expect([1, 2].map(() => receiver.refusal(packet(42, { type: 4 })))).toEqual([
    undefined,
    undefined,
  ]);
});

test('the window of meticulous authentication opens one behind and closes three multipliers ahead of the last', () => {
  const receiver = made(METICULOUS);
  const refusal = (sequence: number) => receiver.refusal(packet(sequence));
  expect(refusal(1_000)).toBeUndefined();
  expect(refusal(1_000)).toBe('authentication-sequence');
  expect(refusal(999)).toBe('authentication-sequence');
  expect(refusal(1_010)).toBe('authentication-sequence');
  expect(refusal(1_009)).toBeUndefined();
  expect(refusal(1_010)).toBeUndefined();
  receiver.forget();
  expect(refusal(5)).toBeUndefined();
});

test('the window is a circle: after the largest number comes zero', () => {
  const receiver = made(METICULOUS);
  expect(receiver.refusal(packet(0xfffffffe))).toBeUndefined();
  expect(receiver.refusal(packet(2))).toBeUndefined();
  expect(receiver.refusal(packet(0xffffffff))).toBe('authentication-sequence');
});

test('each fault has its name', () => {
  const receiver = made(METICULOUS);
  expect(receiver.refusal(packet(1, { type: 4 }))).toBe('authentication-type');
  expect(receiver.refusal(packet(1, { keyId: 2 }))).toBe('authentication-key-unknown');
  expect(receiver.refusal(packet(1).with(25, 27))).toBe('authentication-length');
  expect(receiver.refusal(packet(1).subarray(0, 51))).toBe('authentication-length');
  expect(receiver.refusal(packet(1).with(51, 0).with(50, 0))).toBe('authentication-hash');
});

test('a stranger cannot move the window, because it follows only what the hash has proved', () => {
  const receiver = made(METICULOUS);
  expect(receiver.refusal(packet(7_000).with(51, 0).with(50, 0))).toBe('authentication-hash');
  expect(receiver.refusal(packet(10))).toBeUndefined();
});

test('keys roll over without a gap: listed at both ends, sent with at both ends, struck', () => {
  const [a, b] = [made(METICULOUS), made(METICULOUS, 500)];
  const heard: (string | undefined)[] = [];
  const talk = () => heard.push(b.refusal(a.seal(SECTION)), a.refusal(b.seal(SECTION)));
  talk();
  for (const plan of [
    { ...METICULOUS, keys: [OLD, NEW] },
    { ...METICULOUS, keys: [OLD, NEW], sendKeyId: NEW.id },
    { ...METICULOUS, keys: [NEW], sendKeyId: NEW.id },
  ]) {
    a.plan(plan);
    talk();
    b.plan(plan);
    talk();
  }
  expect(heard).toEqual(Array.from({ length: 14 }, () => undefined));
  expect(b.refusal(packet(501))).toBe('authentication-key-unknown');
});

test('no change of any bit passes', () => {
  fc.assert(
    fc.property(fc.nat({ max: 51 }), fc.nat({ max: 7 }), (at, bit) => {
      const sealed = made(METICULOUS).seal(SECTION);
      const forged = sealed.with(at, (sealed[at] ?? 0) ^ (1 << bit));
      const refused = made(METICULOUS).refusal(forged);
      // Multiplier and sequence alone decide about the window, which is open at first; the hash covers all.
      expect(refused).toBeDefined();
    }),
  );
});

test('arbitrary bytes never throw', () => {
  const receiver = new BfdAuthenticator(METICULOUS, new SeededRandom(1));
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 26, maxLength: 80 }), (bytes) => {
      expect(receiver.refusal(bytes)).toBeDefined();
    }),
  );
});

test.each([0, 21])('a key of %i bytes is none', (length) => {
  const keys = [{ id: 1, secret: new Uint8Array(length) }];
  expect(() => made({ ...METICULOUS, keys })).toThrow('a BFD key has 1 to 20 bytes');
});

test.each([1, 20])('a key of %i bytes is one', (length) => {
  const keys = [{ id: 1, secret: new Uint8Array(length) }];
  expect(() => made({ ...METICULOUS, keys })).not.toThrow();
});

test('a plan whose sending key is not in its list is refused by the number of the key', () => {
  expect(() => made({ ...METICULOUS, sendKeyId: 3 })).toThrow('BFD key 3 is not in the key list');
});
