/** What stands in tables: LTE buckets, presses, versions, images, and who agrees on what. */
import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pressMeaning } from '../../../../firmware-shim/wire/button-press.ts';
import {
  capabilitiesOf,
  capabilityMask,
  decodeOffer,
  encodeOffer,
  HOST_OFFER,
  supports,
} from '../../../../firmware-shim/wire/capability.ts';
import {
  buildFirmwareImage,
  parseFirmwareImage,
} from '../../../../firmware-shim/wire/firmware-image.ts';
import { compareFirmwareVersions } from '../../../../firmware-shim/wire/firmware-version.ts';
import { IMAGE_BYTES_MAX } from '../../../../firmware-shim/wire/limits.ts';
import { lteStrength } from '../../../../firmware-shim/wire/lte-strength.ts';

describe('an LTE reading', () => {
  it.each([
    [0, 'High'],
    [-85, 'High'],
    [-86, 'Middle'],
    [-100, 'Middle'],
    [-101, 'Low'],
    [-150, 'Low'],
    [undefined, 'Unavailable'],
  ] as const)('of %s dBm is %s', (dBm, strength) => {
    expect(lteStrength(dBm)).toBe(strength);
  });
});

describe('a press of RESET', () => {
  it.each([
    ['sag-1000', 29, 'nothing'],
    ['sag-1000', 30, 'passwordReset'],
    ['sag-1000', 300, 'passwordReset'],
    ['sag-1000', 3_500, 'nothing'],
    ['sag-1000', 5_000, 'factoryReset'],
    ['sag-100wm', 999, 'passwordReset'],
    ['sag-100wm', 1_000, 'nothing'],
    ['sag-100wm', 2_999, 'nothing'],
    ['sag-100wm', 3_000, 'factoryReset'],
  ] as const)('of a %s for %i ms asks for %s', (model, heldMs, meaning) => {
    expect(pressMeaning(model, heldMs)).toBe(meaning);
  });
});

describe('firmware versions', () => {
  it('are ordered by their numbers and not by their characters', () => {
    expect(compareFirmwareVersions('2.10.0', '2.9.9')).toBe(1);
    expect(compareFirmwareVersions('2.7', '2.7.0')).toBe(0);
    expect(compareFirmwareVersions('2.7', '2.7.1')).toBe(-1);
    expect(compareFirmwareVersions('2.7.0.1', '2.7')).toBe(1);
    expect(compareFirmwareVersions('1.9', '2')).toBe(-1);
  });
});

describe('a firmware image', () => {
  it('says what it was built as', () => {
    const image = buildFirmwareImage({ model: 'sag-100wm', version: '2.1.0' }, Uint8Array.of(1, 2));
    expect(parseFirmwareImage(image.bytes)).toEqual({ ok: true, message: image });
  });

  it('is its header, its program, and the checksum of both', () => {
    const image = buildFirmwareImage({ model: 'sag-100wm', version: '2.1.0' }, Uint8Array.of(7, 9));
    expect(Buffer.from(image.bytes).toString('hex')).toBe('5341474601' + '0205322e312e30' + '0709');
    expect(image.imageCrc).toBe(zlib.crc32(image.bytes));
  });

  it('fills a slot to its last byte, and is refused with one more', () => {
    const largest = new Uint8Array(IMAGE_BYTES_MAX);
    largest.set(Buffer.from('53414746010205322e312e30', 'hex'));
    expect(parseFirmwareImage(largest)).toMatchObject({ ok: true });
    const larger = new Uint8Array(IMAGE_BYTES_MAX + 1);
    larger.set(largest);
    const refusal = { code: 'EMSG_RANGE', field: 'sizeBytes' };
    expect(parseFirmwareImage(larger)).toEqual({ ok: false, refusal });
  });

  it('is refused, never thrown at, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const parsed = parseFirmwareImage(bytes);
        expect(parsed.ok || parsed.refusal.code.startsWith('EMSG_')).toBe(true);
      }),
    );
  });
});

describe('an offer', () => {
  it('comes out as it went in, and an empty one is version 1', () => {
    expect(decodeOffer(encodeOffer(HOST_OFFER))).toEqual({ ok: true, message: HOST_OFFER });
    expect(decodeOffer(new Uint8Array(0))).toMatchObject({
      ok: true,
      message: { versionHigh: 1, capabilities: [] },
    });
  });

  it('of a later host loses the bits nobody here knows', () => {
    expect(capabilitiesOf(0xffff_ffff)).toEqual(HOST_OFFER.capabilities);
    expect(capabilitiesOf(capabilityMask(['clock', 'findMe']))).toEqual(['findMe', 'clock']);
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (payload) => {
        expect(typeof decodeOffer(payload).ok).toBe('boolean');
      }),
    );
  });

  it.each(['ledSet', 'boardReset'] as const)('need not name anything for %s', (command) => {
    expect(supports(undefined, command)).toBe(true);
    expect(supports([], command)).toBe(true);
  });

  it.each([
    ['findMe', 'findMe'],
    ['resetLockSet', 'resetLock'],
    ['watchdogArm', 'watchdog'],
    ['watchdogKick', 'watchdog'],
    ['watchdogDisarm', 'watchdog'],
    ['clockGet', 'clock'],
    ['clockSet', 'clock'],
    ['firmwareQuery', 'firmwareQuery'],
    ['proveIdentity', 'identityProof'],
    ['updateBegin', 'firmwareUpdate'],
    ['updateChunk', 'firmwareUpdate'],
    ['updateVerify', 'firmwareUpdate'],
    ['updateActivate', 'firmwareUpdate'],
    ['updateConfirm', 'firmwareUpdate'],
    ['updateAbort', 'firmwareUpdate'],
  ] as const)('that is answered has %s only with %s', (command, needed) => {
    const others = HOST_OFFER.capabilities.filter((each) => each !== needed);
    expect(supports([needed], command)).toBe(true);
    expect(supports(others, command)).toBe(false);
    expect(supports(undefined, command)).toBe(false);
  });
});
