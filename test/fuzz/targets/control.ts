/**
 * A line on the control socket.
 *
 * Property: a request that reads the same once written again, or a refusal with a code, one bounded sentence and the
 * number of the request where it had one.
 */
import { parseControlRequest } from '../../../agent/diag/control-protocol.ts';
import { reshapedJson } from '../reshaping.ts';
import { type FuzzTarget, hold, holdEqual } from '../target.ts';
import { JSON_WORDS } from './json-words.ts';

const SENTENCE_MAX = 300;

export const control: FuzzTarget = {
  bytesMax: 4_200,
  dictionary: [...JSON_WORDS, '"op":"switch"', '"tunnel":"../x"', '"part":"AA=="', '"seconds":1e9'],
  reshape: reshapedJson,
  check: (bytes) => {
    const read = parseControlRequest(new TextDecoder().decode(bytes));
    if ('op' in read) {
      holdEqual(parseControlRequest(JSON.stringify(read)), read, 'a request did not survive');
      return read.op;
    }
    const { id, code, sentence } = read;
    hold(id === null || Number.isSafeInteger(id), 'a refusal is of no request');
    hold(/^ECONTROL_[A-Z]+$/.test(code), `a refusal has the code ${code}`);
    hold(
      sentence !== '' && sentence.length <= SENTENCE_MAX,
      `a refusal of ${code} says too little or too much`,
    );
    return code;
  },
};
