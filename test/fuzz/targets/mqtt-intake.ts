/**
 * What comes over MQTT: two bytes of topic length, a byte whose lowest bit says retained, topic, payload.
 *
 * Property: a typed message that reads the same once written again, or a refusal that is safe to repeat:
 * bounded, with a code, and with a command id only where it is one.
 */
import type { AccessIntake } from '../../../agent/access/intake.ts';
import { PAYLOAD_BYTES_MAX } from '../../../agent/access/payloads.ts';
import { readAccessEvent } from '../../../agent/contract/access-intake.ts';
import { joined } from '../mutation.ts';
import { reshapedJson } from '../reshaping.ts';
import { type FuzzTarget, hold, holdEqual, holdRefusal } from '../target.ts';
import { JSON_WORDS } from './json-words.ts';

const HEAD_BYTES = 3;
const TOPIC_SHOWN_MAX = 200;
/** Becomes part of a topic we publish on and a key of the store. */
const COMMAND_ID = /^[A-Za-z0-9._-]{1,63}$/;

export const mqttIntake: FuzzTarget = {
  bytesMax: PAYLOAD_BYTES_MAX + 1_024,
  dictionary: [...JSON_WORDS, '/', 'sag/v1/acme/SN1/', 'cmd/', 'state/desired', 'life', '+', '#'],
  reshape: (input, random) => {
    const payloadAt = HEAD_BYTES + topicBytesOf(input);
    return joined(input.subarray(0, payloadAt), reshapedJson(input.subarray(payloadAt), random));
  },
  check: (input) => {
    const topicBytes = topicBytesOf(input);
    const retained = ((input[2] ?? 0) & 1) === 1;
    const topic = new TextDecoder().decode(input.subarray(HEAD_BYTES, HEAD_BYTES + topicBytes));
    const payload = input.subarray(HEAD_BYTES + topicBytes);
    const intake = readAccessEvent({ type: 'messageArrived', topic, payload, retained });
    if (intake.type !== 'messageRefused') return accepted(topic, retained, intake);
    hold(intake.topic.length <= TOPIC_SHOWN_MAX, 'a refusal repeats too much of the topic');
    hold(topic.startsWith(intake.topic), 'a refusal names another topic');
    const { commandId, revision } = intake;
    hold(commandId === undefined || COMMAND_ID.test(commandId), 'a command id is none');
    hold(revision === undefined || Number.isSafeInteger(revision), 'a revision is no number');
    return `${intake.about}: ${holdRefusal(intake.refusal)}`;
  },
};

function topicBytesOf(input: Uint8Array): number {
  if (input.length < HEAD_BYTES) return 0;
  return new DataView(input.buffer, input.byteOffset, input.length).getUint16(0);
}

function accepted(topic: string, retained: boolean, intake: AccessIntake): string {
  const value = valueOf(intake);
  if (value !== undefined) {
    const payload = new TextEncoder().encode(JSON.stringify(value));
    const again = readAccessEvent({ type: 'messageArrived', topic, payload, retained });
    // A life sign may carry more than is written here again.
    if (intake.type !== 'lifeReceived') holdEqual(again, intake, 'a message did not survive');
    else holdEqual(again.type, intake.type, 'a life sign did not survive');
  }
  return intake.type;
}

function valueOf(intake: AccessIntake): unknown {
  if (intake.type === 'desiredReceived') return intake.document;
  if (intake.type === 'commandReceived') return intake.command;
  return intake.type === 'lifeReceived' ? intake.life : undefined;
}
