/**
 * The shape of a command on the wire. An unknown verb is told apart from a malformed command: the one says that this
 * device is too old, the other that the sender is wrong.
 */
import { type TSchema, Type } from '@sinclair/typebox';
import type { Command } from '../access/payloads.ts';
import { BLINK_S_MAX } from '../diag/control-protocol.ts';
import { LOG_LEVEL_S_MAX } from '../model/log-level.ts';
import { NOTE_LEVELS } from '../model/note.ts';
import { type Read, readJson, refused } from './payload-json.ts';
import { oneOf, strict, version, WORD, whole, word } from './payload-parts.ts';
import { readShape } from './payload-shape.ts';

const shared = {
  v: version,
  id: word('a command id'),
  expiresAtMs: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'a time in milliseconds since 1970',
  }),
  nonce: Type.Optional(word('a nonce')),
  signature: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9+/]{86}==$',
      description: 'an Ed25519 signature: 64 bytes in base64',
    }),
  ),
};
const verb = <const Verb extends Command['verb']>(name: Verb) =>
  Type.Literal(name, { description: 'a verb' });

const SCHEMAS = {
  switchActiveTunnel: Type.Object(
    { ...shared, verb: verb('switchActiveTunnel'), tunnel: word('a tunnel id') },
    strict,
  ),
  switchAccessPoint: Type.Object(
    { ...shared, verb: verb('switchAccessPoint'), accessPoint: word('an access gateway') },
    strict,
  ),
  probeAccessPoints: Type.Object({ ...shared, verb: verb('probeAccessPoints') }, strict),
  startDiagnosis: Type.Object({ ...shared, verb: verb('startDiagnosis') }, strict),
  rekeyTunnel: Type.Object(
    { ...shared, verb: verb('rekeyTunnel'), tunnel: word('a tunnel id') },
    strict,
  ),
  unlock: Type.Object({ ...shared, verb: verb('unlock') }, strict),
  reboot: Type.Object({ ...shared, verb: verb('reboot') }, strict),
  blink: Type.Object(
    { ...shared, verb: verb('blink'), durationS: whole(0, BLINK_S_MAX, 'seconds') },
    strict,
  ),
  setLogLevel: Type.Object(
    {
      ...shared,
      verb: verb('setLogLevel'),
      level: oneOf(NOTE_LEVELS, 'a log level'),
      durationS: whole(1, LOG_LEVEL_S_MAX, 'seconds'),
    },
    strict,
  ),
} satisfies Readonly<Record<Command['verb'], TSchema>>;

export const CommandSchema = Type.Union(Object.values(SCHEMAS), {
  description: 'One command, by its verb.',
});

const ID_FORM = new RegExp(WORD);

/** Whether a word of a topic can be the id of a command: it becomes part of a topic of ours and a key of the store. */
export function isCommandId(text: string): boolean {
  return ID_FORM.test(text);
}

function isVerb(name: string): name is Command['verb'] {
  return Object.hasOwn(SCHEMAS, name);
}

/** `topicId` is the id in the topic, which the payload must repeat. */
export function readCommand(bytes: Uint8Array, topicId: string): Read<Command> {
  const json = readJson(bytes);
  if (!json.ok) return json;
  const name: unknown = Object(json.value).verb;
  const isKnown = typeof name === 'string' && isVerb(name);
  if (typeof name === 'string' && !isKnown) {
    return refused('EUNKNOWN', '/verb', 'this device knows no such verb');
  }
  // Without a verb it is wrong by any schema, and each says so.
  const schema = SCHEMAS[isKnown ? name : 'switchActiveTunnel'];
  const read: Read<Command> = readShape(schema, json.value);
  if (read.ok && read.value.id !== topicId) {
    return refused('EPAYLOAD_SHAPE', '/id', 'must be the id of the topic');
  }
  return read;
}
