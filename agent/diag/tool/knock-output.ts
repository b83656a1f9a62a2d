/**
 * What traceroute(8) says of one SYN: the flags of the answer and its time.
 */
export interface Knock {
  readonly ok: boolean;
  /** As it is told to whoever asked. */
  readonly summary: string;
}

export function readKnock(output: string): Knock {
  const answer = /<([a-z,]{1,32})>\s{1,4}([\d.]{1,12}) ms/.exec(output);
  if (answer === null) {
    const isForbidden = /privilege|not permitted/i.test(output);
    return { ok: false, summary: isForbidden ? 'this agent may not send it' : 'no answer' };
  }
  const [, flags = '', afterMs = ''] = answer;
  if (flags.split(',').includes('syn'))
    return { ok: true, summary: `open, after ${Number(afterMs).toFixed(0)} ms` };
  return { ok: false, summary: 'ECONNREFUSED' };
}
