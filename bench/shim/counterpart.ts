/**
 * The process on the other side of a round: says "ready", works until its standard input ends, then reports.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Counterpart {
  /** Ends its input and resolves with the lines it reported. */
  finish(): Promise<readonly string[]>;
}

export async function startCounterpart(
  program: string,
  words: readonly string[],
): Promise<Counterpart> {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => lines.push(line));
  const ended = once(child, 'close');
  await Promise.race([
    once(reader, 'line'),
    ended.then(() => {
      throw new Error(`${program} ${words.join(' ')} ended before it was ready`);
    }),
  ]);
  return {
    finish: async () => {
      child.stdin.end();
      await ended;
      return lines.slice(1);
    },
  };
}

/** Arguments that run a TypeScript file beside this one on this Node. */
export function nodeWords(file: string, ...words: readonly string[]): readonly string[] {
  const path = new URL(file, import.meta.url).pathname;
  return ['--disable-warning=ExperimentalWarning', path, ...words];
}
