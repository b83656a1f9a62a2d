/**
 * What `sagctl` does to the box: another active tunnel, other session keys, lamps that blink, a log level for a while.
 */
import type { Done } from '../diag/control-answer.ts';
import { BLINK_S_MAX, type ControlRequest } from '../diag/control-protocol.ts';
import { cell, line, renderBlocks } from '../diag/text-table.ts';
import { LOG_LEVEL_S_MAX } from '../model/log-level.ts';
import { type Invocation, WrongUsage, wholeOption } from './arguments.ts';
import { LEVEL_WORDS } from './command-table.ts';
import { ask, EXIT, printableJson, refused, type Terminal } from './terminal.ts';

const BLINK_S = 30;
const LOG_LEVEL_FOR = '15m';
const UNIT_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

export async function runAct(invocation: Invocation, terminal: Terminal): Promise<number> {
  const { socket, json } = invocation;
  const answer = await ask(socket, requestOf(invocation), terminal.stop);
  const done: Done | undefined =
    'switched' in answer ? answer.switched : 'done' in answer ? answer.done : undefined;
  if (done === undefined) return refused(answer, terminal);
  const { ok, because } = done;
  const words = line(cell(ok ? 'done' : 'refused', ok ? 'good' : 'bad'), `: ${because}`);
  terminal.out(json ? printableJson(done) : renderBlocks([words], terminal.colour));
  return ok ? EXIT.well : EXIT.attention;
}

function requestOf(invocation: Invocation): ControlRequest {
  const [word = ''] = invocation.words;
  switch (invocation.command) {
    case 'blink': {
      const seconds = wholeOption(invocation, 'seconds', [0, BLINK_S_MAX, BLINK_S]);
      return { id: 1, op: 'blink', seconds };
    }
    case 'log-level': {
      const level = LEVEL_WORDS.find((each) => each === word);
      if (level === undefined) throw new WrongUsage('name the level');
      const seconds = secondsOf(invocation.options.get('for') ?? LOG_LEVEL_FOR);
      return { id: 1, op: 'logLevel', level, seconds };
    }
    case 'rekey':
      return { id: 1, op: 'rekey', tunnel: word };
    default:
      return { id: 1, op: 'switch', tunnel: word };
  }
}

function secondsOf(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNIT_S[unit] ?? 0);
  if (seconds >= 1 && seconds <= LOG_LEVEL_S_MAX) return seconds;
  throw new WrongUsage("--for takes a time such as '90s', '15m' or '2h', at most 12h");
}
