/**
 * The payloads of the board line, by the first byte: board message, host message, hello, the host's offer, and
 * the image a board is updated with.
 *
 * Property: a payload is refused with a code and a field, or gives a message that writes and reads the same.
 */
import type { Random } from '../../../firmware-shim/base/random.ts';
import { decodeOffer, encodeOffer } from '../../../firmware-shim/wire/capability.ts';
import { MESSAGE_TYPES } from '../../../firmware-shim/wire/codes.ts';
import { decodeHostMessage, encodeHostMessage } from '../../../firmware-shim/wire/command-codec.ts';
import type { Decoded } from '../../../firmware-shim/wire/field-reader.ts';
import { parseFirmwareImage } from '../../../firmware-shim/wire/firmware-image.ts';
import { type Frame, PAYLOAD_BYTES_MAX } from '../../../firmware-shim/wire/frame.ts';
import { FrameDecoder } from '../../../firmware-shim/wire/frame-decoder.ts';
import { decodeHello, encodeHello } from '../../../firmware-shim/wire/hello-codec.ts';
import {
  decodeBoardMessage,
  encodeBoardMessage,
} from '../../../firmware-shim/wire/message-codec.ts';
import { boardSeeds } from '../board-seeds.ts';
import { below, joined } from '../mutation.ts';
import { type FuzzTarget, hold, holdEqual } from '../target.ts';

const READERS = 5;

export const messages: FuzzTarget = {
  bytesMax: PAYLOAD_BYTES_MAX + 16,
  dictionary: ['SAG1000-0001', '2.7.1', 'A3', '\u0000', '\u001b[2J', '../'],
  seeds: () =>
    boardSeeds()
      .flatMap((line) => new FrameDecoder().push(line))
      .flatMap(({ payload }) =>
        [0, 1, 2, 3].map((reader) => joined(Uint8Array.of(reader), payload)),
      ),
  mend: withKnownType,
  check: (input) => {
    const payload = input.subarray(1);
    switch ((input[0] ?? 0) % READERS) {
      case 0:
        return survives('board message', payload, decodeBoardMessage, encodeBoardMessage);
      case 1:
        return survives('host message', payload, decodeHostMessage, encodeHostMessage);
      case 2:
        return survives('hello', payload, (bytes) => decodeHello(helloFrame(bytes)), encodeHello);
      case 3:
        return survives('offer', payload, decodeOffer, encodeOffer);
      default:
        return survives('image', payload, parseFirmwareImage, ({ bytes }) => bytes);
    }
  },
};

/** The board speaks below 32, the host from there on. */
const HOST_TYPES_FROM = 32;
const TYPES: readonly number[] = Object.values(MESSAGE_TYPES);

/** Makes the payload one of a type there is, and lets the side read it that is to read it. */
function withKnownType(input: Uint8Array, random: Random): Uint8Array {
  const type = TYPES[below(random, TYPES.length)] ?? 0;
  const reader = type < HOST_TYPES_FROM ? 0 : 1;
  return joined(Uint8Array.of(reader, type), input.subarray(2));
}

function helloFrame(payload: Uint8Array): Frame {
  return { kind: 'hello', sequence: 0, acknowledgement: 0, bootEpoch: 1, conversation: 0, payload };
}

function survives<Message>(
  what: string,
  payload: Uint8Array,
  decode: (payload: Uint8Array) => Decoded<Message>,
  encode: (message: Message) => Uint8Array,
): string {
  const decoded = decode(payload);
  if (!decoded.ok) {
    const { code, field } = decoded.refusal;
    hold(/^EMSG_[A-Z]+$/.test(code) && field !== '', `a refusal says ${code} of "${field}"`);
    return `${what}: ${code}`;
  }
  const bytes = encode(decoded.message);
  holdEqual(decode(bytes), decoded, `a ${what} did not survive`);
  return `${what}: accepted`;
}
