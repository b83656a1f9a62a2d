/** Byte stuffing against the examples of its authors' paper, and what is no COBS at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cobsBytesMax, cobsDecode, cobsEncode } from '../../../../firmware-shim/wire/cobs.ts';

const run = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const EXAMPLES: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['nothing', [], [1]],
  ['a zero', [0], [1, 1]],
  ['two zeros', [0, 0], [1, 1, 1]],
  ['zeros around a byte', [0, 0x11, 0], [1, 2, 0x11, 1]],
  ['a zero among bytes', [0x11, 0x22, 0, 0x33], [3, 0x11, 0x22, 2, 0x33]],
  ['zeros at the end', [0x11, 0, 0, 0], [2, 0x11, 1, 1, 1]],
  ['254 bytes, a run that is just full', run(1, 254), [0xff, ...run(1, 254)]],
  ['a zero before a full run', [0, ...run(1, 254)], [1, 0xff, ...run(1, 254)]],
  ['255 bytes, one more than a run', run(1, 255), [0xff, ...run(1, 254), 2, 0xff]],
  ['a zero behind a full run', [...run(1, 254), 0], [0xff, ...run(1, 254), 1, 1]],
];

describe('stuffed bytes', () => {
  it('are those that went in, and hold no zero', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (raw) => {
        const encoded = cobsEncode(raw);
        expect(encoded.includes(0)).toBe(false);
        const out = new Uint8Array(raw.length);
        expect(cobsDecode(encoded, out)).toBe(raw.length);
        expect(out).toEqual(raw);
      }),
    );
  });

  it.each([253, 254, 255, 508, 509])('are %d without a zero as well', (length) => {
    const raw = new Uint8Array(length).fill(7);
    const out = new Uint8Array(length);
    expect(cobsDecode(cobsEncode(raw), out)).toBe(length);
    expect(out).toEqual(raw);
  });

  it('are never written beyond the room there is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(40), (encoded, room) => {
        const length = cobsDecode(encoded, new Uint8Array(room));
        expect(length === undefined || length <= room).toBe(true);
      }),
    );
  });

  it.each(EXAMPLES)('of %s are those of the paper, both ways', (_, raw, encoded) => {
    expect([...cobsEncode(Uint8Array.from(raw))]).toEqual(encoded);
    const out = new Uint8Array(raw.length);
    expect(cobsDecode(Uint8Array.from(encoded), out)).toBe(raw.length);
    expect([...out]).toEqual(raw);
    expect(encoded.length).toBeLessThanOrEqual(cobsBytesMax(raw.length));
  });

  it.each(EXAMPLES.filter(([, raw]) => raw.length > 0))(
    'of %s are refused where there is a byte too little room, and nothing is written beyond it',
    (_, raw, encoded) => {
      const memory = new Uint8Array(raw.length).fill(0xaa);
      const out = memory.subarray(0, raw.length - 1);
      expect(cobsDecode(Uint8Array.from(encoded), out)).toBeUndefined();
      expect(memory.at(-1)).toBe(0xaa);
    },
  );

  it.each([
    ['a zero as a code', [0]],
    ['a zero as a code behind a run', [2, 0x11, 0, 0x22]],
    ['a zero within a run', [3, 0x11, 0, 2, 0x33]],
    ['a run that reaches past the end', [3, 0x11]],
    ['a code without its run', [2]],
  ])('with %s are none', (_, encoded) => {
    expect(cobsDecode(Uint8Array.from(encoded), new Uint8Array(16))).toBeUndefined();
  });
});
