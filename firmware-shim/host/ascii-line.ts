/**
 * Reads words and counters out of one line of a /proc or /sys file without making a string of it.
 *
 * A counter that is no plain decimal number is a refusal of the line: `broken` says so once, and every later
 * read answers 0, so that a parser is a list of fields and looks at the end.
 */

const SPACE = 0x20;
const TAB = 0x09;
const NEWLINE = 0x0a;
const ZERO = 0x30;
const NINE = 0x39;
/** Digits of 2^64, the widest counter the kernel prints. */
const DIGITS_MAX = 20;
/** A counter beyond this was not printed by a kernel. */
const COUNTER_MAX = 2 ** 64;

export class AsciiLine {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #broken = false;

  /** The line from `start` up to, not including, `end`. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** Nothing but blanks is left. */
  get atEnd(): boolean {
    this.#skipBlanks();
    return this.#at >= this.#end;
  }

  /** Steps over `text` if it comes next. */
  takes(text: string): boolean {
    if (this.#at + text.length > this.#end) return false;
    for (let index = 0; index < text.length; index += 1) {
      if (this.#bytes[this.#at + index] !== text.charCodeAt(index)) return false;
    }
    this.#at += text.length;
    return true;
  }

  /** The next counter. Above 2^53 it is rounded, which no rate can tell. */
  counter(): number {
    this.#skipBlanks();
    const start = this.#at;
    let value = 0;
    for (; this.#at < this.#end; this.#at += 1) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte < ZERO || byte > NINE) break;
      value = value * 10 + (byte - ZERO);
    }
    const digits = this.#at - start;
    if (digits === 0 || digits > DIGITS_MAX || value > COUNTER_MAX || !this.#atWordEnd()) {
      this.#broken = true;
    }
    return this.#broken ? 0 : value;
  }

  #atWordEnd(): boolean {
    return this.#at >= this.#end || isBlank(this.#bytes[this.#at] ?? 0);
  }

  #skipBlanks(): void {
    while (this.#at < this.#end && isBlank(this.#bytes[this.#at] ?? 0)) this.#at += 1;
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** Where the line that begins at `start` ends; undefined when its newline is missing: it was cut. */
export function lineEnd(bytes: Uint8Array, start: number): number | undefined {
  const end = bytes.indexOf(NEWLINE, start);
  return end < 0 ? undefined : end;
}
