/**
 * A network namespace for one suite, with a veth pair in it, removed with everything at the end.
 */
import { execFileSync } from 'node:child_process';

export interface BenchNetns {
  readonly name: string;
  readonly path: string;
  ip(words: readonly string[], input?: string): string;
  remove(): void;
}

/** Throws when namespaces cannot be made here. */
export function benchNetns(): BenchNetns {
  const name = `sagb-${process.pid}`;
  execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
  const ip = (words: readonly string[], input = ''): string =>
    execFileSync('ip', ['-n', name, ...words], {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  const remove = (): void => {
    execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' });
  };
  try {
    ip(['link', 'set', 'lo', 'up']);
    ip(['link', 'add', 'wan1', 'type', 'veth', 'peer', 'name', 'far1']);
    ip(['link', 'set', 'far1', 'up']);
    ip(['link', 'set', 'wan1', 'up']);
  } catch (error) {
    remove();
    throw error;
  }
  return { name, path: `/run/netns/${name}`, ip, remove };
}
