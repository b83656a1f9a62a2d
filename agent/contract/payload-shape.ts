/**
 * A JSON value against its schema: the first thing wrong, as a refusal with its place.
 *
 * Keys no schema knows are refused: a typing error in a document must not pass for a wish.
 */
import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type Read, refused } from './payload-json.ts';

/** What a refusal repeats of a foreign text is cut to this. */
const SENTENCE_MAX = 200;

export function readShape<Schema extends TSchema>(
  schema: Schema,
  value: unknown,
): Read<Static<Schema>> {
  if (Value.Check(schema, value)) return { ok: true, value };
  const error = Value.Errors(schema, value).First();
  const expected: unknown = error?.schema['description'];
  const sentence =
    typeof expected === 'string'
      ? `must be ${expected}`
      : (error?.message ?? 'has the wrong shape');
  return refused('EPAYLOAD_SHAPE', error?.path ?? '', sentence.slice(0, SENTENCE_MAX));
}
