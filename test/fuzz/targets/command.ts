/**
 * A command from the gateway; the topic names it `c-1`.
 *
 * Property: a command of a known verb that reads the same once written again, or a refusal.
 */
import { readCommand } from '../../../agent/contract/command-schema.ts';
import { reshapedJson } from '../reshaping.ts';
import { type FuzzTarget, holdEqual, holdRefusal } from '../target.ts';
import { JSON_WORDS } from './json-words.ts';

const TOPIC_ID = 'c-1';

export const command: FuzzTarget = {
  bytesMax: 4_096,
  dictionary: [...JSON_WORDS, '"c-1"', '"verb"', '"reboot"', '"sh -c id"', '"../"'],
  reshape: reshapedJson,
  check: (bytes) => {
    const read = readCommand(bytes, TOPIC_ID);
    if (!read.ok) return holdRefusal(read.refusal);
    const again = readCommand(new TextEncoder().encode(JSON.stringify(read.value)), TOPIC_ID);
    holdEqual(again, read, 'a command did not survive');
    return 'accepted';
  },
};
