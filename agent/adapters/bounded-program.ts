/**
 * Runs one fixed program to its end or to its bound: by argument vector, never through a shell, with bounded time and
 * output. What came until then is kept and marked as cut.
 */
import { spawn } from 'node:child_process';

export interface ProgramBounds {
  readonly msMax: number;
  readonly bytesMax: number;
  /** Hears the output as it comes, as far as the bound goes. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  readonly stop?: AbortSignal;
  /** `drop` keeps standard error out of the output, where that is binary. */
  readonly errors?: 'keep' | 'drop';
}

export interface ProgramEnd {
  /** Undefined when it was ended by us or by a signal. */
  readonly exitCode?: number;
  /** As it came. */
  readonly output: Buffer;
  /** Ended by a bound before its own end. */
  readonly cut: boolean;
  /** It is not on this machine. */
  readonly missing: boolean;
  readonly afterMs: number;
}

/** Programs read nothing of ours: no locale that changes their words, no proxy, no secret. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } as const;

export async function runBounded(
  [program, ...words]: readonly [string, ...string[]],
  { msMax, bytesMax, onBytes, stop, errors = 'keep' }: ProgramBounds,
): Promise<ProgramEnd> {
  const startedAtMs = performance.now();
  const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let cut = false;
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT });
  const end = (exitCode: number | null, missing: boolean): void => {
    clearTimeout(timer);
    stop?.removeEventListener('abort', kill);
    resolve({
      ...(exitCode !== null && { exitCode }),
      output: Buffer.concat(chunks),
      cut,
      missing,
      afterMs: performance.now() - startedAtMs,
    });
  };
  const kill = (): void => {
    cut = true;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(kill, msMax);
  const take = (chunk: Buffer): void => {
    const room = bytesMax - bytes;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    bytes += kept.length;
    if (kept.length > 0) {
      chunks.push(kept);
      onBytes?.(kept);
    }
    if (chunk.length > room && !cut) kill();
  };
  child.stdout.on('data', take);
  if (errors === 'keep') child.stderr.on('data', take);
  else child.stderr.resume();
  child.on('error', () => end(null, true));
  child.on('close', (code) => end(code, false));
  if (stop?.aborted === true) kill();
  else stop?.addEventListener('abort', kill, { once: true });
  return promise;
}
