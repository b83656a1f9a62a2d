/**
 * Runs one `sagctl` command and answers with its exit code.
 */
import type { ControlAnswer, ControlRequest } from '../diag/control-protocol.ts';
import { cell, line, renderBlocks } from '../diag/text-table.ts';
import { viewOf } from '../diag/view-of.ts';
import type { TimedNote } from '../model/snapshot.ts';
import { printable } from '../report/render-printable.ts';
import { readArguments, type SagctlCommand } from './arguments.ts';
import { updateBoard } from './board-update.ts';
import { AgentUnreachable, converse } from './control-client.ts';
import { helpText } from './help.ts';
import {
  EXIT,
  type ExitCode,
  printableJson,
  refused,
  showNote,
  type Terminal,
  understood,
} from './terminal.ts';

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
    case 'boardUpdate':
      return updateBoard(command.imageFile, json, socket, terminal);
    case 'boardAbort': {
      const answer = await ask(socket, { id: 1, op: 'boardAbort' }, terminal.stop);
      if (!('update' in answer)) return refused(answer, terminal);
      const words = line(`the update to ${answer.update.version} is called off`);
      terminal.out(json ? printableJson(answer.update) : renderBlocks([words], terminal.colour));
      return EXIT.well;
    }
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
): Promise<ExitCode> {
  const show = (timed: TimedNote): void => showNote(timed, json, terminal);
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
