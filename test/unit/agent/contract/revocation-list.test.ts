/** Revocation lists: one that OpenSSL made, and bytes of every other kind. */
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  normalSerialNumber,
  readRevocationList,
} from '../../../../agent/contract/revocation-list.ts';

const folder = new URL('../../../vectors/identity/', import.meta.url);
const text = (file: string): string => readFileSync(new URL(file, folder), 'utf8');
const der = Uint8Array.from(
  Buffer.from(
    text('openssl-crl.hex')
      .replace(/^#.*\n/, '')
      .replaceAll('\n', ''),
    'hex',
  ),
);

describe('a revocation list of OpenSSL', () => {
  const list = readRevocationList(der);

  it('is read', () => {
    expect(list).toMatchObject({
      thisUpdateMs: Date.UTC(2026, 0, 5),
      nextUpdateMs: Date.UTC(2026, 1, 5),
      serialNumbers: new Set(['A1B', 'FFEE01']),
    });
  });

  it('carries a signature over exactly the bytes it says', () => {
    const key = createPublicKey(text('openssl-crl-signer.pem'));
    if (list === undefined) throw new Error('unread');
    expect(verify('sha256', list.signed, key, list.signature)).toBe(true);
  });

  it('is refused when it is cut anywhere or something follows it', () => {
    for (let length = 0; length < der.length; length += 1) {
      expect(readRevocationList(der.subarray(0, length))).toBeUndefined();
    }
    expect(readRevocationList(Uint8Array.from([...der, 0]))).toBeUndefined();
  });

  it('never throws, whatever its bytes become', () => {
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), (at, byte) => {
        const changed = Uint8Array.from(der);
        changed[at] = byte;
        readRevocationList(changed);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readRevocationList(bytes)));
  });
});

it('a list that takes back a serial number of no bytes is none', () => {
  const corpus = new URL('../../../fuzz/corpus/crl/', import.meta.url);
  const bytes = readFileSync(new URL('serial-number-of-no-bytes.bin', corpus));
  expect(readRevocationList(bytes)).toBeUndefined();
  // The same with a byte in it.
  const whole = readFileSync(new URL('without-next-update.bin', corpus));
  expect(readRevocationList(whole)?.serialNumbers.size).toBe(1);
});

it('a list whose time is as long as a file may be is none, and no call with a million arguments', () => {
  const bytes = new Uint8Array(1_000_000);
  const element = (at: number, tag: number): void => {
    bytes.set([tag, 0x83], at);
    const length = bytes.length - at - 5;
    bytes.set([length >> 16, (length >> 8) & 0xff, length & 0xff], at + 2);
  };
  element(0, 0x30);
  element(5, 0x30);
  // Algorithm and issuer are empty.
  bytes.set([0x30, 0, 0x30, 0], 10);
  element(14, 0x17);
  const end = [0x30, 0, 0x03, 2, 0, 0];
  const list = Uint8Array.from([...bytes, ...end]);
  const length = list.length - 5;
  list.set([length >> 16, (length >> 8) & 0xff, length & 0xff], 2);
  expect(readRevocationList(list)).toBeUndefined();
});

it('serial numbers are compared by value, however they were printed', () => {
  expect(['00ffee01', 'FFEE01', '0ffee01'].map(normalSerialNumber)).toEqual(
    Array.from({ length: 3 }, () => 'FFEE01'),
  );
  expect(normalSerialNumber('00')).toBe('0');
});
