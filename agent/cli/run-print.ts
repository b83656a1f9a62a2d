/**
 * What `sagctl` prints for other programs: metrics, completion and the man page.
 */
import { metricsText } from '../diag/metrics-text.ts';
import type { Invocation } from './arguments.ts';
import { bashCompletion, manPage, zshCompletion } from './completion.ts';
import { ask, EXIT, printableJson, refused, type Terminal, understood } from './terminal.ts';

export async function runMetrics(invocation: Invocation, terminal: Terminal): Promise<number> {
  const answer = await ask(invocation.socket, { id: 1, op: 'snapshot' }, terminal.stop);
  if (!('snapshot' in answer)) return refused(answer, terminal);
  const text = understood(() => metricsText(answer.snapshot));
  terminal.out(invocation.json ? printableJson({ v: 1, text }) : text);
  return EXIT.well;
}

export async function runCompletion({ words }: Invocation, terminal: Terminal): Promise<number> {
  const [what] = words;
  terminal.out(what === 'bash' ? bashCompletion() : what === 'zsh' ? zshCompletion() : manPage());
  return Promise.resolve(EXIT.well);
}
