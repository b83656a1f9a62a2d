/**
 * A note at a terminal: one line for people, or JSON for scripts.
 */
import { type Block, cell, line, renderBlocks, type Tone } from '../diag/text-table.ts';
import type { NoteLevel } from '../model/note.ts';
import type { TimedNote } from '../model/snapshot.ts';
import { renderNote } from '../report/render-note.ts';
import { printableJson, type Terminal, understood } from './terminal.ts';

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
