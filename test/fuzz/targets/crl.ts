/**
 * A certificate revocation list in DER.
 *
 * Property: no list, or one whose signed part and signature lie in the input, whose times are moments and whose serial
 * numbers are written as they are compared: in capitals, without leading zeros.
 */
import { readRevocationList } from '../../../agent/contract/revocation-list.ts';
import type { Random } from '../../../firmware-shim/base/random.ts';
import { type FuzzTarget, hold } from '../target.ts';

const BYTES_MAX = 16 * 1_024;
const LONG_LENGTH_OF_TWO = 0x82;

export const crl: FuzzTarget = {
  bytesMax: BYTES_MAX,
  dictionary: [
    '\u0030\u0082',
    '\u0030\u0080',
    '\u0017\u000d260105000000Z',
    '\u0018\u000f20260105000000Z',
    '\u0017\u000d269999999999Z',
    '\u0002\u0002\u0000\u0001',
    '\u0002\u0000',
  ],
  mend: withTrueLength,
  check: (bytes) => {
    const list = readRevocationList(bytes);
    if (list === undefined) return 'absent';
    const { signed, signature, thisUpdateMs, nextUpdateMs, serialNumbers } = list;
    hold(signed.length + signature.length < bytes.length, 'a list holds more than it was given');
    hold(signed.buffer === bytes.buffer, 'what is signed is not what came');
    hold(Number.isFinite(thisUpdateMs), 'a list is of no time');
    hold(nextUpdateMs === undefined || Number.isFinite(nextUpdateMs), 'a list ends at no time');
    for (const number of serialNumbers) {
      hold(/^(?:0|[1-9A-F][0-9A-F]*)$/.test(number), `a serial number is ${number.slice(0, 40)}`);
    }
    return serialNumbers.size === 0 ? 'accepted, empty' : 'accepted';
  },
};

/** Lets the outer sequence, or that and what is signed, be as long as there are bytes. */
function withTrueLength(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length < 8 || bytes[1] !== LONG_LENGTH_OF_TWO) return bytes;
  const mended = bytes.slice();
  const view = new DataView(mended.buffer);
  view.setUint16(2, Math.min(0xffff, mended.length - 4));
  const signedMax = mended.length - 8;
  if (mended[5] === LONG_LENGTH_OF_TWO && (random.u32() & 3) === 0) {
    view.setUint16(6, Math.min(0xffff, random.u32() % (signedMax + 1)));
  }
  return mended;
}
