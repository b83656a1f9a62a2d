import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeViciPacket,
  PACKET_BYTES_MAX,
  ViciDecoder,
  type ViciPacket,
} from '../../../../agent/engine/vici-codec.ts';
import type { ViciTree } from '../../../../agent/engine/vici-message.ts';
import { viciVectors } from '../../../kit/vici-vectors.ts';

const vectors = viciVectors();

/** Sections as plain objects, as the vectors write them. */
function plain(node: unknown): unknown {
  if (!(node instanceof Map)) return node;
  return Object.fromEntries([...node].map(([key, value]) => [key, plain(value)]));
}

function readable(packet: ViciPacket): unknown {
  return 'message' in packet ? { ...packet, message: plain(packet.message) } : packet;
}

function decodeAll(chunks: readonly Uint8Array[]): {
  readonly packets: readonly ViciPacket[];
  readonly fault: string | undefined;
} {
  const decoder = new ViciDecoder();
  const packets = chunks.flatMap((chunk) => decoder.push(chunk));
  return { packets, fault: decoder.fault?.code };
}

function framed(...body: readonly number[]): Uint8Array {
  return Uint8Array.of(0, 0, 0, body.length, ...body);
}

function stream(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe('what strongSwan sent', () => {
  test.each(vectors.map((vector) => [`${vector.from}: ${vector.what}`, vector] as const))(
    '%s is understood',
    (_, { bytes, json }) => {
      const { packets, fault } = decodeAll([bytes]);
      expect(packets.map(readable)).toEqual([json]);
      expect(fault).toBeUndefined();
    },
  );

  test('requests of swanctl come out of our encoder byte for byte', () => {
    const requests = vectors.filter(
      ({ from, what }) => from === 'swanctl' && what.startsWith('re'),
    );
    expect(requests.length).toBeGreaterThan(5);
    for (const { json, bytes } of requests) {
      const { type, name, message } = json as { type: string; name: string; message: ViciTree };
      const ours =
        type === 'request'
          ? encodeViciPacket({ type, command: name, message })
          : encodeViciPacket({ type: 'registerEvent', event: name });
      expect(ours).toEqual(bytes);
    }
  });

  test('a stream cut anywhere gives the same packets', () => {
    const whole = stream(...vectors.map((vector) => vector.bytes));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 60 }), (sizes) => {
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(whole.slice(at, at + size));
          at += size;
        }
        chunks.push(whole.slice(at));
        const { packets } = decodeAll(chunks);
        expect(packets.map(readable)).toEqual(vectors.map((vector) => vector.json));
      }),
      { numRuns: 50 },
    );
  });
});

const key = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' });
const value = fc.string({ maxLength: 300, unit: 'binary' }).filter((text) => text.isWellFormed());
const tree = fc.letrec<{ tree: ViciTree; node: string | readonly string[] | ViciTree }>((tie) => ({
  tree: fc.dictionary(key, tie('node'), { maxKeys: 6, noNullPrototype: true }),
  node: fc.oneof({ maxDepth: 4 }, value, fc.array(value, { maxLength: 5 }), tie('tree')),
})).tree;

test('what is encoded is decoded to the same', () => {
  fc.assert(
    fc.property(key, tree, (command, message) => {
      const { packets } = decodeAll([encodeViciPacket({ type: 'request', command, message })]);
      expect(packets.map(readable)).toEqual([{ type: 'request', name: command, message }]);
    }),
  );
});

test('arbitrary bytes never throw, and after a fault the stream stays silent', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
      const decoder = new ViciDecoder();
      for (const chunk of chunks) decoder.push(chunk);
      const more = decoder.push(encodeViciPacket({ type: 'registerEvent', event: 'x' }));
      expect(decoder.fault === undefined || more.length === 0).toBe(true);
    }),
  );
});

test('a true packet with one byte changed never throws', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...vectors.map((vector) => vector.bytes)),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, at, flip) => {
        const bent = Uint8Array.from(bytes);
        const place = at % bent.length;
        bent[place] = (bent[place] ?? 0) ^ flip;
        expect(() => decodeAll([bent])).not.toThrow();
      },
    ),
  );
});

describe('hostile packets are refused with a code', () => {
  const deep = Array.from({ length: 40 }, () => [1, 1, 97]).flat();
  test.each([
    ['longer than charon ever sends', Uint8Array.of(0, 8, 0, 1), 'EVICI_SIZE'],
    ['without a type', Uint8Array.of(0, 0, 0, 0), 'EVICI_SIZE'],
    ['of an unknown type', framed(99), 'EVICI_TYPE'],
    ['whose name is longer than they are', framed(7, 200, 97), 'EVICI_CUT'],
    ['whose value is longer than they are', framed(1, 3, 1, 97, 255, 255), 'EVICI_CUT'],
    ['that end inside a section', framed(1, 1, 1, 97), 'EVICI_NESTING'],
    ['that close what was not opened', framed(1, 2), 'EVICI_NESTING'],
    ['that end inside a list', framed(1, 4, 1, 97), 'EVICI_CUT'],
    ['with a section in a list', framed(1, 4, 1, 97, 1), 'EVICI_ELEMENT'],
    ['with an unknown element', framed(1, 77), 'EVICI_ELEMENT'],
    ['nested without end', framed(1, ...deep), 'EVICI_NESTING'],
  ])('%s', (_, bytes, code) => {
    expect(decodeAll([bytes])).toEqual({ packets: [], fault: code });
  });

  test('a key called __proto__ is a key', () => {
    const [packet] = decodeAll([framed(1, 3, 9, ...Buffer.from('__proto__'), 0, 1, 120)]).packets;
    expect(packet?.type === 'response' && packet.message.get('__proto__')).toBe('x');
  });

  test('packets before the fault are still delivered', () => {
    const good = encodeViciPacket({ type: 'registerEvent', event: 'x' });
    const { packets, fault } = decodeAll([stream(good, framed(99))]);
    expect(packets).toEqual([{ type: 'registerEvent', name: 'x' }]);
    expect(fault).toBe('EVICI_TYPE');
  });

  test('the largest packet charon may send is taken', () => {
    const items = Array.from({ length: 8 }, () => 'x'.repeat(65_000));
    const bytes = encodeViciPacket({ type: 'request', command: 'c', message: { items } });
    expect(bytes.length).toBeLessThan(PACKET_BYTES_MAX);
    expect(decodeAll([bytes]).packets).toHaveLength(1);
  });
});
