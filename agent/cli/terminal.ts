/**
 * What every command of `sagctl` shares: the terminal, the exit codes, one question to the agent, JSON that a terminal
 * may see.
 */
import type { ControlAnswer, ControlRefusal } from '../diag/control-answer.ts';
import type { ControlRequest } from '../diag/control-protocol.ts';
import { printable } from '../report/render-printable.ts';
import type { Invocation } from './arguments.ts';
import { AgentUnreachable, converse } from './control-client.ts';

export const EXIT = { well: 0, attention: 1, usage: 2, unreachable: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Terminal {
  readonly out: (text: string | Uint8Array) => void;
  readonly err: (text: string) => void;
  readonly colour: boolean;
  /** One line that is shown nowhere; absent where nobody can give one. */
  readonly secret?: (what: string) => Promise<string>;
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
