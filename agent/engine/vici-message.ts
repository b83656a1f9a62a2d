/**
 * VICI messages, the nested key-value trees strongSwan speaks in, to bytes and back.
 *
 * Elements as strongSwan's `vici_message.h` numbers them. A decoder meets bytes it did not choose: what is cut short,
 * nested too deep or out of order comes back as a refusal with a code and a place, never as an exception.
 */
import { assert } from '../../firmware-shim/base/assert.ts';

/** A section keeps the order of its keys. It is a Map because a peer may call a key `__proto__`. */
export type ViciSection = ReadonlyMap<string, ViciNode>;
export type ViciNode = string | readonly string[] | ViciSection;

/** What is handed in to be sent; `undefined` members are left out. */
export interface ViciTree {
  readonly [key: string]: string | readonly string[] | ViciTree | undefined;
}

/** Why bytes were not taken: a stable code and the offset of the trouble. */
export interface ViciFault {
  readonly code: 'EVICI_CUT' | 'EVICI_ELEMENT' | 'EVICI_NESTING' | 'EVICI_SIZE' | 'EVICI_TYPE';
  readonly at: number;
}

export type ViciDecoded =
  | { readonly ok: true; readonly section: ViciSection }
  | { readonly ok: false; readonly fault: ViciFault };

const SECTION_START = 1;
const SECTION_END = 2;
const KEY_VALUE = 3;
const LIST_START = 4;
const LIST_ITEM = 5;
const LIST_END = 6;

/** A name has one byte for its length, a value two. */
const NAME_BYTES_MAX = 255;
const VALUE_BYTES_MAX = 65_535;
/** strongSwan's own deepest message has five levels. */
const DEPTH_MAX = 16;

const encoder = new TextEncoder();
/** A byte order mark belongs to the value like any other character. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function encodeViciMessage(tree: ViciTree): Uint8Array {
  const parts: Uint8Array[] = [];
  encodeSection(tree, parts, 0);
  return joined(parts);
}

export function decodeViciMessage(bytes: Uint8Array): ViciDecoded {
  return new MessageReader(bytes).read();
}

/** One byte of length and the name itself, as in packets and elements alike. */
export function encodeName(name: string): Uint8Array {
  const bytes = encoder.encode(name);
  assert(bytes.length <= NAME_BYTES_MAX, `a VICI name has ${bytes.length} bytes`);
  return joined([Uint8Array.of(bytes.length), bytes]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function encodeSection(tree: ViciTree, parts: Uint8Array[], depth: number): void {
  assert(depth <= DEPTH_MAX, 'a VICI message is nested too deep');
  for (const [key, node] of Object.entries(tree)) {
    if (node === undefined) continue;
    if (typeof node === 'string') {
      parts.push(Uint8Array.of(KEY_VALUE), encodeName(key), encodeValue(node));
    } else if (Array.isArray(node)) {
      parts.push(Uint8Array.of(LIST_START), encodeName(key));
      for (const item of node as readonly string[]) {
        parts.push(Uint8Array.of(LIST_ITEM), encodeValue(item));
      }
      parts.push(Uint8Array.of(LIST_END));
    } else {
      parts.push(Uint8Array.of(SECTION_START), encodeName(key));
      encodeSection(node as ViciTree, parts, depth + 1);
      parts.push(Uint8Array.of(SECTION_END));
    }
  }
}

function encodeValue(value: string): Uint8Array {
  const bytes = encoder.encode(value);
  // The value itself may be a secret and is not told.
  assert(bytes.length <= VALUE_BYTES_MAX, `a VICI value has ${bytes.length} bytes`);
  return joined([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

class MessageReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #fault: ViciFault | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): ViciDecoded {
    const root = new Map<string, ViciNode>();
    const open: Map<string, ViciNode>[] = [root];
    while (this.#fault === undefined && this.#at < this.#bytes.length) this.#element(open);
    if (this.#fault === undefined && open.length > 1) this.#refuse('EVICI_NESTING');
    return this.#fault === undefined
      ? { ok: true, section: root }
      : { ok: false, fault: this.#fault };
  }

  #element(open: Map<string, ViciNode>[]): void {
    const type = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    const section = open.at(-1);
    if (section === undefined) return this.#refuse('EVICI_NESTING');
    if (type === SECTION_START) {
      const child = new Map<string, ViciNode>();
      section.set(this.#text(1), child);
      open.push(child);
      if (open.length > DEPTH_MAX + 1) this.#refuse('EVICI_NESTING');
    } else if (type === SECTION_END) {
      if (open.length === 1) return this.#refuse('EVICI_NESTING');
      open.pop();
    } else if (type === KEY_VALUE) {
      const key = this.#text(1);
      section.set(key, this.#text(2));
    } else if (type === LIST_START) {
      const key = this.#text(1);
      section.set(key, this.#items());
    } else this.#refuse('EVICI_ELEMENT');
  }

  #items(): readonly string[] {
    const items: string[] = [];
    while (this.#fault === undefined) {
      const type = this.#bytes[this.#at];
      this.#at += 1;
      if (type === LIST_END) break;
      if (type === LIST_ITEM) items.push(this.#text(2));
      else this.#refuse(type === undefined ? 'EVICI_CUT' : 'EVICI_ELEMENT');
    }
    return items;
  }

  /** Length of so many bytes, then the text; a byte that is no UTF-8 shows as U+FFFD. */
  #text(lengthBytes: 1 | 2): string {
    let length = 0;
    for (let each = 0; each < lengthBytes; each += 1) {
      length = length * 256 + (this.#bytes[this.#at + each] ?? 0);
    }
    const start = this.#at + lengthBytes;
    const end = start + length;
    if (end > this.#bytes.length) {
      this.#refuse('EVICI_CUT');
      return '';
    }
    this.#at = end;
    return decoder.decode(this.#bytes.subarray(start, end));
  }

  #refuse(code: ViciFault['code']): void {
    this.#fault ??= { code, at: Math.min(this.#at, this.#bytes.length) };
  }
}
