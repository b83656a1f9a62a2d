/**
 * Runs a program to its end, by argument vector and never through a shell, in a network namespace of choice.
 */
import { execFile } from 'node:child_process';
import { EngineRefused } from '../../engine-port.ts';

export interface CommandOptions {
  readonly netnsPath?: string;
  /** Written to its standard input; the only way a secret may go in. */
  readonly input?: string;
}

export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** The first line it complained with, or the errno name when it could not be started. */
  readonly complaint: string;
  /** `ENOENT`: there is no such program. */
  readonly code?: string;
}

/** These programs answer within milliseconds; one that hangs is killed. */
const COMMAND_MS_MAX = 5_000;
const OUTPUT_BYTES_MAX = 1024 * 1024;

/** The vector that runs `argv` inside a namespace; `nsenter` becomes the program, so the pid is its own. */
export function inNetns(
  argv: readonly [string, ...string[]],
  netnsPath: string | undefined,
): readonly [string, ...string[]] {
  return netnsPath === undefined ? argv : ['nsenter', `--net=${netnsPath}`, '--', ...argv];
}

export async function runCommand(
  argv: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [program, ...words] = inNetns(argv, options.netnsPath);
  return new Promise((resolve) => {
    const limits = { timeout: COMMAND_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX };
    const child = execFile(program, words, limits, (error, stdout, stderr) => {
      const code = typeof error?.code === 'string' ? error.code : undefined;
      const complaint = stderr.trim().split('\n', 1)[0] || code || error?.message || '';
      resolve({ ok: error === null, stdout, complaint, ...(code === undefined ? {} : { code }) });
    });
    // A program that ends before it has read its input is told by its exit, not by EPIPE.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** Rejects with `EENGINE_MISSING` and what to install when there is no such program. */
export async function requireProgram(
  program: string,
  debianPackage: string,
  question = '--version',
): Promise<void> {
  const result = await runCommand([program, question]);
  if (result.code !== 'ENOENT') return;
  const what = `${program} is not installed: apt-get install ${debianPackage}`;
  throw new EngineRefused('EENGINE_MISSING', what);
}
