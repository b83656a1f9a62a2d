/**
 * Cuts bytes from a netlink socket into messages and attributes.
 *
 * Nothing here throws: a length that lies ends the reading of that layer and is reported as malformed.
 * Netlink is in the machine's byte order, which is little-endian on every machine this runs on.
 */
import { NLMSG_HEADER_BYTES } from './netlink-numbers.ts';

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** Why a message gave nothing: it speaks of other matters, or its bytes contradict themselves. */
export type Unparsed = 'ignored' | 'malformed';

/** No attribute this program asks for has a higher type; those that do are walked over. */
const TYPES_MAX = 64;
const NOWHERE: readonly number[] = Array.from({ length: TYPES_MAX }, () => 0);

/**
 * Attributes by type; the last of a repeated type counts, as in the kernel. A link has some fifty of which a
 * reader wants five, and a link's news should reach its listener soon: so only where each begins is kept.
 */
export class Attributes {
  readonly #bytes: Uint8Array;
  /** Offset of the content; 0 where there is none, as a header always comes before. */
  readonly #starts = NOWHERE.slice();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  add(type: number, start: number): void {
    if (type < TYPES_MAX) this.#starts[type] = start;
  }

  has(type: number): boolean {
    return this.#starts[type] !== 0;
  }

  get(type: number): Uint8Array | undefined {
    const start = this.#starts[type] ?? 0;
    if (start === 0) return undefined;
    const length = readU16(this.#bytes, start - ATTRIBUTE_HEADER_BYTES);
    return this.#bytes.subarray(start, start + length - ATTRIBUTE_HEADER_BYTES);
  }
}

const ATTRIBUTE_HEADER_BYTES = 4;
/** Drops the "nested" and "network byte order" flags of an attribute's type. */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

/** Calls back for each whole message; returns 1 when a broken length ended the reading early, else 0. */
export function readMessages(bytes: Uint8Array, each: (message: NetlinkMessage) => void): number {
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < NLMSG_HEADER_BYTES) return 1;
    const length = readU32(bytes, at);
    if (length < NLMSG_HEADER_BYTES || length > bytes.length - at) return 1;
    each({
      type: readU16(bytes, at + 4),
      flags: readU16(bytes, at + 6),
      sequence: readU32(bytes, at + 8),
      payload: bytes.subarray(at + NLMSG_HEADER_BYTES, at + length),
    });
    at += align(length);
  }
  return 0;
}

/** The attributes behind `offset`, or undefined when one's length lies. */
export function readAttributes(bytes: Uint8Array, offset: number): Attributes | undefined {
  const attributes = new Attributes(bytes);
  let at = offset;
  // The kernel may leave fewer than a header's bytes of padding behind the last one.
  while (bytes.length - at >= ATTRIBUTE_HEADER_BYTES) {
    const length = readU16(bytes, at);
    if (length < ATTRIBUTE_HEADER_BYTES || length > bytes.length - at) return undefined;
    const type = readU16(bytes, at + 2) & ATTRIBUTE_TYPE_MASK;
    attributes.add(type, at + ATTRIBUTE_HEADER_BYTES);
    at += align(length);
  }
  return attributes;
}

/** Zero where there are no such bytes. A DataView would cost more to make than these reads. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (readU16(bytes, at) | (readU16(bytes, at + 2) << 16)) >>> 0;
}

function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 32-bit attribute; undefined when absent or of another size. */
export function attributeU32(attributes: Attributes, type: number): number | undefined {
  const bytes = attributes.get(type);
  return bytes?.length === 4 ? readU32(bytes, 0) : undefined;
}

/** Text up to its final zero; undefined when absent. */
export function attributeText(attributes: Attributes, type: number): string | undefined {
  const bytes = attributes.get(type);
  return bytes === undefined ? undefined : textOf(bytes);
}

const ASCII_MAX = 0x7f;
const decoder = new TextDecoder();

/** Text up to its final zero, which is nearly always a short ASCII name. */
export function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0) return text;
    if (byte > ASCII_MAX) return decodedText(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
}

function decodedText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Messages and attributes start at multiples of four. Right for every 32-bit length, also for one that lies. */
export function align(length: number): number {
  return length + (-length & 3);
}
