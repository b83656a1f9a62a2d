import { expect, test } from 'vitest';
import { failureOf } from '../../../../firmware-shim/line/update-failure.ts';

test.each([
  ['wrongModel', 'EFW_MODEL', 'the image is for another model'],
  ['wrongChecksum', 'EFW_CHECKSUM', 'the image is damaged: its checksum is wrong'],
  ['tooLarge', 'EFW_TOO_LARGE', 'the image is larger than a slot of the board'],
  ['tooOld', 'EFW_TOO_OLD', 'the image is older than the oldest the board takes'],
] as const)('an update ends at %s, with a code and a sentence', (status, code, text) => {
  expect(failureOf(status)).toEqual({ code, text });
  expect(failureOf('ready')).toBeUndefined();
});
