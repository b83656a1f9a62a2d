/**
 * Text blocks for people at a terminal: headings, lines and aligned tables, with tones instead of colours.
 *
 * Every text is escaped here, at the last moment before it reaches a terminal, so that no view can forget it.
 */
import { printable } from '../report/render-printable.ts';

export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'warning' | 'bad';

export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

export type Block =
  | { readonly block: 'heading'; readonly text: string }
  | { readonly block: 'line'; readonly cells: readonly Cell[] }
  | {
      readonly block: 'table';
      /** Left out where the rows speak for themselves. */
      readonly head?: readonly string[];
      readonly rows: readonly (readonly Cell[])[];
      /** What stands there when there is no row. */
      readonly none: string;
    };

export function cell(text: string | number, tone: Tone = 'plain'): Cell {
  return { text: String(text), tone };
}

export function line(...cells: readonly (Cell | string)[]): Block {
  return {
    block: 'line',
    cells: cells.map((each) => (typeof each === 'string' ? cell(each) : each)),
  };
}

/** SGR sequences (ECMA-48) that are readable on light and dark terminals. */
const PAINT: Readonly<Record<Tone, string>> = {
  plain: '',
  strong: '\u001b[1m',
  dim: '\u001b[2m',
  good: '\u001b[32m',
  warning: '\u001b[33m',
  bad: '\u001b[31m',
};
const PLAIN = '\u001b[0m';
const GAP = '  ';
/** A cell that is longer makes a table unreadable. */
const CELL_CHARACTERS_MAX = 400;

/** The blocks as text, every line ended; colour only where asked for. */
export function renderBlocks(blocks: readonly Block[], colour: boolean): string {
  const lines = blocks.flatMap((block, index) => [
    ...(block.block === 'heading' && index > 0 ? [''] : []),
    ...renderBlock(block, colour),
  ]);
  return lines.map((each) => `${each}\n`).join('');
}

function renderBlock(block: Block, colour: boolean): readonly string[] {
  switch (block.block) {
    case 'heading':
      return [painted(cell(block.text, 'strong'), colour)];
    case 'line':
      return [block.cells.map((each) => painted(each, colour)).join('')];
    case 'table':
      return block.rows.length === 0
        ? [painted(cell(`${GAP}${block.none}`, 'dim'), colour)]
        : table([...headOf(block.head), ...block.rows], colour);
  }
}

function headOf(head: readonly string[] | undefined): readonly (readonly Cell[])[] {
  return head === undefined ? [] : [head.map((text) => cell(text, 'dim'))];
}

function table(rows: readonly (readonly Cell[])[], colour: boolean): readonly string[] {
  const shown = rows.map((row) => row.map((each) => ({ ...each, text: safe(each.text) })));
  const widths: number[] = [];
  for (const row of shown) {
    for (const [column, { text }] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, width(text));
    }
  }
  return shown.map((row) => {
    const cells = row.map((each, column) => {
      const last = column === row.length - 1;
      const padding = last ? '' : ' '.repeat((widths[column] ?? 0) - width(each.text));
      return painted(each, colour) + padding;
    });
    return `${GAP}${cells.join(GAP)}`.trimEnd();
  });
}

function safe(text: string): string {
  return printable(text, CELL_CHARACTERS_MAX);
}

function width(text: string): number {
  return Array.from(text).length;
}

function painted({ text, tone }: Cell, colour: boolean): string {
  const shown = printable(text);
  const paint = colour && shown !== '' ? PAINT[tone] : '';
  return paint === '' ? shown : `${paint}${shown}${PLAIN}`;
}
