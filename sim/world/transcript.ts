/**
 * What happened in a simulated run, one line per thing worth telling, in virtual time.
 *
 * Lines are data until they are printed. Every step of the run, told or not, also goes into a fingerprint:
 * two runs with equal fingerprints did the same things at the same moments, down to each packet.
 */
export type LineKind = 'option' | 'fault' | 'note' | 'message' | 'check' | 'story';

export interface TranscriptLine {
  readonly atMs: number;
  readonly kind: LineKind;
  /** The participant that speaks. */
  readonly from: string;
  /** The participant spoken to, for a message. */
  readonly to?: string;
  readonly text: string;
}

/** A run that tells more than this is printed up to here; its fingerprint still covers everything. */
const LINES_MAX = 100_000;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export class Transcript {
  readonly lines: TranscriptLine[] = [];
  #left = 0;
  #fingerprint = FNV_OFFSET;
  #steps = 0;

  tell(line: TranscriptLine): void {
    this.mark(line.atMs, line.text);
    if (this.lines.length < LINES_MAX) this.lines.push(line);
    else this.#left += 1;
  }

  /** Counts a step into the fingerprint without telling it. */
  mark(atMs: number, what: string): void {
    this.#steps += 1;
    let hash = Math.imul(this.#fingerprint ^ Math.round(atMs * 1_000), FNV_PRIME);
    for (let at = 0; at < what.length; at += 1) {
      hash = Math.imul(hash ^ what.charCodeAt(at), FNV_PRIME);
    }
    this.#fingerprint = hash >>> 0;
  }

  markBytes(atMs: number, bytes: Uint8Array): void {
    let hash = FNV_OFFSET;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
    this.mark(atMs, (hash >>> 0).toString(16));
  }

  /** Plain text: one line per entry, then how the run can be told from another. */
  toText(): string {
    const rows = this.lines.map(textOf);
    if (this.#left > 0) rows.push(`… ${this.#left} more lines`);
    rows.push(
      `${this.#steps} steps, fingerprint ${this.#fingerprint.toString(16).padStart(8, '0')}`,
    );
    return `${rows.join('\n')}\n`;
  }
}

/** Wide enough for a day of virtual time, so that columns stay aligned. */
const TIME_WIDTH = 12;
const FROM_WIDTH = 16;

function textOf(line: TranscriptLine): string {
  const time = (line.atMs / 1_000).toFixed(4).padStart(TIME_WIDTH);
  const speaker = line.to === undefined ? line.from : `${line.from} → ${line.to}`;
  return `${time}  ${line.kind.padEnd(7)} ${speaker.padEnd(FROM_WIDTH)} ${line.text}`;
}
