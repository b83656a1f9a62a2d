/**
 * A network namespace of a test's own, made with ip(8) and removed with everything in it.
 *
 * Names carry the process id, so that runs side by side never meet.
 */
import { execFileSync } from 'node:child_process';

export interface ScratchNetns {
  readonly name: string;
  readonly path: string;
  /** Runs `ip -n <name> …` and returns what it printed. */
  ip(...words: readonly string[]): string;
  /** Runs many `ip` commands in one process. */
  ipBatch(commands: readonly string[]): void;
  remove(): void;
}

let made = 0;

/** Why namespaces cannot be made here; undefined when they can. */
export function netnsMissing(): string | undefined {
  try {
    scratchNetns().remove();
    return undefined;
  } catch (error) {
    return `no network namespaces here: ${String(error)}`;
  }
}

export function scratchNetns(): ScratchNetns {
  made += 1;
  const name = `sagk-${process.pid}-${made}`;
  execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
  return {
    name,
    path: `/run/netns/${name}`,
    ip: (...words) =>
      execFileSync('ip', ['-n', name, ...words], { encoding: 'utf8', stdio: 'pipe' }),
    ipBatch: (commands) => {
      execFileSync('ip', ['-n', name, '-batch', '-'], { input: `${commands.join('\n')}\n` });
    },
    remove: () => {
      execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' });
    },
  };
}
