/**
 * Damages an input: bits, bytes, lengths, cuts, repeats and pieces of other inputs.
 */
import type { Random } from '../../firmware-shim/base/random.ts';

export interface Material {
  readonly bytesMax: number;
  /** What pieces are taken from. */
  readonly corpus: readonly Uint8Array[];
  readonly words: readonly Uint8Array[];
}

/** So many changes upon each other reach states that one does not, and still leave something to recognise. */
const CHANGES_MAX = 6;
/** Where lengths, counts and enumerations break. */
const EDGES: readonly number[] = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 23, 24, 31, 32, 63, 64, 127, 128, 254, 255, 256, 257, 1023, 1024,
  4095, 4096, 32_767, 32_768, 65_534, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe,
  0xffff_ffff,
];

type Change = (bytes: Uint8Array, random: Random, material: Material) => Uint8Array;

const CHANGES: readonly Change[] = [
  flipBits,
  flipBits,
  setByte,
  setByte,
  editLength,
  editLength,
  insertWord,
  splice,
  splice,
  remove,
  truncate,
  repeat,
  insertNoise,
];

export function mutated(input: Uint8Array, random: Random, material: Material): Uint8Array {
  let bytes = input;
  const changes = 1 + below(random, CHANGES_MAX);
  for (let count = 0; count < changes; count += 1) {
    const change = CHANGES[below(random, CHANGES.length)] ?? flipBits;
    bytes = change(bytes, random, material).subarray(0, material.bytesMax);
  }
  return bytes;
}

/** Uniform in [0, limit); 0 for an empty range. */
export function below(random: Random, limit: number): number {
  return Math.floor(random.next() * limit);
}

export function noise(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.u32() >>> 24);
}

function flipBits(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  for (let count = below(random, 4); count >= 0; count -= 1) {
    const at = below(random, copy.length);
    if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << below(random, 8));
  }
  return copy;
}

function setByte(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  const at = below(random, copy.length);
  if (at < copy.length) copy[at] = random.u32() & 1 ? below(random, 256) : pickEdge(random);
  return copy;
}

/** Writes an edge value, or one near a true length, over 1, 2 or 4 bytes in either byte order. */
function editLength(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  const width = 1 << below(random, 3);
  if (copy.length < width) return copy;
  const at = below(random, copy.length - width + 1);
  const near = copy.length - at + below(random, 17) - 8;
  const value = random.u32() & 1 ? pickEdge(random) : near;
  const view = new DataView(copy.buffer);
  const little = (random.u32() & 1) === 0;
  if (width === 1) view.setUint8(at, value);
  else if (width === 2) view.setUint16(at, value, little);
  else view.setUint32(at, value, little);
  return copy;
}

function insertWord(bytes: Uint8Array, random: Random, { words }: Material): Uint8Array {
  const word = words[below(random, words.length)];
  return word === undefined
    ? setByte(bytes, random)
    : inserted(bytes, below(random, bytes.length + 1), word);
}

/** The beginning of one input and the end of another, or a piece of it in the middle. */
function splice(bytes: Uint8Array, random: Random, { corpus }: Material): Uint8Array {
  const other = corpus[below(random, corpus.length)] ?? bytes;
  const from = below(random, other.length);
  const at = below(random, bytes.length + 1);
  if ((random.u32() & 1) === 0) return joined(bytes.subarray(0, at), other.subarray(from));
  return inserted(bytes, at, other.subarray(from, from + 1 + below(random, other.length - from)));
}

function remove(bytes: Uint8Array, random: Random): Uint8Array {
  const at = below(random, bytes.length);
  const count = 1 + below(random, Math.min(32, bytes.length - at));
  return joined(bytes.subarray(0, at), bytes.subarray(at + count));
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.subarray(0, below(random, bytes.length + 1));
}

/** Usually twice; now and then until nothing more fits, which is what bounds are for. */
function repeat(bytes: Uint8Array, random: Random, { bytesMax }: Material): Uint8Array {
  const at = below(random, bytes.length);
  const piece = bytes.subarray(at, at + 1 + below(random, Math.min(64, bytes.length - at)));
  if (piece.length === 0) return bytes;
  const times =
    below(random, 200) === 0 ? Math.ceil(bytesMax / piece.length) : 1 + below(random, 8);
  const grown = new Uint8Array(Math.min(times * piece.length, bytesMax));
  for (let start = 0; start < grown.length; start += piece.length) {
    grown.set(piece.subarray(0, grown.length - start), start);
  }
  return inserted(bytes, at, grown);
}

function insertNoise(bytes: Uint8Array, random: Random): Uint8Array {
  return inserted(bytes, below(random, bytes.length + 1), noise(random, 1 + below(random, 16)));
}

function pickEdge(random: Random): number {
  return EDGES[below(random, EDGES.length)] ?? 0;
}

function inserted(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  return joined(bytes.subarray(0, at), piece, bytes.subarray(at));
}

export function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
