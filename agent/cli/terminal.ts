/**
 * What every command of `sagctl` shares: the terminal, the exit codes, one question to the agent, JSON that a terminal
 * may see.
 */
import type { ControlAnswer, ControlRefusal } from '../diag/control-answer.ts';
import type { ControlRequest } from '../diag/control-protocol.ts';
import { type Block, cell, line, renderBlocks, type Tone } from '../diag/text-table.ts';
import type { NoteLevel } from '../model/note.ts';
import type { TimedNote } from '../model/snapshot.ts';
import { renderNote } from '../report/render-note.ts';
import { printable } from '../report/render-printable.ts';
import type { Invocation } from './arguments.ts';
import { AgentUnreachable, converse } from './control-client.ts';

export const EXIT = { well: 0, attention: 1, usage: 2, unreachable: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Terminal {
  readonly out: (text: string | Uint8Array) => void;
  readonly err: (text: string) => void;
  readonly colour: boolean;
  /** Aborted when the person has seen enough. */
  readonly stop: AbortSignal;
}

/** One command; answers with its exit code. */
export type Runner = (invocation: Invocation, terminal: Terminal) => Promise<number>;

export async function ask(
  socket: string,
  request: ControlRequest,
  stop: AbortSignal,
): Promise<ControlAnswer> {
  const conversation = converse(socket, request);
  stop.addEventListener('abort', () => conversation.close(), { once: true });
  try {
    return await conversation.first;
  } finally {
    conversation.close();
  }
}

/** What comes over the socket has the shape of whoever answers there: another version, or no agent at all. */
export function understood<Shown>(show: () => Shown): Shown {
  try {
    return show();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new AgentUnreachable('what answers there is no agent of the version of this sagctl');
  }
}

/** One note as a line, or as JSON for scripts. */
export function showNote(timed: TimedNote, json: boolean, terminal: Terminal): void {
  const text = understood(() => renderBlocks([noteLine(timed)], terminal.colour));
  terminal.out(json ? printableJson(timed) : text);
}

const LEVEL_TONES: Readonly<Record<NoteLevel, Tone>> = {
  debug: 'dim',
  info: 'dim',
  notice: 'plain',
  warning: 'warning',
  error: 'bad',
};

function noteLine({ wallMs, note }: TimedNote): Block {
  const date = new Date(wallMs);
  const time = Number.isNaN(date.getTime()) ? 'time unknown' : date.toISOString();
  return line(
    cell(time, 'dim'),
    '  ',
    cell(note.level.padEnd(7), LEVEL_TONES[note.level]),
    '  ',
    renderNote(note),
  );
}

export function refused(answer: ControlAnswer, terminal: Terminal): ExitCode {
  const { code, sentence }: Pick<ControlRefusal, 'code' | 'sentence'> = answer.ok
    ? { code: 'ECONTROL_REQUEST', sentence: 'an answer to another question' }
    : answer;
  terminal.err(`sagctl: ${printable(code)}: ${printable(sentence)}\n`);
  return EXIT.attention;
}

/** JSON on one line. `JSON.stringify` leaves C1 controls and DEL as they are; a terminal would obey them. */
export function printableJson(value: unknown): string {
  const escaped = JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
  return `${escaped}\n`;
}
