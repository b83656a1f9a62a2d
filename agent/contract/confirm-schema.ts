/** The shape of the nonce that a device reads back from the gateway, and of what its store keeps of a trial. */
import { type Static, Type } from '@sinclair/typebox';
import type { Confirm } from '../access/payloads.ts';
import type { TrialRecord } from '../model/desired.ts';
import { type Read, readJson } from './payload-json.ts';
import { strict, text, version, whole } from './payload-parts.ts';
import { readShape } from './payload-shape.ts';
import type { Assert, Same } from './same-type.ts';

const revision = whole(1, Number.MAX_SAFE_INTEGER, 'a revision');

export const ConfirmSchema = Type.Object(
  { v: version, revision, nonce: text('a nonce') },
  { description: 'Said by the device to itself, through the gateway.' },
);

const TrialSchema = Type.Object(
  {
    v: version,
    state: Type.Union([Type.Literal('trial'), Type.Literal('undone')]),
    revision,
    hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    interruptions: Type.Integer({ minimum: 0 }),
    code: Type.Optional(Type.String()),
    pointer: Type.Optional(Type.String()),
  },
  strict,
);

export function readConfirm(bytes: Uint8Array): Read<Confirm> {
  const json = readJson(bytes);
  return json.ok ? readShape(ConfirmSchema, json.value) : json;
}

export function readTrialValue(value: unknown): Read<TrialRecord> {
  return readShape(TrialSchema, value);
}

export type ConfirmSchemasAreTheModel = [
  Assert<Same<Static<typeof ConfirmSchema>, Confirm>>,
  Assert<Same<Static<typeof TrialSchema>, TrialRecord>>,
];
