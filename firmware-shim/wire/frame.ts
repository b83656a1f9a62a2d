/**
 * The frame: what travels between two delimiters once COBS is undone. Big-endian, 14 bytes of header, the
 * payload, and a CRC-32 over both; `docs/PROTOCOL.md` shows it byte by byte.
 *
 * `bootEpoch` names one life of the MCU and `conversation` one life of the host's attention: a frame of
 * another pair is late and means nothing.
 */
import { assert } from '../base/assert.ts';
import { cobsBytesMax, cobsEncode } from './cobs.ts';
import { crc32 } from './crc32.ts';

export const PROTOCOL_VERSION = 1;
export const HEADER_BYTES = 14;
export const CRC_BYTES = 4;
/** The longest message, 240 bytes of a firmware image, needs 250. */
export const PAYLOAD_BYTES_MAX = 256;
export const FRAME_BYTES_MAX = HEADER_BYTES + PAYLOAD_BYTES_MAX + CRC_BYTES;
/** Between delimiters; the most a reader ever has to keep. */
export const ENCODED_BYTES_MAX = cobsBytesMax(FRAME_BYTES_MAX);
export const DELIMITER = 0x00;

export const FRAME_KINDS = {
  /** Host: begin a conversation and say who you are. */
  ask: 1,
  /** Board: the answer to `ask`; with conversation 0, "I have just started". */
  hello: 2,
  /** Either: numbered, acknowledged, repeated until it is. */
  message: 3,
  /** Either: `acknowledgement` and nothing else. */
  ack: 4,
  /** Host: are you there? */
  heartbeat: 5,
  /** Board: yes. */
  heartbeatAnswer: 6,
  /** Board: `conversation` is none of mine. */
  unknownConversation: 7,
  /** Host: start again, you of this boot epoch. Heard by the UART's interrupt, whatever the rest is doing. */
  reset: 8,
} as const;

export type FrameKind = keyof typeof FRAME_KINDS;

export interface Frame {
  readonly kind: FrameKind;
  /** 1 to 65535 for a message; 0 for everything else. */
  readonly sequence: number;
  /** Sequence of the last message taken in order; 0 before the first. */
  readonly acknowledgement: number;
  /** 32 bits, never 0 from a board; 0 in `ask`. */
  readonly bootEpoch: number;
  /** 32 bits, chosen by the host; 0 in an unasked hello. */
  readonly conversation: number;
  readonly payload: Uint8Array;
}

export const NO_PAYLOAD = new Uint8Array(0);

/** The raw frame with its CRC, before COBS. */
export function frameBytes(frame: Frame): Uint8Array {
  assert(frame.payload.length <= PAYLOAD_BYTES_MAX, 'frame payload too long');
  const raw = new Uint8Array(HEADER_BYTES + frame.payload.length + CRC_BYTES);
  const view = new DataView(raw.buffer);
  view.setUint8(0, PROTOCOL_VERSION);
  view.setUint8(1, FRAME_KINDS[frame.kind]);
  view.setUint16(2, frame.sequence);
  view.setUint16(4, frame.acknowledgement);
  view.setUint32(6, frame.bootEpoch);
  view.setUint32(10, frame.conversation);
  raw.set(frame.payload, HEADER_BYTES);
  const crcAt = raw.length - CRC_BYTES;
  view.setUint32(crcAt, crc32(raw.subarray(0, crcAt)));
  return raw;
}

/** The bytes for the line. A delimiter also leads, so that noise before the frame cannot take it along. */
export function encodeFrame(frame: Frame): Uint8Array {
  const encoded = cobsEncode(frameBytes(frame));
  const bytes = new Uint8Array(encoded.length + 2);
  bytes.set(encoded, 1);
  return bytes;
}

/** Sequence numbers run 1 to 65535 and begin again at 1: 0 stays free to say "none yet". */
export function nextSequence(sequence: number): number {
  return sequence >= 0xffff ? 1 : sequence + 1;
}
