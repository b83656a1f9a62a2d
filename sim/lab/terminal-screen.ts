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
    return this.#output.isTTY && this.#input.isTTY;
  }

  get columns(): number {
    return this.#output.columns;
  }

  /** Takes the screen and the keyboard; each key pressed goes to `onKey`. */
  open(onKey: (key: string) => void): void {
    if (!this.interactive) return;
    this.#open = true;
    this.#output.write(ALTERNATE);
    this.#input.setRawMode(true);
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
    if (!this.#open) return;
    this.#open = false;
    this.#input.setRawMode(false);
    this.#input.pause();
    this.#output.write(BACK);
  }
}

/** Cuts to the width; a line that is cut loses its colours, because half a colour code colours the rest. */
function fit(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : plain.slice(0, columns);
}
