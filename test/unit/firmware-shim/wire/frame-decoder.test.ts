import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantBroken } from '../../../../firmware-shim/base/assert.ts';
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { cobsEncode } from '../../../../firmware-shim/wire/cobs.ts';
import { crc32 } from '../../../../firmware-shim/wire/crc32.ts';
import {
  ENCODED_BYTES_MAX,
  encodeFrame,
  type Frame,
  NO_PAYLOAD,
  nextSequence,
  PAYLOAD_BYTES_MAX,
} from '../../../../firmware-shim/wire/frame.ts';
import { FrameDecoder } from '../../../../firmware-shim/wire/frame-decoder.ts';
import { anyFrame } from '../../../kit/board-arbitraries.ts';

const HEARTBEAT: Frame = {
  kind: 'heartbeat',
  sequence: 0,
  acknowledgement: 7,
  bootEpoch: 0x0a0b0c0d,
  conversation: 0xc0ffee01,
  payload: NO_PAYLOAD,
};

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Cuts `bytes` at the given places, whatever they are. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const edges = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  );
  return [0, ...edges].map((from, index) => bytes.subarray(from, edges[index] ?? bytes.length));
}

describe('crc32', () => {
  it('gives the check value of the catalogue for 123456789', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});

describe('a frame', () => {
  it('holds the longest payload there is, and one byte more is a mistake of ours', () => {
    const frame = { ...HEARTBEAT, payload: new Uint8Array(PAYLOAD_BYTES_MAX).fill(7) };
    expect(new FrameDecoder().push(encodeFrame(frame))).toEqual([frame]);
    const longer = { ...frame, payload: new Uint8Array(PAYLOAD_BYTES_MAX + 1) };
    expect(() => encodeFrame(longer)).toThrow(InvariantBroken);
  });
});

describe('the frame decoder', () => {
  it('finds the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 6 }),
        fc.array(fc.nat(4_000), { maxLength: 40 }),
        (frames, places) => {
          const bytes = joined(frames.map(encodeFrame));
          const decoder = new FrameDecoder();
          expect(cut(bytes, places).flatMap((chunk) => decoder.push(chunk))).toEqual(frames);
        },
      ),
    );
  });

  it('finds the same frames byte by byte', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 4 }), (frames) => {
        const decoder = new FrameDecoder();
        const found = [...joined(frames.map(encodeFrame))].flatMap((byte) =>
          decoder.push(Uint8Array.of(byte)),
        );
        expect(found).toEqual(frames);
      }),
    );
  });

  it('never takes a frame with one changed byte for another frame', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, place, flip) => {
        const bytes = encodeFrame(frame);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        for (const found of new FrameDecoder().push(bytes)) expect(found).toEqual(frame);
      }),
      { numRuns: 2_000 },
    );
  });

  it('survives every single flipped bit of a frame and takes the next one', () => {
    const intact = encodeFrame(HEARTBEAT);
    for (let bit = 0; bit < intact.length * 8; bit += 1) {
      const bytes = Uint8Array.from(intact);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const found = new FrameDecoder().push(joined([bytes, intact]));
      expect(found.at(-1)).toEqual(HEARTBEAT);
      for (const frame of found) expect(frame).toEqual(HEARTBEAT);
    }
  });

  it('never throws and never finds a frame in arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(new FrameDecoder().push(bytes)).toEqual([]);
      }),
    );
  });

  it('finds no frame in four million random bytes and counts what it refused', () => {
    const random = new SeededRandom(4711);
    const decoder = new FrameDecoder();
    for (let round = 0; round < 64; round += 1) {
      const noise = Uint8Array.from({ length: 65_536 }, () => random.u32() & 0xff);
      expect(decoder.push(noise)).toEqual([]);
    }
    const { badCobs, badCrc, tooShort, tooLong } = decoder.counters;
    expect(badCobs + badCrc + tooShort + tooLong).toBeGreaterThan(10_000);
  });

  it('skips endless bytes without a delimiter and takes the frame behind them', () => {
    const decoder = new FrameDecoder();
    const endless = new Uint8Array(100_000).fill(0x55);
    for (let round = 0; round < 20; round += 1) expect(decoder.push(endless)).toEqual([]);
    expect(decoder.push(encodeFrame(HEARTBEAT))).toEqual([HEARTBEAT]);
    expect(decoder.counters).toMatchObject({ tooLong: 1, frames: 1 });
    expect(ENCODED_BYTES_MAX).toBeLessThan(1_024);
  });

  it('takes a frame that noise ran straight into', () => {
    const decoder = new FrameDecoder();
    const noise = Uint8Array.of(0x12, 0x34, 0x56);
    expect(decoder.push(joined([noise, encodeFrame(HEARTBEAT)]))).toEqual([HEARTBEAT]);
  });

  it('takes the outer frame cut off and the inner one whole when a frame starts in a frame', () => {
    const outer = encodeFrame({
      ...HEARTBEAT,
      kind: 'message',
      payload: new Uint8Array(90).fill(5),
    });
    const decoder = new FrameDecoder();
    const bytes = joined([outer.subarray(0, 40), encodeFrame(HEARTBEAT), outer.subarray(40)]);
    expect(decoder.push(bytes)).toEqual([HEARTBEAT]);
  });

  it('remembers the version of the frame it refused', () => {
    const raw = Uint8Array.of(2, 5, ...new Uint8Array(12));
    const crc = new DataView(new ArrayBuffer(4));
    crc.setUint32(0, crc32(raw));
    const decoder = new FrameDecoder();
    decoder.push(Uint8Array.of(...cobsEncode(joined([raw, new Uint8Array(crc.buffer)])), 0));
    expect(decoder.foreignVersion).toBe(2);
  });
});

describe('sequence numbers', () => {
  it('begin again at 1, because 0 says "none yet"', () => {
    expect([0, 1, 65_534, 65_535].map(nextSequence)).toEqual([1, 2, 65_535, 1]);
  });
});
