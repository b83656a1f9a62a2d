/**
 * The parts payload schemas are made of. Every `description` completes the sentence "must be …": refusals and the
 * published contract are built from it.
 */
import { Type } from '@sinclair/typebox';

/** Longest text that nothing else bounds. */
const TEXT_MAX = 128;

/** Of what only the gateway may send: a typing error must not pass for a wish. */
export const strict = { additionalProperties: false } as const;

/** One level of a topic, a device name, a file name: nothing in it may mean anything to any of them. */
export const WORD = '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$';

export const version = Type.Literal(1, { description: '1, the version of this format' });

export const word = (what: string) =>
  Type.String({
    pattern: WORD,
    description: `${what}: letters, digits, '.', '_' and '-', at most 63`,
  });

export const text = (what: string, maxLength = TEXT_MAX) =>
  Type.String({ maxLength, description: what });

export const whole = (least: number, most: number, what: string) =>
  Type.Integer({
    minimum: least,
    maximum: most,
    description: `${what}: a whole number from ${least} to ${most}`,
  });

/** One of a few words; the list is written once, where the type is. */
export const oneOf = <const Word extends string>(words: readonly Word[], what: string) =>
  Type.Union(
    words.map((each) => Type.Literal(each)),
    { description: what },
  );

export const wallMs = whole(
  0,
  Number.MAX_SAFE_INTEGER,
  'a time in milliseconds since 1970, by the clock of the sender',
);
export const monotonicMs = Type.Number({
  description: 'milliseconds on a clock of the device that only moves forward',
});
