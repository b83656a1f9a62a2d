/** What the other end cannot have meant: which field is named, so that a log says what a board sends wrongly. */
import { describe, expect, it } from 'vitest';
import { decodeOffer } from '../../../../firmware-shim/wire/capability.ts';
import { parseFirmwareImage } from '../../../../firmware-shim/wire/firmware-image.ts';
import { type Frame, NO_PAYLOAD } from '../../../../firmware-shim/wire/frame.ts';
import { decodeHello } from '../../../../firmware-shim/wire/hello-codec.ts';
import {
  decodeBoardMessage,
  decodeHostMessage,
} from '../../../../firmware-shim/wire/message-codec.ts';

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

function helloOf(payload: Uint8Array) {
  const kind = { kind: 'hello', sequence: 0, acknowledgement: 0 } as const;
  const frame: Frame = { ...kind, bootEpoch: 1, conversation: 1, payload };
  return decodeHello(frame);
}

type Row = readonly [what: string, hex: string, code: string, field: string];

const RANGE = 'EMSG_RANGE';
const ENUM = 'EMSG_ENUM';
const TEXT = 'EMSG_TEXT';
const LENGTH = 'EMSG_LENGTH';

const BOARD: readonly Row[] = [
  ['a speed of two terabits', '01 01 01 001e8480 02', RANGE, 'speedMbps'],
  ['a duplex of no kind', '01 01 01 000003e8 09', ENUM, 'duplex'],
  ['an LTE strength of no kind', '02 0f ffa6 09', ENUM, 'strength'],
  ['a reading without LTE that is not zero', '02 00 ffa6 00', RANGE, 'dBm'],
  ['readings cut off at an index', '03 01 01', LENGTH, 'readings.index'],
  ['a supply of 70 volts', '03 01 03 00 00011170', RANGE, 'readings.value'],
  ['a supply of minus 70 volts', '03 01 03 00 fffeee90', RANGE, 'readings.value'],
  ['a button of no kind', '04 09 00000001', ENUM, 'button'],
  ['a refused press held for a month', '05 01 9a7ec800', RANGE, 'heldMs'],
  ['an answer cut off in its id', '10 0000', LENGTH, 'id'],
  ['an answer of no kind', '10 00000001 09', ENUM, 'result'],
  ['a reply cut off in its id', '11 0000', LENGTH, 'id'],
  ['a reply that ends before its kind', '11 00000001', LENGTH, 'reply'],
  ['a clock without its time', '11 00000001 01 0000', LENGTH, 'unixSeconds'],
  ['a firmware version of letters', '11 00000001 02 01 61', TEXT, 'version'],
  ['a firmware without its checksum', '11 00000001 02 01 31', LENGTH, 'imageCrc'],
  ['a trial neither true nor false', '11 00000001 02 01 31 00000000 02', RANGE, 'trial'],
  ['a spare slot of no kind', '11 00000001 02 01 31 00000000 00 09', ENUM, 'spare'],
  ['no minimum version', '11 00000001 02 01 31 00000000 00 00', LENGTH, 'minimumVersion'],
  ['a proof of four bytes', '11 00000001 04 04 00000000', RANGE, 'proof'],
  ['an update without its offset', '11 00000001 03 00', LENGTH, 'offset'],
];

const HOST: readonly Row[] = [
  ['a command cut off in its id', '20 0000', LENGTH, 'id'],
  ['a lamp in no mode', '20 00000001 01 09', ENUM, 'mode'],
  ['a lock neither open nor closed', '23 00000001 02', RANGE, 'locked'],
  ['a clock set to nothing', '28 00000001', LENGTH, 'unixSeconds'],
  ['a digest of one byte', '2a 00000001 01 00', RANGE, 'digest'],
  ['an update without its checksum', '30 00000001 01 01 31 00000001', LENGTH, 'imageCrc'],
  ['a part of an image at no place', '31 00000001', LENGTH, 'offset'],
  ['a version that begins with a letter', '30 00000001 01 04 76312e32', TEXT, 'version'],
  ['a version that ends with a letter', '30 00000001 01 04 312e3272', TEXT, 'version'],
  ['a command with a byte too many', '21 00000001 00', LENGTH, 'payload'],
];

const HELLO: readonly Row[] = [
  ['a revision with an escape in front', '01 02 1b41', TEXT, 'hardwareRevision'],
  ['a revision with an escape at its end', '01 02 411b', TEXT, 'hardwareRevision'],
  ['a serial number with a dot in front', '01 01 41 02 2e31', TEXT, 'serialNumber'],
  ['a serial number with a dot at its end', '01 01 41 02 312e', TEXT, 'serialNumber'],
  ['17 ports', '01 01 41 01 31 01 31 11', RANGE, 'ports'],
  ['port 0', '01 01 41 01 31 01 31 01 00 01 01', RANGE, 'ports.port'],
  ['port 17', '01 01 41 01 31 01 31 01 11 01 01', RANGE, 'ports.port'],
  ['a port of no role', '01 01 41 01 31 01 31 01 01 09 01', ENUM, 'ports.role'],
  ['a port of no material', '01 01 41 01 31 01 31 01 01 01 02', RANGE, 'ports.copper'],
];

const OFFER: readonly Row[] = [
  ['version 0', '00 02 00000000', RANGE, 'versionLow'],
  ['a range upside down', '02 01 00000000', RANGE, 'versionHigh'],
  ['no capabilities where they stand', '01 02', LENGTH, 'capabilities'],
  ['a byte too many', '01 02 00000000 00', LENGTH, 'payload'],
];

const IMAGE: readonly Row[] = [
  ['nothing', '', LENGTH, 'magic'],
  ['another magic', '53414745 01 01 01 31', RANGE, 'magic'],
  ['a later header', '53414746 02 01 01 31', RANGE, 'headerVersion'],
  ['a model nobody knows', '53414746 01 09 01 31', ENUM, 'model'],
  ['a version of letters', '53414746 01 01 01 61', TEXT, 'version'],
  ['a version that is cut off', '53414746 01 01 04 31', LENGTH, 'version'],
];

describe.each([
  ['a message of the board', decodeBoardMessage, BOARD],
  ['a message of the host', decodeHostMessage, HOST],
  ['a hello', helloOf, HELLO],
  ['an offer', decodeOffer, OFFER],
  ['a firmware image', parseFirmwareImage, IMAGE],
] as const)('%s', (_, decode, rows) => {
  it.each(rows)('with %s is refused by that field', (_what, hex, code, field) => {
    expect(decode(bytes(hex))).toEqual({ ok: false, refusal: { code, field } });
  });
});

describe('nothing at all', () => {
  it('is no message of either end', () => {
    const refusal = { code: LENGTH, field: 'type' };
    expect(decodeBoardMessage(NO_PAYLOAD)).toEqual({ ok: false, refusal });
    expect(decodeHostMessage(NO_PAYLOAD)).toEqual({ ok: false, refusal });
  });
});
