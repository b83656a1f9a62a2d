/**
 * The shape of a command on the wire. An unknown verb is told apart from a malformed command: the one says that this
 * device is too old, the other that the sender is wrong.
 */
import { Type } from '@sinclair/typebox';
import type { Command } from '../access/payloads.ts';
import { type Read, readJson, refused } from './payload-json.ts';
import { strict, version, WORD, word } from './payload-parts.ts';
import { readShape } from './payload-shape.ts';

const VERBS: readonly string[] = ['switchActiveTunnel'] satisfies readonly Command['verb'][];

export const CommandSchema = Type.Object(
  {
    v: version,
    id: word('a command id'),
    verb: Type.Literal('switchActiveTunnel', { description: 'a verb' }),
    tunnel: word('a tunnel id'),
    expiresAtMs: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'a time in milliseconds since 1970',
    }),
  },
  strict,
);

const ID_FORM = new RegExp(WORD);

/** Whether a word of a topic can be the id of a command: it becomes part of a topic of ours and a key of the store. */
export function isCommandId(text: string): boolean {
  return ID_FORM.test(text);
}

/** `topicId` is the id in the topic, which the payload must repeat. */
export function readCommand(bytes: Uint8Array, topicId: string): Read<Command> {
  const json = readJson(bytes);
  if (!json.ok) return json;
  const verb: unknown = Object(json.value).verb;
  if (typeof verb === 'string' && !VERBS.includes(verb)) {
    return refused('EUNKNOWN', '/verb', 'this device knows no such verb');
  }
  const read: Read<Command> = readShape(CommandSchema, json.value);
  if (read.ok && read.value.id !== topicId) {
    return refused('EPAYLOAD_SHAPE', '/id', 'must be the id of the topic');
  }
  return read;
}
