/**
 * The frame decoder of the board line, fed with a stream of bytes.
 *
 * Property: however the stream is cut, the same frames and the same counts come out; a frame survives being
 * sent again; and the next intact frame behind any stream is found.
 */
import { crc32 } from 'node:zlib';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { cobsDecode, cobsEncode } from '../../../firmware-shim/wire/cobs.ts';
import {
  CRC_BYTES,
  DELIMITER,
  encodeFrame,
  type Frame,
  PAYLOAD_BYTES_MAX,
} from '../../../firmware-shim/wire/frame.ts';
import { FrameDecoder } from '../../../firmware-shim/wire/frame-decoder.ts';
import { boardSeeds } from '../board-seeds.ts';
import { joined } from '../mutation.ts';
import { type FuzzTarget, hold, holdEqual } from '../target.ts';

const KNOWN: Frame = {
  kind: 'message',
  sequence: 0x1234,
  acknowledgement: 0xffff,
  bootEpoch: 1,
  conversation: 0xc0ff_ee01,
  payload: Uint8Array.of(0, 1, 0, 2),
};
const DELIMITERS = Uint8Array.of(DELIMITER);

export const framer: FuzzTarget = {
  bytesMax: 2_000,
  seeds: boardSeeds,
  mend: withChecksums,
  check: (stream) => {
    const whole = new FrameDecoder();
    const frames = whole.push(stream);
    const pieces = new FrameDecoder();
    holdEqual(inPieces(pieces, stream), frames, 'a stream in pieces gives other frames');
    holdEqual(pieces.counters, whole.counters, 'a stream in pieces is counted otherwise');
    for (const frame of frames) {
      hold(frame.payload.length <= PAYLOAD_BYTES_MAX, 'a payload is longer than any may be');
      holdEqual(new FrameDecoder().push(encodeFrame(frame)), [frame], 'a frame did not survive');
    }
    whole.push(DELIMITERS);
    holdEqual(whole.push(encodeFrame(KNOWN)), [KNOWN], 'the next intact frame was not found');
    return frames.length > 0 ? 'accepted' : reasonOf(pieces);
  },
};

/** Sizes follow from the stream itself, so that an input alone says everything. */
function inPieces(decoder: FrameDecoder, stream: Uint8Array): readonly Frame[] {
  const frames: Frame[] = [];
  let size = 1 + (stream.length % 7);
  for (let at = 0; at < stream.length; at += size) {
    size = 1 + (((stream[at] ?? 0) + at) % 11);
    frames.push(...decoder.push(stream.subarray(at, at + size)));
  }
  return frames;
}

function reasonOf(decoder: FrameDecoder): string {
  const refused = Object.entries(decoder.counters).filter(([, count]) => count > 0);
  return refused.length === 0 ? 'no frame' : (refused.at(-1)?.[0] ?? '');
}

/** Gives every piece between delimiters that is COBS a right CRC, reckoned by zlib and not by our code. */
function withChecksums(stream: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < stream.length; ) {
    const found = stream.indexOf(DELIMITER, start);
    const end = found < 0 ? stream.length : found;
    const encoded = stream.subarray(start, end);
    const room = new Uint8Array(encoded.length);
    const length = cobsDecode(encoded, room);
    if (length === undefined || length < CRC_BYTES) pieces.push(encoded, DELIMITERS);
    else {
      const crcAt = length - CRC_BYTES;
      new DataView(room.buffer).setUint32(crcAt, crc32(room.subarray(0, crcAt)));
      pieces.push(cobsEncode(room.subarray(0, length)), DELIMITERS);
    }
    start = end + 1;
  }
  return joined(...pieces);
}

const NOISE_CHUNK_BYTES = 4_096;

/**
 * Frames found in `bytes` bytes of noise, where none is. Half of the noise has a delimiter where a frame
 * would end, so that thousands of pieces have the length of one.
 */
export function falseFrames(random: Random, bytes: number): number {
  const decoder = new FrameDecoder();
  const chunk = new Uint8Array(NOISE_CHUNK_BYTES);
  let found = 0;
  for (let done = 0; done < bytes; done += chunk.length) {
    const delimited = (done / chunk.length) % 2 === 1;
    for (let at = 0; at < chunk.length; at += 1) {
      const value = random.u32() >>> 8;
      chunk[at] = delimited && (value & 0x1f_0000) === 0 ? DELIMITER : value & 0xff;
    }
    found += decoder.push(chunk.subarray(0, Math.min(chunk.length, bytes - done))).length;
  }
  return found;
}
