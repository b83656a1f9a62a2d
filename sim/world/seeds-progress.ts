/**
 * How far a run over many seeds has come, on one line, and what it came to at the end.
 */
import type { SeedsResult } from './seed-pool.ts';

/** A terminal's line is rewritten; a log gets a line now and then. */
const EVERY_MS = { terminal: 500, log: 15_000 } as const;

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class SeedsProgress {
  readonly #stream: ProgressStream;
  readonly #seeds: number;
  readonly #nowMs: () => number;
  readonly #startedAtMs: number;
  #toldAtMs: number;

  constructor(stream: ProgressStream, seeds: number, nowMs: () => number) {
    this.#stream = stream;
    this.#seeds = seeds;
    this.#nowMs = nowMs;
    this.#startedAtMs = nowMs();
    this.#toldAtMs = this.#startedAtMs;
  }

  done(count: number): void {
    const nowMs = this.#nowMs();
    const isTerminal = this.#stream.isTTY === true;
    if (nowMs - this.#toldAtMs < (isTerminal ? EVERY_MS.terminal : EVERY_MS.log)) return;
    this.#toldAtMs = nowMs;
    const wallS = (nowMs - this.#startedAtMs) / 1_000;
    const leftS = Math.ceil((wallS * (this.#seeds - count)) / count);
    const line = `${count} of ${this.#seeds} seeds in ${Math.round(wallS)} s, about ${leftS} s to go`;
    this.#stream.write(isTerminal ? `\r${line}\x1b[K` : `${line}\n`);
  }

  /** The line of the whole run. */
  summary({ done, failed, livedMs, convergedMsMax }: SeedsResult): string {
    if (this.#stream.isTTY === true) this.#stream.write('\r\x1b[K');
    const wallS = Math.max(0.001, (this.#nowMs() - this.#startedAtMs) / 1_000);
    const livedS = livedMs / 1_000;
    const held = failed === undefined ? `${done} seeds held` : `stopped at seed ${failed.seed}`;
    return (
      `${held}: ${grouped(livedS)} simulated device-seconds in ${wallS.toFixed(1)} s, ` +
      `${grouped(livedS / wallS)} simulated seconds per second; ` +
      `slowest convergence ${(convergedMsMax / 1_000).toFixed(1)} s`
    );
  }
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
