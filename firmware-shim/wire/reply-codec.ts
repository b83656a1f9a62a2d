/**
 * The payload of a `commandReply`: which kind of reply, and what the command brought back.
 */
import { unreachable } from '../base/assert.ts';
import { REPLIES, SPARE_SLOTS, UPDATE_STATUSES } from './codes.ts';
import type { FieldReader } from './field-reader.ts';
import type { FieldWriter } from './field-writer.ts';
import {
  DIGEST_BYTES,
  FIRMWARE_VERSION_CHARACTERS_MAX,
  IMAGE_BYTES_MAX,
  IMAGE_VERSION_CHARACTERS,
} from './limits.ts';
import type { CommandReply } from './messages.ts';

export function writeReply(writer: FieldWriter, reply: CommandReply): FieldWriter {
  writer.u8(REPLIES.codeOf(reply.kind));
  switch (reply.kind) {
    case 'clock':
      return writer.u32(reply.unixSeconds);
    case 'firmware':
      writer.text(reply.version).u32(reply.imageCrc).flag(reply.trial);
      return writer.u8(SPARE_SLOTS.codeOf(reply.spare)).text(reply.minimumVersion);
    case 'identityProof':
      return writer.blob(reply.proof);
    case 'update':
      return writer.u8(UPDATE_STATUSES.codeOf(reply.status)).u32(reply.offset);
    default:
      return unreachable(reply);
  }
}

export function readReply(reader: FieldReader): CommandReply {
  const kind = reader.word('reply', REPLIES, 'clock');
  switch (kind) {
    case 'clock':
      return { kind, unixSeconds: reader.u32('unixSeconds') };
    case 'firmware':
      return {
        kind,
        version: readVersion(reader, 'version'),
        imageCrc: reader.u32('imageCrc'),
        trial: reader.flag('trial'),
        spare: reader.word('spare', SPARE_SLOTS, 'empty'),
        minimumVersion: readVersion(reader, 'minimumVersion'),
      };
    case 'identityProof':
      return { kind, proof: reader.blob('proof', DIGEST_BYTES, DIGEST_BYTES) };
    case 'update':
      return {
        kind,
        status: reader.word('status', UPDATE_STATUSES, 'outOfTurn'),
        offset: reader.u32('offset', 0, IMAGE_BYTES_MAX),
      };
    default:
      return unreachable(kind);
  }
}

function readVersion(reader: FieldReader, field: string): string {
  return reader.text(field, FIRMWARE_VERSION_CHARACTERS_MAX, IMAGE_VERSION_CHARACTERS);
}
