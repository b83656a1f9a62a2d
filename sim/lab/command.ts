/**
 * Runs the lab's tools (`ip`, `nft`, `mount`) as argument arrays, never through a shell.
 *
 * A tool that refuses is an exception here: the lab is a test bench, and a bench that is half built must not
 * be measured on.
 */
import { spawn } from 'node:child_process';

/** No tool of the lab prints more than this; the rest would be an accident. */
const OUTPUT_BYTES_MAX = 1024 * 1024;
/** A tool that has not answered by now hangs. */
const TOOL_MS_MAX = 10_000;

export interface CommandOptions {
  /** Written to the tool's standard input, which is then closed. */
  readonly input?: string;
  /** Network namespace the tool runs in. */
  readonly netnsPath?: string;
}

/** What a tool printed, once it has ended well. */
export async function runCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const [file, ...rest] = insideNetns(argv, options.netnsPath);
  if (file === undefined) throw new LabFailed('no command given');
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'], timeout: TOOL_MS_MAX });
    let stdout = '';
    let stderr = '';
    const keep = (text: string, chunk: Buffer): string =>
      text.length > OUTPUT_BYTES_MAX ? text : text + chunk.toString('utf8');
    child.stdout.on('data', (chunk: Buffer) => (stdout = keep(stdout, chunk)));
    child.stderr.on('data', (chunk: Buffer) => (stderr = keep(stderr, chunk)));
    // A tool may end before it has read its input; its exit code tells why.
    child.stdin.on('error', () => {});
    child.on('error', (error) => reject(new LabFailed(`${argv.join(' ')}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new LabFailed(`${argv.join(' ')}: ${stderr.trim() || `exit ${code ?? signal}`}`));
    });
    child.stdin.end(options.input ?? '');
  });
}

/** The same command, entering a network namespace first. */
export function insideNetns(argv: readonly string[], netnsPath?: string): readonly string[] {
  return netnsPath === undefined ? argv : ['nsenter', `--net=${netnsPath}`, '--', ...argv];
}

/** The bench could not be built or broke; nothing about the product is said by it. */
export class LabFailed extends Error {
  override readonly name = 'LabFailed';
}
