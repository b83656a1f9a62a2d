/**
 * The shapes of what device and gateway say to each other about the device's certificate.
 */
import { type Static, Type } from '@sinclair/typebox';
import {
  IDENTITY_REFUSALS,
  type IdentityAnswer,
  type IdentityAsk,
  PEM_CHARACTERS_MAX,
} from '../access/identity-payloads.ts';
import { type Read, readJson } from './payload-json.ts';
import { oneOf, strict, text, version } from './payload-parts.ts';
import { readShape } from './payload-shape.ts';
import type { Assert, Same } from './same-type.ts';

/** Of a refusal, for people. */
const SENTENCE_MAX = 256;

const pem = (what: string) =>
  Type.String({
    minLength: 1,
    maxLength: PEM_CHARACTERS_MAX,
    description: `${what} in PEM, at most ${PEM_CHARACTERS_MAX} characters`,
  });
/** 32 bytes, as every nonce and every HMAC-SHA-256 has them. */
const digest = (what: string) =>
  Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$', description: `${what}: 32 bytes in base64` });
const request = pem('a PKCS #10 certificate request');

export const EnrolSchema = Type.Object(
  { v: version, kind: Type.Literal('enrol'), request },
  { description: 'A device without a certificate asks for one.' },
);
export const ProveSchema = Type.Object(
  { v: version, kind: Type.Literal('prove'), proof: digest("the factory key's word") },
  { description: 'The factory key vouches for nonce and request.' },
);
export const RenewSchema = Type.Object(
  { v: version, kind: Type.Literal('renew'), request },
  { description: 'A device with a certificate asks for the next one.' },
);
export const ChallengeSchema = Type.Object(
  { v: version, kind: Type.Literal('challenge'), nonce: digest('a nonce') },
  { ...strict, description: 'What the factory key shall vouch for.' },
);
export const IssuedSchema = Type.Object(
  { v: version, kind: Type.Literal('issued'), certificate: pem('a certificate chain') },
  { ...strict, description: 'The certificate, leaf first.' },
);
export const RefusedSchema = Type.Object(
  {
    v: version,
    kind: Type.Literal('refused'),
    code: oneOf(IDENTITY_REFUSALS, 'why there is no certificate'),
    sentence: text('the same for people', SENTENCE_MAX),
  },
  { ...strict, description: 'No certificate, and why.' },
);

const AskSchema = Type.Union([EnrolSchema, ProveSchema, RenewSchema]);
const AnswerSchema = Type.Union([ChallengeSchema, IssuedSchema, RefusedSchema], {
  description: 'a challenge, an issued certificate or a refusal',
});

export function readIdentityAnswer(bytes: Uint8Array): Read<IdentityAnswer> {
  const json = readJson(bytes);
  return json.ok ? readShape(AnswerSchema, json.value) : json;
}

export type IdentitySchemasAreTheModel = [
  Assert<Same<Static<typeof AskSchema>, IdentityAsk>>,
  Assert<Same<Static<typeof AnswerSchema>, IdentityAnswer>>,
];
