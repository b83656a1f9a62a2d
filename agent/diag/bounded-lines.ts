/**
 * Cuts a byte stream into lines without ever holding more than one line's bound of it.
 */
const NEWLINE = 0x0a;

export class BoundedLines {
  readonly #bytesMax: number;
  readonly #decoder = new TextDecoder('utf-8');
  #held = new Uint8Array(0);

  /** Lines may have `bytesMax` bytes without their newline. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The lines completed by `bytes`; undefined once a line outgrew its bound, and the stream is of no use then. */
  push(bytes: Uint8Array): readonly string[] | undefined {
    const lines: string[] = [];
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, from);
      const piece = bytes.subarray(from, end < 0 ? bytes.length : end);
      if (this.#held.length + piece.length > this.#bytesMax) return undefined;
      if (end < 0) {
        this.#held = joined(this.#held, piece);
        return lines;
      }
      lines.push(this.#decoder.decode(joined(this.#held, piece)));
      this.#held = new Uint8Array(0);
      from = end + 1;
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
