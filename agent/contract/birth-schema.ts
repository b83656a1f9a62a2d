/**
 * The shape of what is read on the life topic: as much of a birth as others judge it by, or a death.
 *
 * Unlike documents and commands a birth may say more than we know: it may come from a newer version of ourselves.
 */
import { Type } from '@sinclair/typebox';
import type { LifeSign } from '../access/intake.ts';
import { type Read, readJson } from './payload-json.ts';
import { readShape } from './payload-shape.ts';

const shared = {
  v: Type.Literal(1, { description: '1, the version of this format' }),
  bdSeq: Type.Integer({ minimum: 0, maximum: 255, description: 'a bdSeq from 0 to 255' }),
  bootId: Type.String({ minLength: 1, maxLength: 128, description: 'a boot id' }),
};

const LifeSchema = Type.Union(
  [
    Type.Object({ ...shared, state: Type.Literal('online') }),
    Type.Object({
      ...shared,
      state: Type.Literal('offline'),
      why: Type.Union([Type.Literal('lost'), Type.Literal('bye')]),
    }),
  ],
  { description: 'a birth or a death' },
);

export function readLifeSign(bytes: Uint8Array): Read<LifeSign> {
  const json = readJson(bytes);
  return json.ok ? readShape(LifeSchema, json.value) : json;
}
