/**
 * Reads the fields of a payload one after another and remembers the first thing that is wrong with it.
 *
 * After a refusal every read answers with a harmless value, so that a decoder is a plain list of fields; its
 * caller looks at `finish` once, and nothing is thrown whatever the bytes are.
 */
import type { Codes } from './codes.ts';

/** Why a payload was refused, as data. */
export interface MessageRefusal {
  readonly code: 'EMSG_LENGTH' | 'EMSG_TYPE' | 'EMSG_ENUM' | 'EMSG_RANGE' | 'EMSG_TEXT';
  /** Which field, in the words of `docs/PROTOCOL.md`. */
  readonly field: string;
}

export type Decoded<Message> =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly refusal: MessageRefusal };

export class FieldReader {
  readonly #view: DataView;
  #at = 0;
  #refusal: MessageRefusal | undefined;

  constructor(payload: Uint8Array) {
    this.#view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  }

  u8(field: string, low = 0, high = 0xff): number {
    return this.#inRange(
      field,
      this.#take(field, 1, (at) => this.#view.getUint8(at)),
      low,
      high,
    );
  }

  i16(field: string, low: number, high: number): number {
    return this.#inRange(
      field,
      this.#take(field, 2, (at) => this.#view.getInt16(at)),
      low,
      high,
    );
  }

  i32(field: string, low: number, high: number): number {
    return this.#inRange(
      field,
      this.#take(field, 4, (at) => this.#view.getInt32(at)),
      low,
      high,
    );
  }

  u32(field: string, low = 0, high = 0xffff_ffff): number {
    return this.#inRange(
      field,
      this.#take(field, 4, (at) => this.#view.getUint32(at)),
      low,
      high,
    );
  }

  /** A byte that is 0 or 1. */
  flag(field: string): boolean {
    return this.u8(field, 0, 1) === 1;
  }

  word<Word extends string>(field: string, codes: Codes<Word>, whenRefused: Word): Word {
    const word = codes.wordOf(this.u8(field));
    if (word === undefined) this.refuse('EMSG_ENUM', field);
    return word ?? whenRefused;
  }

  /** A length byte and that many characters, each one of `allowed`. */
  text(field: string, charactersMax: number, allowed: RegExp): string {
    const length = this.u8(field, 0, charactersMax);
    let text = '';
    for (let index = 0; index < length && this.#refusal === undefined; index += 1) {
      text += String.fromCharCode(this.u8(field));
    }
    if (!allowed.test(text)) this.refuse('EMSG_TEXT', field);
    return text;
  }

  /** A length byte and that many bytes. */
  blob(field: string, bytesMin: number, bytesMax: number): Uint8Array {
    const length = this.u8(field, bytesMin, bytesMax);
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length && this.#refusal === undefined; index += 1) {
      bytes[index] = this.u8(field);
    }
    return bytes;
  }

  /** True when everything has been read: what may follow is not there. */
  get atEnd(): boolean {
    return this.#at >= this.#view.byteLength;
  }

  refuse(code: MessageRefusal['code'], field: string): void {
    this.#refusal ??= { code, field };
  }

  get refused(): boolean {
    return this.#refusal !== undefined;
  }

  /** The message, unless something was wrong or bytes are left over. */
  finish<Message>(message: Message): Decoded<Message> {
    if (this.#at < this.#view.byteLength) this.refuse('EMSG_LENGTH', 'payload');
    return this.soFar(message);
  }

  /** The message, unless something was wrong; what follows it is not this reader's. */
  soFar<Message>(message: Message): Decoded<Message> {
    if (this.#refusal !== undefined) return { ok: false, refusal: this.#refusal };
    return { ok: true, message };
  }

  #take(field: string, bytes: number, read: (at: number) => number): number {
    if (this.#refusal !== undefined) return 0;
    if (this.#at + bytes > this.#view.byteLength) {
      this.refuse('EMSG_LENGTH', field);
      return 0;
    }
    const value = read(this.#at);
    this.#at += bytes;
    return value;
  }

  #inRange(field: string, value: number, low: number, high: number): number {
    if (value < low || value > high) this.refuse('EMSG_RANGE', field);
    return value;
  }
}
