/**
 * The views of `sagctl`, once or anew every second.
 */
import { setTimeout as rest } from 'node:timers/promises';
import { renderBlocks } from '../diag/text-table.ts';
import { isViewName, type View, type ViewName } from '../diag/view.ts';
import type { ViewCut } from '../diag/view-of.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { type Invocation, WrongUsage, wholeOption } from './arguments.ts';
import { ask, EXIT, printableJson, refused, type Terminal, understood } from './terminal.ts';

const WATCH_PAUSE_MS = 1_000;
const EVENTS_DEFAULT = 20;
/** As many notes as an agent keeps. */
const EVENTS_MAX = 500;
/** Home and erase below (ECMA-48): the old frame is written over, so that nothing flickers. */
const FRAME_START = '\u001b[H\u001b[J';

export async function runView(invocation: Invocation, terminal: Terminal): Promise<number> {
  const { options, command } = invocation;
  if (options.has('offline')) return showOffline(invocation, terminal);
  if (command !== 'watch' && !options.has('watch')) return show(invocation, terminal, '');
  for (;;) {
    const code = await show(invocation, terminal, terminal.colour ? FRAME_START : '');
    if (terminal.stop.aborted) return code;
    await rest(WATCH_PAUSE_MS, undefined, { signal: terminal.stop }).catch(() => undefined);
    if (terminal.stop.aborted) return code;
  }
}

async function show(invocation: Invocation, terminal: Terminal, before: string): Promise<number> {
  const { socket, json } = invocation;
  const answer = await ask(socket, { id: 1, op: 'snapshot' }, terminal.stop);
  if (!('snapshot' in answer)) return refused(answer, terminal);
  const { snapshot } = answer;
  const last = wholeOption(invocation, 'last', [0, EVENTS_MAX, EVENTS_DEFAULT]);
  const tunnel = invocation.command === 'why' ? invocation.words[0] : undefined;
  const known = understood(() => snapshot.fastPath.tunnels.map(({ id }) => id));
  if (tunnel !== undefined && !known.includes(tunnel))
    throw new WrongUsage(`there is no tunnel '${tunnel}'; there is ${known.join(', ') || 'none'}`);
  const only = tunnel === undefined ? { last } : { last, tunnel };
  const make = await makerOf(viewName(invocation));
  const view = understood(() => make(snapshot, only));
  return put(view, json, terminal, before);
}

/** `status` is asked for again and again, by people and by scripts: it comes without the code of the other views. */
async function makerOf(name: ViewName): Promise<(snapshot: AgentSnapshot, cut: ViewCut) => View> {
  if (name === 'status') return (await import('../diag/status-view.ts')).statusView;
  const { viewOf } = await import('../diag/view-of.ts');
  return (snapshot, cut) => viewOf(name, snapshot, cut);
}

function viewName({ command, words }: Invocation) {
  const name = command === 'watch' ? (words[0] ?? 'status') : command;
  if (!isViewName(name)) throw new WrongUsage(`there is no view '${name}'`);
  return name;
}

/** From the state directory and the kernel; brings what only this needs. */
async function showOffline(invocation: Invocation, terminal: Terminal): Promise<number> {
  const { offlineStatus } = await import('./offline-status.ts');
  return put(await offlineStatus(invocation), invocation.json, terminal, '');
}

function put(view: View, json: boolean, terminal: Terminal, before: string): number {
  terminal.out(
    json ? printableJson(view.json) : before + renderBlocks(view.blocks, terminal.colour),
  );
  return view.attention.length === 0 ? EXIT.well : EXIT.attention;
}
