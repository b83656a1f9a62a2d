/**
 * Finds frames in a stream of bytes that may be cut anywhere and may be nonsense.
 *
 * It keeps at most one encoded frame; a run of bytes without a delimiter is skipped, never collected. What
 * it refuses it counts by reason, and the next intact frame is always found.
 */
import { cobsDecode } from './cobs.ts';
import { crc32 } from './crc32.ts';
import {
  CRC_BYTES,
  DELIMITER,
  ENCODED_BYTES_MAX,
  FRAME_BYTES_MAX,
  FRAME_KINDS,
  type Frame,
  type FrameKind,
  HEADER_BYTES,
  PROTOCOL_VERSION,
} from './frame.ts';

export interface DecoderCounters {
  readonly frames: number;
  readonly badCobs: number;
  readonly badCrc: number;
  /** More bytes without a delimiter than any frame has. */
  readonly tooLong: number;
  /** Good COBS, but shorter than header and CRC. */
  readonly tooShort: number;
  readonly badVersion: number;
  readonly badKind: number;
}

const KIND_OF_CODE: ReadonlyMap<number, FrameKind> = new Map(
  Object.entries(FRAME_KINDS).map(([kind, code]) => [code, kind as FrameKind]),
);

export class FrameDecoder {
  readonly #encoded = new Uint8Array(ENCODED_BYTES_MAX);
  readonly #raw = new Uint8Array(FRAME_BYTES_MAX);
  #length = 0;
  #skipping = false;
  #foreignVersion: number | undefined;
  readonly #counters = {
    frames: 0,
    badCobs: 0,
    badCrc: 0,
    tooLong: 0,
    tooShort: 0,
    badVersion: 0,
    badKind: 0,
  };

  get counters(): DecoderCounters {
    return { ...this.#counters };
  }

  /** The version of the last intact frame that was refused for its version. */
  get foreignVersion(): number | undefined {
    return this.#foreignVersion;
  }

  /** Takes the next bytes, whatever they are, and returns the frames that became complete. */
  push(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    for (const byte of chunk) {
      if (byte === DELIMITER) {
        const frame = this.#finish();
        if (frame !== undefined) frames.push(frame);
      } else this.#keep(byte);
    }
    return frames;
  }

  /** Forgets a half-received frame: the stream was closed and opened again. */
  restart(): void {
    this.#length = 0;
    this.#skipping = false;
  }

  #keep(byte: number): void {
    if (this.#skipping) return;
    if (this.#length >= this.#encoded.length) {
      this.#counters.tooLong += 1;
      this.#skipping = true;
      return;
    }
    this.#encoded[this.#length] = byte;
    this.#length += 1;
  }

  #finish(): Frame | undefined {
    const encoded = this.#encoded.subarray(0, this.#length);
    const skipped = this.#skipping;
    this.restart();
    // Two delimiters in a row are the end of one frame and the beginning of the next.
    if (skipped || encoded.length === 0) return undefined;
    const rawLength = cobsDecode(encoded, this.#raw);
    if (rawLength === undefined) return this.#refuse('badCobs');
    return this.#parse(this.#raw.subarray(0, rawLength));
  }

  #parse(raw: Uint8Array): Frame | undefined {
    if (raw.length < HEADER_BYTES + CRC_BYTES) return this.#refuse('tooShort');
    const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
    const crcAt = raw.length - CRC_BYTES;
    if (view.getUint32(crcAt) !== crc32(raw.subarray(0, crcAt))) return this.#refuse('badCrc');
    if (view.getUint8(0) !== PROTOCOL_VERSION) {
      this.#foreignVersion = view.getUint8(0);
      return this.#refuse('badVersion');
    }
    const kind = KIND_OF_CODE.get(view.getUint8(1));
    if (kind === undefined) return this.#refuse('badKind');
    this.#counters.frames += 1;
    return {
      kind,
      sequence: view.getUint16(2),
      acknowledgement: view.getUint16(4),
      bootEpoch: view.getUint32(6),
      conversation: view.getUint32(10),
      payload: raw.slice(HEADER_BYTES, crcAt),
    };
  }

  #refuse(reason: keyof DecoderCounters): undefined {
    this.#counters[reason] += 1;
    return undefined;
  }
}
