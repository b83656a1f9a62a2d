import { expect, test } from 'vitest';
import { buildOperation } from '../../../../firmware-shim/kernel/build-request.ts';
import {
  type NetlinkMessage,
  readMessages,
} from '../../../../firmware-shim/kernel/message-reader.ts';
import type { KernelOperation } from '../../../../firmware-shim/kernel/operations.ts';
import { parseAnswer } from '../../../../firmware-shim/kernel/parse-answer.ts';
import { parseObject } from '../../../../firmware-shim/kernel/parse-object.ts';
import { netlinkVectors } from '../../../kit/netlink-vectors.ts';

const HEADER_BYTES = 16;
/** struct sizes of rtnetlink(7), by message type divided by four. */
const STRUCT_BYTES: Readonly<Record<number, number>> = { 4: 16, 5: 8, 6: 12, 8: 12, 26: 8 };

test.each(netlinkVectors('requests'))('asks the kernel the same as: $what', ({ json, bytes }) => {
  const built = buildOperation(json as KernelOperation);
  expect(built.ok && readable(built.bytes)).toEqual(readable(bytes));
});

test.each(netlinkVectors('events'))('understands what the kernel tells: $what', (vector) => {
  expect(parseObject(only(vector.bytes))).toEqual(vector.json);
});

test.each(netlinkVectors('answers'))('understands an answer: $what', ({ json, bytes }) => {
  expect(parseAnswer(only(bytes))).toEqual(json);
});

function only(bytes: Uint8Array): NetlinkMessage {
  const messages: NetlinkMessage[] = [];
  expect(readMessages(bytes, (message) => messages.push(message))).toBe(0);
  expect(messages).toHaveLength(1);
  return messages[0] as NetlinkMessage;
}

/** A request without its sequence number and with its attributes in order, cut by other code than ours. */
function readable(bytes: Uint8Array): unknown {
  const buffer = Buffer.from(bytes);
  const type = buffer.readUInt16LE(4);
  let at = HEADER_BYTES + (STRUCT_BYTES[type >> 2] ?? 0);
  const struct = buffer.toString('hex', HEADER_BYTES, at);
  const attributes: string[] = [];
  while (at < buffer.length) {
    const length = buffer.readUInt16LE(at);
    attributes.push(buffer.toString('hex', at, at + length));
    at += Math.ceil(length / 4) * 4;
  }
  const length = buffer.readUInt32LE(0);
  return { length, type, flags: buffer.readUInt16LE(6), struct, attributes: attributes.sort() };
}
