/**
 * The door between the channel's bytes and the cores' typed values: reads what arrived by the topic it arrived on.
 */
import type { AccessIntake } from '../access/intake.ts';
import type { AccessEvent, CommandVerifier } from '../ports.ts';
import { proofOf } from './command-proof.ts';
import { isCommandId, readCommand } from './command-schema.ts';
import { readConfirm } from './confirm-schema.ts';
import { readDesired } from './desired-schema.ts';
import { hashed } from './document-hash.ts';
import { readIdentityAnswer } from './identity-schema.ts';
import { readLifeSign } from './life-schema.ts';
import { type Read, refused } from './payload-json.ts';

type Message = Extract<AccessEvent, { readonly type: 'messageArrived' }>;
type Refused = Extract<AccessIntake, { readonly type: 'messageRefused' }>;

/** Levels before the part that says what a message is: `sag/v1/<tenant>/<serial number>`. */
const PREFIX_LEVELS = 4;
/** What a note repeats of a foreign topic is cut to this. */
const TOPIC_MAX = 200;
const DESIRED = 'state/desired';

/** Without `verify` no issuer of commands is known. */
export function readAccessEvent(event: AccessEvent, verify?: CommandVerifier): AccessIntake {
  return event.type === 'messageArrived' ? readMessage(event, verify) : event;
}

/** In safe mode no document is read: reading one may be what crashes. */
export function readSafely(event: AccessEvent, verify?: CommandVerifier): AccessIntake {
  if (event.type !== 'messageArrived' || !event.topic.endsWith(DESIRED)) {
    return readAccessEvent(event, verify);
  }
  const sentence = 'in safe mode no document is taken; it is read when safe mode ends';
  return refuse(event, 'desired', refused('ESAFE_MODE', '', sentence));
}

function readMessage(message: Message, verify: CommandVerifier | undefined): AccessIntake {
  const { topic, payload, retained } = message;
  const levels = topic.split('/').slice(PREFIX_LEVELS);
  const [kind, name, ...rest] = levels;
  const path = levels.join('/');
  if (path === DESIRED) {
    const read = readDesired(payload);
    if (read.ok) return { type: 'desiredReceived', ...hashed(read.value) };
    const { revision } = read;
    return { ...refuse(message, 'desired', read), ...(revision === undefined ? {} : { revision }) };
  }
  if (path === 'state/confirm') {
    const read = readConfirm(payload);
    return read.ok
      ? { type: 'confirmReceived', nonce: read.value.nonce }
      : refuse(message, 'other', read);
  }
  if (path === 'life') {
    const read = readLifeSign(payload);
    return read.ok
      ? { type: 'lifeReceived', life: read.value, retained }
      : refuse(message, 'life', read);
  }
  if (path === 'identity/answer') {
    const read = readIdentityAnswer(payload);
    return read.ok
      ? { type: 'identityAnswered', answer: read.value, retained }
      : refuse(message, 'other', read);
  }
  if (path === 'ctl/rebirth') return { type: 'rebirthRequested' };
  if (kind === 'cmd' && name !== undefined && isCommandId(name) && rest.length === 0) {
    const read = readCommand(payload, name);
    if (!read.ok) return { ...refuse(message, 'command', read), commandId: name };
    const proof = proofOf(topic, read.value, verify);
    return { type: 'commandReceived', command: read.value, proof, retained };
  }
  return refuse(message, 'other', refused('ETOPIC', '', 'nobody here reads this topic'));
}

function refuse(
  { topic, retained }: Message,
  about: Refused['about'],
  read: Extract<Read<unknown>, { readonly ok: false }>,
): Refused {
  const { refusal } = read;
  return { type: 'messageRefused', topic: topic.slice(0, TOPIC_MAX), about, refusal, retained };
}
