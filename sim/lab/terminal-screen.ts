/**
 * A terminal that is redrawn in place, on the alternate screen, and given back as it was found.
 *
 * Without a terminal there is nothing to redraw: then each frame that differs is printed as plain lines.
 */
import { stripVTControlCharacters } from 'node:util';

/** Four frames a second are enough to follow and too few to notice. */
export const REDRAW_EVERY_MS = 250;

const ALTERNATE = '\u001b[?1049h\u001b[?25l';
const BACK = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const TO_LINE_END = '\u001b[K';
const PLAIN = '\u001b[0m';
/** An SGR sequence; as a group, so that splitting keeps it. */
// oxlint-disable-next-line no-control-regex
const COLOUR = /(\u001b\[[\d;]*m)/;
const TO_SCREEN_END = '\u001b[J';

export class TerminalScreen {
  readonly #output: NodeJS.WriteStream;
  readonly #input: NodeJS.ReadStream;
  #open = false;

  constructor(
    output: NodeJS.WriteStream = process.stdout,
    input: NodeJS.ReadStream = process.stdin,
  ) {
    this.#output = output;
    this.#input = input;
  }

  get interactive(): boolean {
    // A terminal that calls itself dumb cannot be redrawn.
    return this.#output.isTTY && this.#input.isTTY && process.env['TERM'] !== 'dumb';
  }

  get columns(): number {
    return this.#output.columns;
  }

  /** Takes the screen and the keyboard; each key pressed goes to `onKey`, and so does what a pipe brings. */
  open(onKey: (key: string) => void): void {
    if (this.interactive) {
      this.#open = true;
      this.#output.write(ALTERNATE);
      this.#input.setRawMode(true);
    } else if (this.#input.isTTY) return;
    this.#input.setEncoding('utf8');
    this.#input.on('data', (keys: string) => {
      for (const key of keys) onKey(key);
    });
    this.#input.resume();
  }

  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const rows = lines.slice(0, this.#output.rows - 1);
    const text = rows.map((line) => fit(line, this.#output.columns) + TO_LINE_END).join('\n');
    this.#output.write(`${HOME}${text}\n${TO_SCREEN_END}`);
  }

  close(): void {
    this.#input.pause();
    if (!this.#open) return;
    this.#open = false;
    this.#input.setRawMode(false);
    this.#output.write(BACK);
  }
}

/** Cuts to the visible width; colour codes take no room, and none stays switched on. */
function fit(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line;
  let left = columns;
  let kept = '';
  for (const part of line.split(COLOUR)) {
    const code = part.startsWith('\u001b');
    const piece = code ? part : part.slice(0, left);
    if (!code) left -= piece.length;
    kept += piece;
  }
  return kept + PLAIN;
}
