/**
 * `sagctl bundle`: everything support needs, in one file, with the agent or without it.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { writeBundle } from '../adapters/diag/bundle-file.ts';
import { collectBundle } from '../adapters/diag/bundle-sources.ts';
import type { AnonymiseLevel } from '../diag/bundle/anonymise.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { printable } from '../report/render-printable.ts';
import { type Invocation, WrongUsage } from './arguments.ts';
import { AgentUnreachable } from './control-client.ts';
import { configOf } from './offline-config.ts';
import { reportOf } from './run-check.ts';
import { ask, EXIT, printableJson, type Terminal } from './terminal.ts';

export async function runBundle(invocation: Invocation, terminal: Terminal): Promise<number> {
  const { options, json } = invocation;
  const progress = (what: string): void => terminal.err(`sagctl: ${printable(what)}\n`);
  const level = (options.get('anonymise') ?? 'none') as AnonymiseLevel;
  const file = options.get('output') ?? `sag-bundle-${stamp(new Date())}.tar.gz`;
  const fd = created(file);
  let bytes = 0;
  try {
    progress('asking the agent');
    const snapshot = await snapshotOf(invocation, terminal.stop);
    progress('checking from this box to the cloud');
    const report = await reportOf(invocation, terminal.stop);
    progress('collecting');
    const { file: configFile, config } = configOf(invocation);
    const bundle = await collectBundle({ configFile, config, snapshot, report });
    for await (const chunk of writeBundle(bundle, level, progress)) {
      terminal.stop.throwIfAborted();
      writeSync(fd, chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    rmSync(file, { force: true });
    if (terminal.stop.aborted) return EXIT.attention;
    throw error;
  } finally {
    closeSync(fd);
  }
  const told = { v: 1, file, bytes, anonymised: level };
  terminal.out(json ? printableJson(told) : `${printable(file)}: ${bytes} bytes\n`);
  return EXIT.well;
}

async function snapshotOf(
  { socket }: Invocation,
  stop: AbortSignal,
): Promise<AgentSnapshot | undefined> {
  try {
    const answer = await ask(socket, { id: 1, op: 'snapshot' }, stop);
    return 'snapshot' in answer ? answer.snapshot : undefined;
  } catch (error) {
    if (!(error instanceof AgentUnreachable)) throw error;
    return undefined;
  }
}

/** A new file for its owner only. */
function created(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new WrongUsage(`${file} cannot be made (${code}); name one that is not there yet`);
  }
}

/** `20260505T060708Z`. */
function stamp(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
