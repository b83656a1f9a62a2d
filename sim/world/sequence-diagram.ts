/**
 * Draws a transcript as a mermaid sequence diagram: messages are arrows, notes and faults stand over their
 * participant, and time is written wherever it moves.
 */
import type { TranscriptLine } from './transcript.ts';

/** Mermaid draws nothing beyond this many lines in a readable way; the rest is left to the text form. */
const DRAWN_MAX = 400;

export function toSequenceDiagram(lines: readonly TranscriptLine[]): string {
  const drawn = lines.filter((line) => line.kind !== 'option').slice(0, DRAWN_MAX);
  const rows = ['sequenceDiagram'];
  for (const name of participantsOf(drawn)) rows.push(`  participant ${idOf(name)} as ${name}`);
  for (const line of drawn) rows.push(`  ${drawLine(line)}`);
  const left = lines.filter((line) => line.kind !== 'option').length - drawn.length;
  if (left > 0) rows.push(`  %% ${left} more lines`);
  return `${rows.join('\n')}\n`;
}

function participantsOf(lines: readonly TranscriptLine[]): readonly string[] {
  const names = new Set<string>();
  for (const line of lines) {
    names.add(line.from);
    if (line.to !== undefined) names.add(line.to);
  }
  return [...names];
}

function drawLine(line: TranscriptLine): string {
  const text = `${(line.atMs / 1_000).toFixed(3)} s ${escapeText(line.text)}`;
  if (line.to !== undefined) return `${idOf(line.from)}->>${idOf(line.to)}: ${text}`;
  const mark = line.kind === 'fault' ? '⚡ ' : '';
  return `Note over ${idOf(line.from)}: ${mark}${text}`;
}

function idOf(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '_');
}

/** A semicolon or a number sign would end the statement. */
function escapeText(text: string): string {
  return text.replaceAll(';', ',').replaceAll('#', '#35;').replaceAll(/\s+/g, ' ');
}
