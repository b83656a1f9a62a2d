/** What stands in tables: LTE buckets, lamps, presses, versions, images, and who agrees on what. */
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
import {
  LAMPS,
  lampMeaning,
  lampMode,
  ledEdition,
} from '../../../../firmware-shim/wire/led-meaning.ts';
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

describe('a lamp', () => {
  it('that is steady means opposite things in 2018 and in 2021', () => {
    expect(lampMeaning('sag-1000', 'A1', 'SYS', 'on')).toBe('connected');
    expect(lampMeaning('sag-1000', 'A3', 'SYS', 'on')).toBe('fault');
    expect(lampMeaning('sag-100wm', 'A7', 'WIFI', 'on')).toBe('connected');
    expect(lampMeaning('sag-100wm', 'B1', 'WIFI', 'on')).toBe('fault');
  });

  it('blinks for healthy in 2021, and CLOUD says the same in both', () => {
    expect(lampMode('sag-1000', 'A3', 'SYS', 'healthy')).toBe('blink');
    expect(lampMode('sag-1000', 'A1', 'SYS', 'healthy')).toBeUndefined();
    for (const revision of ['A1', 'A3']) {
      expect(lampMeaning('sag-1000', revision, 'CLOUD', 'blink')).toBe('restoring');
    }
  });

  it('is only where the front has it', () => {
    expect(lampMeaning('sag-1000', 'A3', 'WIFI', 'on')).toBeUndefined();
    expect(lampMeaning('sag-100wm', 'B1', 'ALARM', 'on')).toBeUndefined();
  });

  it('of an unknown revision is read as in 2021', () => {
    expect(ledEdition('sag-1000', 'Z9')).toBe('2021');
  });

  it('has a meaning in every mode, in every edition', () => {
    for (const models of Object.values(LAMPS)) {
      for (const lamps of Object.values(models)) {
        for (const modes of Object.values(lamps)) expect(Object.keys(modes)).toHaveLength(3);
      }
    }
  });
});

describe('a press of RESET', () => {
  it.each([
    ['sag-1000', 10, 'nothing'],
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
    expect(compareFirmwareVersions('1.9', '2')).toBe(-1);
  });
});

describe('a firmware image', () => {
  it('says what it was built as', () => {
    const image = buildFirmwareImage({ model: 'sag-100wm', version: '2.1.0' }, Uint8Array.of(1, 2));
    expect(parseFirmwareImage(image.bytes)).toEqual({ ok: true, message: image });
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

  it('decides which commands there are', () => {
    expect(supports(undefined, 'ledSet')).toBe(true);
    expect(supports(undefined, 'findMe')).toBe(false);
    expect(supports(['watchdog'], 'watchdogKick')).toBe(true);
    expect(supports(['watchdog'], 'updateBegin')).toBe(false);
  });
});
