/**
 * `sagctl notes`: the newest notes, and with `--follow` every further one.
 */
import { NOTES_MAX } from '../diag/control-protocol.ts';
import type { TimedNote } from '../model/snapshot.ts';
import { type Invocation, wholeOption } from './arguments.ts';
import { AgentUnreachable, converse } from './control-client.ts';
import { showNote } from './note-line.ts';
import { EXIT, refused, type Terminal } from './terminal.ts';

const NOTES_DEFAULT = 20;

export async function runNotes(invocation: Invocation, terminal: Terminal): Promise<number> {
  const { json, socket, options } = invocation;
  const last = wholeOption(invocation, 'last', [0, NOTES_MAX, NOTES_DEFAULT]);
  const follow = options.has('follow');
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
