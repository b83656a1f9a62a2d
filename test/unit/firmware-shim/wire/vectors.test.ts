/** The codecs against bytes made by hand from docs/PROTOCOL.md. */
import { describe, expect, it } from 'vitest';
import type { Decoded } from '../../../../firmware-shim/wire/field-reader.ts';
import { encodeFrame, type Frame } from '../../../../firmware-shim/wire/frame.ts';
import { FrameDecoder } from '../../../../firmware-shim/wire/frame-decoder.ts';
import { decodeHello, encodeHello } from '../../../../firmware-shim/wire/hello-codec.ts';
import {
  decodeBoardMessage,
  decodeHostMessage,
  encodeBoardMessage,
  encodeHostMessage,
} from '../../../../firmware-shim/wire/message-codec.ts';
import type { BoardMessage, Hello, HostMessage } from '../../../../firmware-shim/wire/messages.ts';
import { readBoardVectors } from '../../../kit/board-vectors.ts';

function onlyFrame(line: Uint8Array): Frame {
  const frames = new FrameDecoder().push(line);
  expect(frames).toHaveLength(1);
  return frames[0] as Frame;
}

function decodedAs(kind: string, frame: Frame): Decoded<unknown> {
  if (kind === 'hello') return decodeHello(frame);
  return kind === 'board' ? decodeBoardMessage(frame.payload) : decodeHostMessage(frame.payload);
}

/** JSON has no bytes: a list of numbers stands for them. */
const BYTES = ['bytes', 'digest', 'proof'];

function bytesFromNumbers(key: string, value: unknown): unknown {
  return BYTES.includes(key) ? Uint8Array.from(value as readonly number[]) : value;
}

describe('frames', () => {
  it.each(readBoardVectors('frames.txt'))('$name', ({ line, fields }) => {
    const frame = onlyFrame(line);
    expect(frame).toMatchObject(JSON.parse(fields.get('frame') ?? '') as object);
    expect(encodeFrame(frame)).toEqual(line);
  });

  it.each(readBoardVectors('frames.txt').filter(({ fields }) => fields.has('hello')))(
    '$name, and says who it is',
    ({ line, fields }) => {
      const frame = onlyFrame(line);
      const message = JSON.parse(fields.get('hello') ?? '') as Hello;
      expect(decodeHello(frame)).toEqual({ ok: true, message });
      expect(encodeHello(message)).toEqual(frame.payload);
    },
  );
});

const messages = readBoardVectors('messages.txt');

describe('messages of the board', () => {
  it.each(messages.filter(({ fields }) => fields.has('board')))('$name', ({ line, fields }) => {
    const frame = onlyFrame(line);
    const message = JSON.parse(fields.get('board') ?? '', bytesFromNumbers) as BoardMessage;
    expect(decodeBoardMessage(frame.payload)).toEqual({ ok: true, message });
    expect(encodeFrame({ ...frame, payload: encodeBoardMessage(message) })).toEqual(line);
  });
});

describe('messages of the host', () => {
  it.each(messages.filter(({ fields }) => fields.has('host')))('$name', ({ line, fields }) => {
    const frame = onlyFrame(line);
    const message = JSON.parse(fields.get('host') ?? '', bytesFromNumbers) as HostMessage;
    expect(decodeHostMessage(frame.payload)).toEqual({ ok: true, message });
    expect(encodeFrame({ ...frame, payload: encodeHostMessage(message) })).toEqual(line);
  });
});

const refusals = readBoardVectors('refusals.txt');

describe('frames that are refused', () => {
  it.each(refusals.filter(({ fields }) => fields.has('counter')))('$name', ({ line, fields }) => {
    const decoder = new FrameDecoder();
    expect(decoder.push(line)).toEqual([]);
    expect(decoder.counters).toMatchObject({ frames: 0, [fields.get('counter') ?? '']: 1 });
  });
});

describe('messages that are refused', () => {
  it.each(refusals.filter(({ fields }) => !fields.has('counter')))('$name', ({ line, fields }) => {
    const kind = ['board', 'host', 'hello'].find((key) => fields.has(key)) ?? '';
    const refusal: unknown = JSON.parse(fields.get(kind) ?? '');
    expect(decodedAs(kind, onlyFrame(line))).toEqual({ ok: false, refusal });
  });
});
