/**
 * A firmware image as a file: a short header that says what it is for, then the program.
 *
 * The header is inside the image, so that a board refuses an image of another model by what it is and not by what
 * somebody says it is. CRC-32 finds damage, not malice: whoever fetched the image has checked its signature.
 */
import { BOARD_MODELS } from './codes.ts';
import { crc32 } from './crc32.ts';
import { type Decoded, FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import {
  FIRMWARE_VERSION_CHARACTERS_MAX,
  IMAGE_BYTES_MAX,
  IMAGE_VERSION_CHARACTERS,
} from './limits.ts';
import type { BoardModel } from './messages.ts';

/** `SAGF`, and the version of the header. */
const MAGIC = 0x53414746;
const HEADER_VERSION = 1;
/** Magic, header version, model, and a version with its length byte. */
export const IMAGE_HEADER_BYTES_MAX = 4 + 1 + 1 + 1 + FIRMWARE_VERSION_CHARACTERS_MAX;

export interface ImageHeader {
  readonly model: BoardModel;
  readonly version: string;
}

export interface FirmwareImage extends ImageHeader {
  /** Header and program. */
  readonly bytes: Uint8Array;
  /** CRC-32 of `bytes`. */
  readonly imageCrc: number;
}

/** Makes an image of a program. */
export function buildFirmwareImage(header: ImageHeader, program: Uint8Array): FirmwareImage {
  const writer = new FieldWriter().u32(MAGIC).u8(HEADER_VERSION);
  const head = writer.u8(BOARD_MODELS.codeOf(header.model)).text(header.version).bytes();
  const bytes = new Uint8Array(head.length + program.length);
  bytes.set(head);
  bytes.set(program, head.length);
  return { ...header, bytes, imageCrc: crc32(bytes) };
}

/** Reads what an image says it is; refused when it is none or larger than any slot. */
export function parseFirmwareImage(bytes: Uint8Array): Decoded<FirmwareImage> {
  const reader = new FieldReader(bytes.subarray(0, IMAGE_HEADER_BYTES_MAX));
  reader.u32('magic', MAGIC, MAGIC);
  reader.u8('headerVersion', HEADER_VERSION, HEADER_VERSION);
  const model = reader.word('model', BOARD_MODELS, 'sag-1000');
  const version = reader.text('version', FIRMWARE_VERSION_CHARACTERS_MAX, IMAGE_VERSION_CHARACTERS);
  if (bytes.length > IMAGE_BYTES_MAX) reader.refuse('EMSG_RANGE', 'sizeBytes');
  return reader.soFar({ model, version, bytes, imageCrc: crc32(bytes) });
}
