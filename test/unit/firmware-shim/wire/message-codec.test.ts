import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantBroken } from '../../../../firmware-shim/base/assert.ts';
import { NO_PAYLOAD, PAYLOAD_BYTES_MAX } from '../../../../firmware-shim/wire/frame.ts';
import { decodeHello, encodeHello } from '../../../../firmware-shim/wire/hello-codec.ts';
import {
  decodeBoardMessage,
  decodeHostMessage,
  encodeBoardMessage,
  encodeHostMessage,
} from '../../../../firmware-shim/wire/message-codec.ts';
import { anyBoardMessage, anyHello, anyHostMessage } from '../../../kit/board-arbitraries.ts';

const HELLO_FRAME = {
  kind: 'hello',
  sequence: 0,
  acknowledgement: 0,
  bootEpoch: 1,
  conversation: 1,
  payload: NO_PAYLOAD,
} as const;

describe('messages of the board', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(anyBoardMessage, (message) => {
        expect(decodeBoardMessage(encodeBoardMessage(message))).toEqual({ ok: true, message });
      }),
    );
  });

  it('are refused, cut off anywhere', () => {
    fc.assert(
      fc.property(anyBoardMessage, fc.nat(), (message, place) => {
        const payload = encodeBoardMessage(message);
        const cutOff = payload.subarray(0, place % payload.length);
        expect(decodeBoardMessage(cutOff)).toMatchObject({ ok: false });
      }),
    );
  });

  it('have one form for each meaning: what is understood encodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (payload) => {
        const decoded = decodeBoardMessage(payload);
        expect(decoded.ok ? encodeBoardMessage(decoded.message) : payload).toEqual(payload);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('messages of the host', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(anyHostMessage, (message) => {
        expect(decodeHostMessage(encodeHostMessage(message))).toEqual({ ok: true, message });
      }),
    );
  });

  it('never throw, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 256 }), (payload) => {
        const frame = { ...HELLO_FRAME, payload };
        for (const decoded of [decodeHostMessage(payload), decodeHello(frame)]) {
          expect(decoded.ok ? 'message' : decoded.refusal.code).toMatch(/^message$|^EMSG_/);
        }
      }),
    );
  });
});

describe('hello', () => {
  it('comes out as it went in and fits into one frame', () => {
    fc.assert(
      fc.property(anyHello, (hello) => {
        const payload = encodeHello(hello);
        expect(payload.length).toBeLessThanOrEqual(PAYLOAD_BYTES_MAX);
        const frame = { ...HELLO_FRAME, bootEpoch: hello.bootEpoch, payload };
        expect(decodeHello(frame)).toEqual({ ok: true, message: hello });
      }),
    );
  });
});

describe('our own values', () => {
  it('assert when they do not fit, because that is our mistake', () => {
    const tooFar = { kind: 'button', button: 'RESET', heldMs: -1 } as const;
    expect(() => encodeBoardMessage(tooFar)).toThrow(InvariantBroken);
    const chunk = { kind: 'updateChunk', offset: 0, bytes: new Uint8Array(255) } as const;
    expect(() => encodeHostMessage({ id: 1, command: chunk })).toThrow('payload too long');
  });
});
