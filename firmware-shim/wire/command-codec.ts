/**
 * The payload of a `message` frame of the host: a type byte, the command's id and its fields.
 */
import { unreachable } from '../base/assert.ts';
import { BOARD_MODELS, LED_MODES, LEDS, MESSAGE_TYPES } from './codes.ts';
import { type Decoded, FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import {
  CHUNK_BYTES_MAX,
  DIGEST_BYTES,
  FIND_ME_MS_MAX,
  FIRMWARE_VERSION_CHARACTERS_MAX,
  IMAGE_VERSION_CHARACTERS,
  WATCHDOG_MS_MAX,
  WATCHDOG_MS_MIN,
} from './limits.ts';
import type { BoardCommand, HostMessage } from './messages.ts';

type Kind = BoardCommand['kind'];

const KIND_OF_TYPE: ReadonlyMap<number, Kind> = new Map(
  Object.entries(MESSAGE_TYPES)
    .filter(([, type]) => type >= MESSAGE_TYPES.ledSet)
    .map(([kind, type]) => [type, kind as Kind]),
);

export function encodeHostMessage({ id, command }: HostMessage): Uint8Array {
  const writer = new FieldWriter().u8(MESSAGE_TYPES[command.kind]).u32(id);
  switch (command.kind) {
    case 'ledSet':
      return writer.u8(LEDS.codeOf(command.led)).u8(LED_MODES.codeOf(command.mode)).bytes();
    case 'findMe':
      return writer.u32(command.durationMs).bytes();
    case 'resetLockSet':
      return writer.flag(command.locked).bytes();
    case 'watchdogArm':
      return writer.u32(command.timeoutMs).bytes();
    case 'clockSet':
      return writer.u32(command.unixSeconds).bytes();
    case 'updateBegin':
      writer.u8(BOARD_MODELS.codeOf(command.model)).text(command.version);
      return writer.u32(command.sizeBytes).u32(command.imageCrc).bytes();
    case 'updateChunk':
      return writer.u32(command.offset).blob(command.bytes).bytes();
    case 'proveIdentity':
      return writer.blob(command.digest).bytes();
    case 'boardReset':
    case 'watchdogKick':
    case 'watchdogDisarm':
    case 'clockGet':
    case 'firmwareQuery':
    case 'updateVerify':
    case 'updateActivate':
    case 'updateConfirm':
    case 'updateAbort':
      return writer.bytes();
    default:
      return unreachable(command);
  }
}

export function decodeHostMessage(payload: Uint8Array): Decoded<HostMessage> {
  const reader = new FieldReader(payload);
  const kind = KIND_OF_TYPE.get(reader.u8('type'));
  if (kind === undefined) reader.refuse('EMSG_TYPE', 'type');
  const id = reader.u32('id');
  return reader.finish({ id, command: readCommand(reader, kind ?? 'boardReset') });
}

function readCommand(reader: FieldReader, kind: Kind): BoardCommand {
  switch (kind) {
    case 'ledSet':
      return {
        kind,
        led: reader.word('led', LEDS, 'PWR'),
        mode: reader.word('mode', LED_MODES, 'off'),
      };
    case 'findMe':
      return { kind, durationMs: reader.u32('durationMs', 0, FIND_ME_MS_MAX) };
    case 'resetLockSet':
      return { kind, locked: reader.flag('locked') };
    case 'watchdogArm':
      return { kind, timeoutMs: reader.u32('timeoutMs', WATCHDOG_MS_MIN, WATCHDOG_MS_MAX) };
    case 'clockSet':
      return { kind, unixSeconds: reader.u32('unixSeconds') };
    case 'proveIdentity':
      return { kind, digest: reader.blob('digest', DIGEST_BYTES, DIGEST_BYTES) };
    case 'updateBegin':
      return readBegin(reader);
    case 'updateChunk':
      return {
        kind,
        offset: reader.u32('offset'),
        bytes: reader.blob('bytes', 1, CHUNK_BYTES_MAX),
      };
    case 'boardReset':
    case 'watchdogKick':
    case 'watchdogDisarm':
    case 'clockGet':
    case 'firmwareQuery':
    case 'updateVerify':
    case 'updateActivate':
    case 'updateConfirm':
    case 'updateAbort':
      return { kind };
    default:
      return unreachable(kind);
  }
}

/** A size is believed whatever it is: that it is too large is for the board's answer to say. */
function readBegin(reader: FieldReader): BoardCommand {
  return {
    kind: 'updateBegin',
    model: reader.word('model', BOARD_MODELS, 'sag-1000'),
    version: reader.text('version', FIRMWARE_VERSION_CHARACTERS_MAX, IMAGE_VERSION_CHARACTERS),
    sizeBytes: reader.u32('sizeBytes', 1),
    imageCrc: reader.u32('imageCrc'),
  };
}
