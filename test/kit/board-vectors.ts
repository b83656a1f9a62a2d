/**
 * Reads the hand-made board vectors: entries of `key: value` lines, blank lines between them, `#` comments.
 */
import { readFileSync } from 'node:fs';

export interface BoardVector {
  readonly name: string;
  readonly line: Uint8Array;
  /** Everything else, by key. */
  readonly fields: ReadonlyMap<string, string>;
}

export function readBoardVectors(file: string): readonly BoardVector[] {
  const path = new URL(`../vectors/board/${file}`, import.meta.url);
  const text = readFileSync(path, 'utf8').replace(/^#.*\n/gm, '');
  return text.trim().split(/\n\n+/).map(parseEntry);
}

function parseEntry(entry: string): BoardVector {
  const fields = new Map<string, string>();
  for (const line of entry.split('\n')) {
    const [key = '', value = ''] = line.split(/: (.*)/s);
    fields.set(key, value);
  }
  const bytes = (fields.get('line') ?? '').trim().split(' ');
  return {
    name: fields.get('name') ?? '',
    line: Uint8Array.from(bytes, (hex) => Number.parseInt(hex, 16)),
    fields,
  };
}
