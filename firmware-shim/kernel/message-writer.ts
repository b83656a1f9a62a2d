/**
 * Writes one netlink request.
 *
 * A value that cannot be written (text that is no address) is remembered as `problem` instead of thrown:
 * the request is then answered like a refusal of the kernel. The sequence number is filled in on sending.
 */
import { assert } from '../base/assert.ts';
import { familyBytes, parseAddress } from './address-text.ts';
import { DEVICE_NAME } from './device-name.ts';
import { align, viewOf } from './message-reader.ts';
import { NLM_F, NLMSG_HEADER_BYTES } from './netlink-numbers.ts';
import { parsePrefix } from './prefix.ts';
import type { Family } from './types.ts';

/** Most requests are far smaller; a nexthop group of many members grows it. */
const FIRST_BYTES = 256;
/** Lengths of attributes are 16 bits wide. */
const ATTRIBUTE_BYTES_MAX = 0xffff;

const SEQUENCE_OFFSET = 8;
const encoder = new TextEncoder();

export class MessageWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #length = NLMSG_HEADER_BYTES;
  #problem: string | undefined;

  constructor(type: number, flags: number) {
    this.#view.setUint16(4, type, true);
    this.#view.setUint16(6, flags | NLM_F.REQUEST, true);
  }

  /** Why the request cannot be sent; the first reason found. */
  get problem(): string | undefined {
    return this.#problem;
  }

  u8(...values: readonly number[]): void {
    this.#raw(Uint8Array.from(values));
  }

  u16(value: number): void {
    this.#grow(2);
    this.#view.setUint16(this.#length - 2, value, true);
  }

  u32(value: number): void {
    this.#grow(4);
    this.#view.setUint32(this.#length - 4, value, true);
  }

  attribute(type: number, value: Uint8Array): void {
    this.#nest(type, () => this.#raw(value));
  }

  attributeU8(type: number, value: number): void {
    this.#nest(type, () => this.u8(value));
  }

  attributeU32(type: number, value: number): void {
    this.#nest(type, () => this.u32(value));
  }

  /** Ports are in network byte order. */
  attributePort(type: number, port: number): void {
    this.#nest(type, () => this.u8(port >> 8, port & 0xff));
  }

  /** The name of a device of ours, with its final zero. */
  attributeName(type: number, text: string): void {
    if (!DEVICE_NAME.test(text)) this.#problem ??= `not a device name: ${JSON.stringify(text)}`;
    this.#nest(type, () => {
      this.#raw(encoder.encode(text));
      this.u8(0);
    });
  }

  attributeAddress(type: number, text: string, family: Family): void {
    const bytes = parseAddress(text);
    if (bytes?.length === familyBytes(family)) this.attribute(type, bytes);
    else this.#problem ??= `not an ${family} address: ${JSON.stringify(text)}`;
  }

  /** Text without a final zero, as `ip` sends the kind of a link. */
  attributeBareText(type: number, text: string): void {
    this.attribute(type, encoder.encode(text));
  }

  /** An attribute made of whatever `fill` writes. */
  nested(type: number, fill: () => void): void {
    this.#nest(type, fill);
  }

  /** A prefix's length for the header and its bytes for an attribute; the whole family where it is absent. */
  prefix(text: string | undefined, family: Family): { length: number; bytes: Uint8Array } {
    const nothing = { length: 0, bytes: new Uint8Array(familyBytes(family)) };
    if (text === undefined) return nothing;
    const prefix = parsePrefix(text);
    if (prefix?.family === family) return prefix;
    this.#problem ??= `not an ${family} prefix: ${JSON.stringify(text)}`;
    return nothing;
  }

  finish(): Uint8Array {
    this.#view.setUint32(0, this.#length, true);
    return this.#bytes.slice(0, this.#length);
  }

  #nest(type: number, fill: () => void): void {
    const start = this.#length;
    this.u16(0);
    this.u16(type);
    fill();
    const length = this.#length - start;
    assert(length <= ATTRIBUTE_BYTES_MAX, 'a netlink attribute outgrew its length field');
    this.#view.setUint16(start, length, true);
    this.#grow(align(this.#length) - this.#length);
  }

  #raw(value: Uint8Array): void {
    this.#grow(value.length);
    this.#bytes.set(value, this.#length - value.length);
  }

  #grow(count: number): void {
    this.#length += count;
    if (this.#length <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * this.#length);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

/** Stamps a finished request; answers carry the same number. */
export function setSequence(message: Uint8Array, sequence: number): void {
  viewOf(message).setUint32(SEQUENCE_OFFSET, sequence, true);
}
