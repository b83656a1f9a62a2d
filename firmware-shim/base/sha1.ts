/**
 * SHA-1 (RFC 3174) over a few dozen bytes, because BFD's strongest standard authentication is keyed SHA-1 and
 * cores reach no platform.
 *
 * For nothing else: SHA-1 resists no collision attack, which does not matter where a secret is part of the input.
 */
const BLOCK_BYTES = 64;
/** The closing one-bit and the 64-bit length need at least so much of the last block. */
const TAIL_BYTES = 9;
const ROUNDS = 80;

export const SHA1_BYTES = 20;

export function sha1(message: Uint8Array): Uint8Array {
  const padded = pad(message);
  const hash = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const schedule = new Uint32Array(ROUNDS);
  for (let at = 0; at < padded.byteLength; at += BLOCK_BYTES) {
    expand(padded, at, schedule);
    compress(hash, schedule);
  }
  const digest = new Uint8Array(SHA1_BYTES);
  const view = new DataView(digest.buffer);
  hash.forEach((word, index) => view.setUint32(index * 4, word));
  return digest;
}

/** Section 4: a one-bit, zeros, and the length in bits as the last eight bytes. */
function pad(message: Uint8Array): DataView {
  const bytes = Math.ceil((message.byteLength + TAIL_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
  const padded = new Uint8Array(bytes);
  padded.set(message);
  padded[message.byteLength] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(bytes - 8, BigInt(message.byteLength) * 8n);
  return view;
}

/** Section 6.1 step b. */
function expand(padded: DataView, at: number, schedule: Uint32Array): void {
  for (let t = 0; t < 16; t += 1) schedule[t] = padded.getUint32(at + t * 4);
  for (let t = 16; t < ROUNDS; t += 1) {
    const mixed = word(schedule, t - 3) ^ word(schedule, t - 8);
    schedule[t] = rotated(mixed ^ word(schedule, t - 14) ^ word(schedule, t - 16), 1);
  }
}

/** Section 6.1 steps c to e. */
function compress(hash: Uint32Array, schedule: Uint32Array): void {
  let [a, b, c, d, e] = [0, 1, 2, 3, 4].map((index) => word(hash, index)) as Words;
  for (let t = 0; t < ROUNDS; t += 1) {
    const next = (rotated(a, 5) + mix(t, b, c, d) + e + word(schedule, t) + constant(t)) >>> 0;
    e = d;
    d = c;
    c = rotated(b, 30);
    b = a;
    a = next;
  }
  [a, b, c, d, e].forEach((value, index) => {
    hash[index] = word(hash, index) + value;
  });
}

type Words = [number, number, number, number, number];

function word(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

function rotated(value: number, bits: number): number {
  return ((value << bits) | (value >>> (32 - bits))) >>> 0;
}

/** Section 5, the functions f. */
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return (b & c) | (~b & d);
  return t < 40 || t >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
}

/** Section 5, the constants K. */
function constant(t: number): number {
  if (t < 20) return 0x5a827999;
  if (t < 40) return 0x6ed9eba1;
  return t < 60 ? 0x8f1bbcdc : 0xca62c1d6;
}
