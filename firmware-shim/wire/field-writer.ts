/**
 * Writes the fields of a payload one after another. What does not fit is our own mistake and asserts.
 */
import { assert } from '../base/assert.ts';
import { PAYLOAD_BYTES_MAX } from './frame.ts';

export class FieldWriter {
  readonly #bytes = new Uint8Array(PAYLOAD_BYTES_MAX);
  readonly #view = new DataView(this.#bytes.buffer);
  #at = 0;

  u8(value: number): this {
    this.#view.setUint8(this.#room(1, value, 0, 0xff), value);
    return this;
  }

  i16(value: number): this {
    this.#view.setInt16(this.#room(2, value, -0x8000, 0x7fff), value);
    return this;
  }

  i32(value: number): this {
    this.#view.setInt32(this.#room(4, value, -0x8000_0000, 0x7fff_ffff), value);
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#room(4, value, 0, 0xffff_ffff), value);
    return this;
  }

  flag(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  text(value: string): this {
    this.u8(value.length);
    for (let index = 0; index < value.length; index += 1) this.u8(value.charCodeAt(index));
    return this;
  }

  blob(value: Uint8Array): this {
    this.u8(value.length);
    for (const byte of value) this.u8(byte);
    return this;
  }

  /** The payload so far. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  #room(bytes: number, value: number, low: number, high: number): number {
    assert(Number.isInteger(value) && value >= low && value <= high, `field value ${value}`);
    assert(this.#at + bytes <= this.#bytes.length, 'payload too long');
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}
