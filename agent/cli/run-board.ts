/**
 * `sagctl board`: the view of the board, or an update of its firmware.
 */
import { line, renderBlocks } from '../diag/text-table.ts';
import { type Invocation, WrongUsage } from './arguments.ts';
import { updateBoard } from './board-update.ts';
import { runView } from './run-view.ts';
import { ask, EXIT, printableJson, refused, type Terminal } from './terminal.ts';

export async function runBoard(invocation: Invocation, terminal: Terminal): Promise<number> {
  const { words, json, socket } = invocation;
  const [action, image] = words;
  if (action === undefined) return runView(invocation, terminal);
  if (action === 'update') {
    if (image === undefined) throw new WrongUsage('name the image file');
    return updateBoard(image, json, socket, terminal);
  }
  if (image !== undefined) throw new WrongUsage(`'board abort' takes no '${image}'`);
  const answer = await ask(socket, { id: 1, op: 'boardAbort' }, terminal.stop);
  if (!('update' in answer)) return refused(answer, terminal);
  const said = line(`the update to ${answer.update.version} is called off`);
  terminal.out(json ? printableJson(answer.update) : renderBlocks([said], terminal.colour));
  return EXIT.well;
}
