/**
 * The message codec of the board line: board message, host message or hello, by the first byte.
 *
 * Property: a payload is refused with a code and a field, or gives a message that writes and reads the same.
 */
import type { Decoded } from '../../../firmware-shim/wire/field-reader.ts';
import { type Frame, PAYLOAD_BYTES_MAX } from '../../../firmware-shim/wire/frame.ts';
import { FrameDecoder } from '../../../firmware-shim/wire/frame-decoder.ts';
import { decodeHello, encodeHello } from '../../../firmware-shim/wire/hello-codec.ts';
import {
  decodeBoardMessage,
  decodeHostMessage,
  encodeBoardMessage,
  encodeHostMessage,
} from '../../../firmware-shim/wire/message-codec.ts';
import { boardSeeds } from '../board-seeds.ts';
import { joined } from '../mutation.ts';
import { type FuzzTarget, hold, holdEqual } from '../target.ts';

const READERS = 3;

export const messages: FuzzTarget = {
  bytesMax: PAYLOAD_BYTES_MAX + 16,
  dictionary: ['SAG1000-0001', '2.7.1', 'A3', '\u0000', '\u001b[2J', '../'],
  seeds: () =>
    boardSeeds()
      .flatMap((line) => new FrameDecoder().push(line))
      .flatMap(({ payload }) => [0, 1, 2].map((reader) => joined(Uint8Array.of(reader), payload))),
  check: (input) => {
    const payload = input.subarray(1);
    switch ((input[0] ?? 0) % READERS) {
      case 0:
        return survives('board message', payload, decodeBoardMessage, encodeBoardMessage);
      case 1:
        return survives('host message', payload, decodeHostMessage, encodeHostMessage);
      default:
        return survives('hello', payload, (bytes) => decodeHello(helloFrame(bytes)), encodeHello);
    }
  },
};

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
