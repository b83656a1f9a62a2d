/**
 * Runs one `sagctl` command and answers with its exit code.
 *
 * What goes to a terminal is escaped by the blocks and sentences themselves; JSON escapes its controls too,
 * except some that `printableJson` takes care of.
 */
import type { ControlAnswer, ControlRefusal, ControlRequest } from '../diag/control-protocol.ts';
import { type Block, cell, line, renderBlocks, type Tone } from '../diag/text-table.ts';
import { viewOf } from '../diag/view-of.ts';
import type { NoteLevel } from '../model/note.ts';
import type { TimedNote } from '../model/snapshot.ts';
import { renderNote } from '../report/render-note.ts';
import { printable } from '../report/render-printable.ts';
import { readArguments, type SagctlCommand } from './arguments.ts';
import { AgentUnreachable, converse } from './control-client.ts';
import { helpText } from './help.ts';

export const EXIT = { well: 0, attention: 1, usage: 2, unreachable: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly colour: boolean;
  /** Aborted when the person has seen enough. */
  readonly stop: AbortSignal;
}

export async function runSagctl(argv: readonly string[], terminal: Terminal): Promise<number> {
  const request = readArguments(argv);
  switch (request.kind) {
    case 'help':
      terminal.out(helpText(request.of));
      return EXIT.well;
    case 'wrong':
      terminal.err(`sagctl: ${printable(request.sentence)}; see 'sagctl --help'\n`);
      return EXIT.usage;
    case 'run':
      try {
        return await run(request.run, request.json, request.socket, terminal);
      } catch (error) {
        if (!(error instanceof AgentUnreachable)) throw error;
        terminal.err(`sagctl: ${printable(error.message)}\n`);
        return EXIT.unreachable;
      }
  }
}

async function run(
  command: SagctlCommand,
  json: boolean,
  socket: string,
  terminal: Terminal,
): Promise<number> {
  switch (command.command) {
    case 'check':
      return check(command, json, socket, terminal);
    case 'notes':
      return showNotes(command, json, socket, terminal);
    case 'view': {
      const answer = await ask(socket, { id: 1, op: 'snapshot' }, terminal.stop);
      if (!('snapshot' in answer)) return refused(answer, terminal);
      const view = understood(() => viewOf(command.view, answer.snapshot));
      terminal.out(json ? printableJson(view.json) : renderBlocks(view.blocks, terminal.colour));
      return view.attention.length === 0 ? EXIT.well : EXIT.attention;
    }
    case 'switch': {
      const answer = await ask(
        socket,
        { id: 1, op: 'switch', tunnel: command.tunnel },
        terminal.stop,
      );
      if (!('switched' in answer)) return refused(answer, terminal);
      const { ok, because } = answer.switched;
      const words = line(cell(ok ? 'done' : 'refused', ok ? 'good' : 'bad'), `: ${because}`);
      terminal.out(json ? printableJson(answer.switched) : renderBlocks([words], terminal.colour));
      return ok ? EXIT.well : EXIT.attention;
    }
  }
}

/** What comes over the socket has the shape of whoever answers there: another version, or no agent at all. */
function understood<Shown>(show: () => Shown): Shown {
  try {
    return show();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new AgentUnreachable('what answers there is no agent of the version of this sagctl');
  }
}

async function ask(
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

/** Brought only when asked for: most of what it needs no other command does. */
async function check(
  { config, language }: Extract<SagctlCommand, { readonly command: 'check' }>,
  json: boolean,
  socket: string,
  terminal: Terminal,
): Promise<number> {
  const { checkAgent } = await import('./run-check.ts');
  const { checkExitCode } = await import('../diag/check/check-report.ts');
  const { checkBlocks } = await import('../diag/check-view.ts');
  const report = await checkAgent(socket, config, terminal.stop);
  const blocks = understood(() => checkBlocks(report, language));
  terminal.out(json ? printableJson(report) : renderBlocks(blocks, terminal.colour));
  return checkExitCode(report);
}

async function showNotes(
  { last, follow }: Extract<SagctlCommand, { readonly command: 'notes' }>,
  json: boolean,
  socket: string,
  terminal: Terminal,
): Promise<number> {
  const show = (timed: TimedNote): void => {
    const text = understood(() => renderBlocks([noteLine(timed)], terminal.colour));
    terminal.out(json ? printableJson(timed) : text);
  };
  const conversation = converse(socket, { id: 1, op: 'notes', last, follow }, (answer) => {
    if ('note' in answer) show(answer.note);
  });
  try {
    const answer = await conversation.first;
    if (!('notes' in answer)) return refused(answer, terminal);
    answer.notes.forEach(show);
    if (!follow) return EXIT.well;
    terminal.stop.addEventListener('abort', () => conversation.close(), { once: true });
    if (!terminal.stop.aborted) await conversation.ended;
    if (terminal.stop.aborted) return EXIT.well;
    throw new AgentUnreachable('the agent has gone');
  } finally {
    conversation.close();
  }
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

function refused(answer: ControlAnswer, terminal: Terminal): ExitCode {
  const { code, sentence }: Pick<ControlRefusal, 'code' | 'sentence'> = answer.ok
    ? { code: 'ECONTROL_REQUEST', sentence: 'an answer to another question' }
    : answer;
  terminal.err(`sagctl: ${printable(code)}: ${printable(sentence)}\n`);
  return EXIT.attention;
}

/** JSON on one line. `JSON.stringify` leaves C1 controls and DEL as they are; a terminal would obey them. */
function printableJson(value: unknown): string {
  const escaped = JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
  return `${escaped}\n`;
}
